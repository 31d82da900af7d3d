import HostileInput

/// What libFuzzer calls with one input after the other, in one thread.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try Fuzzing.promises.check(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    // libFuzzer keeps the input of a process that ends like this.
    fatalError("\(error)")
  }
  return 0
}

/// What is kept from input to input.
enum Fuzzing {
  /// Sound, as libFuzzer has one thread that calls the target.
  nonisolated(unsafe) static var promises = Promises(schema)

  private static let schema: EventSchema = {
    do {
      return try Seeds.schema()
    } catch {
      fatalError("the schema of events cannot be read: \(error)")
    }
  }()
}
