/// The orders in which objects had their members, so that the next object of a kind is read by
/// comparison: what stands between one value and the next, commas, quotes, name and colon, is
/// found in one go, the name needs no search, and no member can be there twice.
///
/// A tree: each node is a member that once followed the one above it, and no member occurs twice
/// on the way to a node. What does not fit in is read the long way, and learnt. The tree begins
/// anew when it is full, so that neither memory nor time depend on how many orders there are.
struct MemberOrders: ~Copyable {
  /// A place in the tree; the first one stands before all members.
  struct Node: Equatable {
    fileprivate let index: Int32

    static let root = Node(index: 0)
    fileprivate static let none = Node(index: -1)
  }

  /// What leads to a node: the bytes from the end of the value before to the begin of its own.
  private struct Lead {
    var start: Int32 = 0
    var count: Int32 = 0
    var nameStart: Int32 = 0
    var nameCount: Int32 = 0
    var member: RawMember?
    var firstChild = Node.none
    var nextSibling = Node.none
    /// Makes it a power of two, so that a place in the tree is found by a shift.
    private var padding: Int32 = 0

    init() {}

    init(
      start: Int, count: Int, nameStart: Int, nameCount: Int, member: RawMember?, nextSibling: Node
    ) {
      self.start = Int32(start)
      self.count = Int32(count)
      self.nameStart = Int32(nameStart)
      self.nameCount = Int32(nameCount)
      self.member = member
      self.nextSibling = nextSibling
    }
  }

  /// A member whose name the tree knows.
  struct Match {
    let node: Node
    let name: ByteView
    let member: RawMember?
    /// Where its value begins.
    let value: UnsafePointer<UInt8>
  }

  private let leads: UnsafeMutablePointer<Lead>
  private var count = 1
  private let bytes: UnsafeMutablePointer<UInt8>
  private var byteCount = 0
  private static let nodesMax = 2048
  private static let bytesMax = 65_536
  /// How long a lead may be; longer ones are read the long way.
  private static let leadMax = 96
  /// How many members that followed one another are tried.
  private static let siblingsMax = 12

  init() {
    leads = .allocate(capacity: MemberOrders.nodesMax)
    leads.initialize(to: Lead())
    bytes = .allocate(capacity: MemberOrders.bytesMax)
  }

  deinit {
    leads.deallocate()
    bytes.deallocate()
  }

  /// The member that follows `node` and whose lead stands at `pointer`; nil when the tree has none.
  /// What was found is looked for first the next time.
  @inline(__always)
  mutating func next(after node: Node, at pointer: UnsafePointer<UInt8>) -> Match? {
    let child = leads[Int(node.index)].firstChild
    guard child != Node.none else { return nil }
    if isLead(of: child, at: pointer) { return match(child, pointer) }
    return sibling(of: child, under: node, at: pointer)
  }

  private mutating func sibling(
    of first: Node, under node: Node, at pointer: UnsafePointer<UInt8>
  ) -> Match? {
    var before = first
    var tried = 1
    while tried < MemberOrders.siblingsMax {
      let child = leads[Int(before.index)].nextSibling
      guard child != Node.none else { return nil }
      if isLead(of: child, at: pointer) {
        leads[Int(before.index)].nextSibling = leads[Int(child.index)].nextSibling
        leads[Int(child.index)].nextSibling = first
        leads[Int(node.index)].firstChild = child
        return match(child, pointer)
      }
      before = child
      tried += 1
    }
    return nil
  }

  @inline(__always)
  private func isLead(of node: Node, at pointer: UnsafePointer<UInt8>) -> Bool {
    let lead = leads[Int(node.index)]
    return equalBytes(bytes + Int(lead.start), pointer, Int(lead.count))
  }

  @inline(__always)
  private func match(_ node: Node, _ pointer: UnsafePointer<UInt8>) -> Match {
    let lead = leads[Int(node.index)]
    return Match(
      node: node,
      name: ByteView(start: pointer + Int(lead.nameStart), count: Int(lead.nameCount)),
      member: lead.member, value: ValidJSON.skipBlanks(pointer + Int(lead.count)))
  }

  /// Adds a member behind `node`: its name stands in the bytes from `start` to where its value
  /// begins, has no escape and occurs once in its object. Returns nil when it is not to be learnt.
  mutating func learn(
    _ name: ByteView, _ member: RawMember?, from start: UnsafePointer<UInt8>,
    to value: UnsafePointer<UInt8>, after node: Node
  ) -> Node? {
    let length = value - start
    guard length <= MemberOrders.leadMax, count < MemberOrders.nodesMax,
      byteCount + length <= MemberOrders.bytesMax
    else { return nil }
    let added = Node(index: Int32(count))
    (bytes + byteCount).update(from: start, count: length)
    (leads + count).initialize(
      to: Lead(
        start: byteCount, count: length, nameStart: name.start - start, nameCount: name.count,
        member: member, nextSibling: leads[Int(node.index)].firstChild))
    leads[Int(node.index)].firstChild = added
    byteCount += length
    count += 1
    return added
  }

  /// Begins anew when there is hardly any room left. Not to be called while an object is read.
  mutating func makeRoom() {
    guard
      count > MemberOrders.nodesMax * 7 / 8 || byteCount > MemberOrders.bytesMax * 7 / 8
    else { return }
    leads[0].firstChild = .none
    count = 1
    byteCount = 0
  }
}
