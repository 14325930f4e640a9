import RuleEngine
import Synchronization

/// The wallets of `rules/tables/wallets.csv`, read again whenever the file changes.
final class WatchList: Sendable {
  /// What became of the file.
  enum Change {
    case same
    /// The running sources with the new list.
    case changed(RuleSources)
    case broken(String)
  }

  private struct State {
    var sources: RuleSources?
    /// The file as it was read last, good or not.
    var seen: [UInt8]?
    var isNew = false
  }

  private let path: String
  private let state = Mutex(State())
  static let fileName = "wallets.csv"

  init(folder: String) { path = folder + "/tables/" + WatchList.fileName }

  /// Every wallet on the list.
  var wallets: [String] { state.withLock { $0.sources.map { Array($0.labels.keys) } ?? [] } }

  /// Takes the sources that run now.
  func set(_ sources: RuleSources) {
    state.withLock { state in
      if let before = state.sources, Set(before.labels.keys) != Set(sources.labels.keys) {
        state.isNew = true
      }
      state.sources = sources
      state.seen = sources.tables.first { $0.name == WatchList.fileName }?.source
    }
  }

  /// Whether other wallets are on the list than the last time this was asked.
  func takeNews() -> Bool {
    state.withLock { state in
      defer { state.isNew = false }
      return state.isNew
    }
  }

  /// Looks at the file; a list that cannot be read changes nothing.
  func check() -> Change {
    guard let bytes = try? RuleFolder.contents(path) else { return .same }
    return state.withLock { state in
      guard var sources = state.sources, bytes != state.seen else { return .same }
      state.seen = bytes
      do throws(RuleFolder.Failure) {
        sources.labels = try WalletTable.parse(String(decoding: bytes, as: UTF8.self), path: path)
      } catch {
        return .broken(error.description)
      }
      sources.tables.removeAll { $0.name == WatchList.fileName }
      sources.tables.append(RuleSources.File(name: WatchList.fileName, source: bytes))
      sources.tables.sort { $0.name < $1.name }
      state.sources = sources
      state.isNew = true
      return .changed(sources)
    }
  }
}
