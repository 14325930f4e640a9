/// Steps of pending matches, each linked to the one before it; a free one is linked to the next free one.
struct SequencePool: ~Copyable {
  struct Node {
    /// The step before it, -1 for the first.
    var parent: Int32
    /// The first step of its match: time and journal number.
    var firstTime: Int64
    var firstSeq: Int64
    /// The next step must be before this time: a `never` that is known already comes then.
    var limit: Int64
    var step: SequenceStep
  }

  private var nodes: UnsafeMutablePointer<Node>
  private var capacity = 64
  private var used = 0
  private var firstFree: Int32 = -1
  /// Nodes in use.
  private(set) var live = 0

  init() { nodes = .allocate(capacity: 64) }

  deinit { nodes.deallocate() }

  /// The node at a place; valid until the next `take`.
  @inline(__always)
  func node(_ place: Int32) -> UnsafeMutablePointer<Node> { nodes + Int(place) }

  /// Keeps a step; its match begins with it when it has no parent.
  mutating func take(_ step: SequenceStep, after parent: Int32) -> Int32 {
    let place: Int32
    if firstFree >= 0 {
      place = firstFree
      firstFree = nodes[Int(place)].parent
    } else {
      if used == capacity { grow() }
      place = Int32(used)
      used += 1
    }
    live += 1
    let first =
      parent < 0 ? (step.time, step.seq) : (nodes[Int(parent)].firstTime, nodes[Int(parent)].firstSeq)
    (nodes + Int(place)).initialize(
      to: Node(parent: parent, firstTime: first.0, firstSeq: first.1, limit: .max, step: step))
    return place
  }

  /// Gives a match back, from its last step to its first.
  mutating func free(_ last: Int32) {
    var place = last
    while place >= 0 {
      let parent = nodes[Int(place)].parent
      nodes[Int(place)].parent = firstFree
      firstFree = place
      live -= 1
      place = parent
    }
  }

  /// The steps of a match, in order.
  func steps(_ last: Int32) -> [SequenceStep] {
    var result: [SequenceStep] = []
    var place = last
    while place >= 0 {
      result.append(nodes[Int(place)].step)
      place = nodes[Int(place)].parent
    }
    return result.reversed()
  }

  private mutating func grow() {
    let bigger = UnsafeMutablePointer<Node>.allocate(capacity: capacity * 2)
    bigger.update(from: nodes, count: used)
    nodes.deallocate()
    nodes = bigger
    capacity *= 2
  }
}
