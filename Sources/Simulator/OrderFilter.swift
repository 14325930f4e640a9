/// Which orders a subscription gets; texts are numbers of the flow's pool.
enum OrderFilter: Equatable, Sendable {
  case everything
  case users(Set<UInt32>)
  case conditions(Set<UInt32>)
  case slugs(Set<UInt32>)

  /// Whether the subscription gets this order.
  func matches(_ order: FlowOrder, _ outcome: Outcome) -> Bool {
    switch self {
    case .everything: true
    case .users(let wanted): wanted.contains(order.user)
    case .conditions(let wanted): wanted.contains(outcome.conditionID)
    case .slugs(let wanted): wanted.contains(outcome.slug)
    }
  }
}
