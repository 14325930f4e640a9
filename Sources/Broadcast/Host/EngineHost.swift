public import Journal
import Synchronization

/// What the server asks of the engine beside it.
///
/// Everything here may be called from any task, and answers when the run is over too.
public protocol EngineHost: Sendable {
  /// Where the run stands, as one JSON object: what `betterbot status` shows programs.
  func statusJSON() async -> [UInt8]

  /// The rules that run, in order, and the version of the set.
  func rules() async -> (version: String, rules: [RuleStanding])

  /// Why the run cannot do its work at the moment; empty when it can.
  func troubles() async -> [String]

  /// Reads the rules folder again.
  func reload() async -> RuleChange

  /// Puts a file into the rules folder, and runs it; nothing changes when there is something against it.
  func put(rule id: String, source: [UInt8]) async -> RuleChange

  /// Takes a rule's file out of the folder.
  func remove(rule id: String) async -> RuleChange

  /// Calls a rule again that was put away after too many failures.
  func resume(rule id: String) async -> RuleChange

  /// Writes into the journal, in a transaction of its own, and returns when it is committed.
  func edit(_ body: @escaping @Sendable (Journal) throws(JournalError) -> Void) async throws(EditFailure)

  /// The webhooks, or what is to be sent again, have changed: whoever sends may look again at once.
  func webhooksChanged()
}

extension EngineHost {
  /// Writes into the journal like `edit`, and returns what `body` returns.
  public func change<Result: Sendable>(
    _ body: @escaping @Sendable (Journal) throws(JournalError) -> Result
  ) async throws(EditFailure) -> Result {
    let box = EditResult<Result>()
    try await edit { journal throws(JournalError) in box.set(try body(journal)) }
    guard let result = box.value else { throw EditFailure("the change was not made", isTransient: true) }
    return result
  }
}

/// What an edit returned, on its way from the engine's thread.
private final class EditResult<Result: Sendable>: Sendable {
  private let result = Mutex<Result?>(nil)
  var value: Result? { result.withLock { $0 } }
  func set(_ value: Result) { result.withLock { $0 = value } }
}

/// Why nothing could be written.
public struct EditFailure: Error, Equatable, CustomStringConvertible {
  /// One sentence for people.
  public var description: String
  /// Whether it is worth trying again.
  public var isTransient: Bool

  /// A failure in words.
  public init(_ description: String, isTransient: Bool) {
    self.description = description
    self.isTransient = isTransient
  }
}
