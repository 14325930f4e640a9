import ArgumentParser
import Broadcast
import Journal
import Pipeline

extension EngineOptions {
  /// Has a change of the webhooks made, and says what was done.
  func make(_ action: WebhookEdit.Action, createsJournal: Bool = false) throws {
    let edit = WebhookEdit(action, at: AccessClock.system.wall())
    let text = try change(edit.line, needsJournal: !createsJournal) { journal throws(JournalError) in
      (true, try edit.apply(to: journal))
    }
    Output.standard.line(text)
  }

  /// Reads the journal, whether or not an engine runs.
  func read<Result>(_ body: (JournalReader) throws -> Result) throws -> Result {
    let database = try socket().database
    do {
      return try body(try JournalReader(path: database))
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    }
  }
}
