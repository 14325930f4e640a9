/// What a simulator has done so far.
public struct SimulatorStatus: Equatable, Sendable {
  /// Orders that happened at the venue.
  public var sent = 0
  /// Orders of the flow; of one pass when it loops.
  public var total = 0
  /// Whether the flow is over, every fault included, and the file of what was sent is written.
  public var isFinished = false
  /// Open WebSocket connections.
  public var connections = 0
  /// What they have subscribed to, all together.
  public var subscriptions = 0
  /// Faults that happened.
  public var faults: [Fault: Int] = [:]
  /// Requests to the REST of either venue.
  public var restRequests = 0
  /// Those of them that were answered with 429 or 503.
  public var restErrors = 0

  /// The status as a JSON object.
  public var json: String {
    let kinds = Fault.allCases.filter { faults[$0] != nil }
    let counts = kinds.map { "\"\($0.rawValue)\":\(faults[$0] ?? 0)" }.joined(separator: ",")
    return """
      {"sent":\(sent),"total":\(total),"finished":\(isFinished),"connections":\(connections),\
      "subscriptions":\(subscriptions),"faults":{\(counts)},"rest_requests":\(restRequests),\
      "rest_errors":\(restErrors)}
      """
  }
}
