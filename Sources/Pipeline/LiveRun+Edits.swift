import Broadcast
import Journal
import Logging
import Synchronization

extension LiveRun {
  /// What a change of the journal by hand was about.
  public enum EditKind: Sendable {
    /// Who may use the API.
    case tokens
  }

  /// Has the engine write something between two batches; returns when it is committed.
  ///
  /// Nothing of it is kept when that fails.
  func edit<Result: Sendable>(
    _ body: @escaping @Sendable (Journal) throws(JournalError) -> Result
  ) async throws(EditFailure) -> Result {
    let written = Mutex<Result?>(nil)
    let outcome = await withCheckedContinuation {
      (answer: CheckedContinuation<LiveBoard.EditOutcome, Never>) in
      board.ask(
        .edit(
          { journal throws(JournalError) in
            let result = try body(journal)
            written.withLock { $0 = result }
          }, answer: { answer.resume(returning: $0) }))
      queue.wake()
    }
    switch outcome {
    case .done:
      if let result = written.withLock({ $0 }) { return result }
      throw EditFailure("the engine has lost the change; try again", isTransient: true)
    case .failed(let error): throw EditFailure(error.description, isTransient: error.isTransientDisk)
    case .over: throw EditFailure("the engine is ending; try again", isTransient: true)
    }
  }

  /// Follows a line of `betterbot token`: `done` or `refused` for programs, then the text for people.
  func edit(token line: String) async -> [UInt8] {
    guard let edit = TokenEdit(line: line) else {
      return Array("refused\nthe engine does not understand this change of the tokens\n".utf8)
    }
    do throws(EditFailure) {
      let outcome = try await self.edit { journal throws(JournalError) in try edit.apply(to: journal) }
      guard case .done = outcome else { return Array("refused\n\(outcome.text)\n".utf8) }
      log.info("\(outcome.text)")
      edited(.tokens)
      return Array("done\n\(outcome.text)\n".utf8)
    } catch {
      return Array("refused\n\(error.description)\n".utf8)
    }
  }

  /// Tells those who hold a copy that it is old; everything that was edited by hand comes through here.
  func edited(_ kind: EditKind) {
    options.edited(kind)
  }
}
