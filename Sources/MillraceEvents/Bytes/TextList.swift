/// Different texts in the order in which they came. A handful takes no memory on the heap; events
/// that name more are rare enough to allocate for.
struct TextList {
  /// The most texts of one list, twice what a mail may have recipients; those beyond are in other
  /// fields, and would make one value larger than receivers take.
  static let capacity = 2_000

  private static let fewMax = 8
  private var few:
    (
      ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?
    ) = (nil, nil, nil, nil, nil, nil, nil, nil)
  /// The texts behind the first few.
  private var more: [ByteView] = []
  private var known: Set<MemberName> = []
  private(set) var count = 0

  subscript(index: Int) -> ByteView {
    if index >= TextList.fewMax { return more[index - TextList.fewMax] }
    let found: ByteView? =
      switch index {
      case 0: few.0
      case 1: few.1
      case 2: few.2
      case 3: few.3
      case 4: few.4
      case 5: few.5
      case 6: few.6
      default: few.7
      }
    return found ?? ByteView("")
  }

  /// Adds a text unless it is nil, empty or there already.
  mutating func add(_ text: ByteView?) {
    guard let text, !text.isEmpty, count < TextList.capacity else { return }
    for index in 0..<min(count, TextList.fewMax) where self[index] == text { return }
    switch count {
    case 0: few.0 = text
    case 1: few.1 = text
    case 2: few.2 = text
    case 3: few.3 = text
    case 4: few.4 = text
    case 5: few.5 = text
    case 6: few.6 = text
    case 7: few.7 = text
    default:
      // By hash, as so many would be compared too often.
      guard known.insert(MemberName(view: text)).inserted else { return }
      more.append(text)
    }
    count += 1
  }
}
