import HostileInput
import MillraceCore

/// How libFuzzer makes an input of another one: by bytes, as it does without this, and every other
/// time by members.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateInput(
  _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: UInt32
) -> Int {
  if seed & 1 == 0 { return mutateBytes(start, count, countMax) }
  var generator = SeededGenerator(seed: UInt64(seed))
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let changed = mutator.mutate(bytes, countMax: countMax, with: &generator)
  for (index, byte) in changed.enumerated() { start[index] = byte }
  return changed.count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(
  _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int
) -> Int

private let mutator = Mutator(seeds: Seeds.records())
