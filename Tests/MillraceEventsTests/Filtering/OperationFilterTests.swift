import MillraceCore
import MillraceEvents
import Testing

struct OperationFilterTests {
  private func includes(_ operations: String..., record: String) throws -> Bool {
    let body = blob("[\(record)]")
    let scanned = try #require(BlobScanner.scan(body).records.first)
    var filter = OperationFilter(operations)
    return filter.includes(scanned, of: body)
  }

  @Test(arguments: [
    #"{"Id":"1","Operation":"MailItemsAccessed"}"#,
    // Without an Id, nothing of the identity is noted by the scan.
    #"{"Operation":"MailItemsAccessed"}"#,
    #"{"Id":"1","Operation":"mailitemsaccessed","RecordType":2}"#,
    #"{"Id":"1","Operation":"Mail\u0049temsAccessed"}"#,
    #"{"Operation":"Mail\u0049temsAccessed"}"#,
    // The last of several counts.
    #"{"Id":"1","Operation":"Send","Operation":"MailItemsAccessed"}"#,
    #"{"Operation":"Send","Operation":"MailItemsAccessed"}"#,
  ])
  func `a record is taken by its operation, in any spelling`(record: String) throws {
    #expect(try includes("mailITEMSaccessed", record: record))
    #expect(try includes("Send", "MailItemsAccessed", record: record))
    #expect(try !includes("Send", record: record))
    #expect(try !includes("MailItems", record: record))
  }

  @Test(arguments: [
    "{}", #"{"Id":"1"}"#, #"{"Id":"1","Operation":7}"#, #"{"Operation":null}"#,
    #"{"Nested":{"Operation":"Send"}}"#,
  ])
  func `a record that names no operation is none of them`(record: String) throws {
    #expect(try !includes("Send", "7", "null", record: record))
  }
}
