/// The faults that are due, those that wait for somebody to hit, and the count of those that happened.
struct FaultQueue: Sendable {
  /// Faults of connections that are due, first come first.
  private(set) var waiting: [Fault] = []
  /// Faults of REST that are due.
  private(set) var waitingREST: [Fault] = []
  /// How many of each kind happened.
  private(set) var happened: [Fault: Int] = [:]
  /// How many orders a connection gets between faults.
  private(set) var spacing = 1

  private var plan: FaultPlan
  private var next = 0

  /// Begins a plan.
  init(_ plan: FaultPlan) {
    self.plan = plan
    spacing = plan.spacing
  }

  /// Whether every fault of the plan is due at least.
  var isPlanDone: Bool { next == plan.entries.count }

  /// How many orders are kept back, while nobody is there, for the faults that have yet to hit somebody.
  var reserve: Int { waiting.count * spacing }

  /// Begins the plan of a further pass; what waits goes on waiting.
  mutating func restart(_ plan: FaultPlan) {
    self = FaultQueue(plan, keeping: self)
  }

  private init(_ plan: FaultPlan, keeping old: FaultQueue) {
    self = old
    self.plan = plan
    spacing = plan.spacing
    next = 0
  }

  /// Makes those due that come after so many orders.
  mutating func advance(to position: Int) {
    while next < plan.entries.count, plan.entries[next].position <= position {
      add(plan.entries[next].fault)
      next += 1
    }
  }

  /// Makes a fault due; ahead of the others when it is to strike now.
  mutating func add(_ fault: Fault, isFirst: Bool = false) {
    if fault.isREST {
      waitingREST.insert(fault, at: isFirst ? 0 : waitingREST.count)
    } else {
      waiting.insert(fault, at: isFirst ? 0 : waiting.count)
    }
  }

  /// Takes the first fault of connections.
  mutating func take() -> Fault? { waiting.isEmpty ? nil : waiting.removeFirst() }

  /// Takes the first fault of REST, which happens by that.
  mutating func takeREST() -> Fault? {
    if waitingREST.isEmpty { return nil }
    let fault = waitingREST.removeFirst()
    count(fault)
    return fault
  }

  /// Gives up on those of REST that wait: nobody asks.
  mutating func abandonREST() { waitingREST = [] }

  /// Counts one that happened.
  mutating func count(_ fault: Fault) { happened[fault, default: 0] += 1 }
}
