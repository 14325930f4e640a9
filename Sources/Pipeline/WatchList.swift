import RuleEngine
import Synchronization

/// The wallets on the watch list of the rule set that runs, for the feeds that subscribe to them.
final class WatchList: Sendable {
  private let state = Mutex<Set<String>>([])

  /// Every wallet on the list, sorted.
  var wallets: [String] { state.withLock { $0.sorted() } }

  /// Takes the list of a rule set that begins to run; true when other wallets are on it than before.
  func set(_ sources: RuleSources) -> Bool {
    let wallets = Set(sources.labels.keys)
    return state.withLock { before in
      defer { before = wallets }
      return before != wallets
    }
  }
}
