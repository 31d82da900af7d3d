import Testing

@testable import MillracePipeline
@testable import MillraceStore

@Suite struct InFlightTests {
  @Test func `a body moves on only where no try of it came before`() {
    let inFlight = InFlight()
    let row = ContentRow(number: 1)
    #expect(inFlight.isFarther(row, 5_000_000))
    #expect(inFlight.isFarther(row, 6_000_000))
    // The next try, cut at the same place.
    #expect(!inFlight.isFarther(row, 5_000_000))
    #expect(!inFlight.isFarther(row, 6_000_000))
    #expect(inFlight.isFarther(ContentRow(number: 2), 1))
    #expect(inFlight.isFarther(row, 6_000_001))
    inFlight.forgetTries(row)
    #expect(inFlight.isFarther(row, 1))
  }
}
