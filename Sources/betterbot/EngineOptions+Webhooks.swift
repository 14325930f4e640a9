import ArgumentParser
import Broadcast
import Glibc
import Journal
import Pipeline

extension EngineOptions {
  /// Has a running engine make a change of the webhooks, or makes it in the journal when none runs.
  func make(_ action: WebhookEdit.Action, createsJournal: Bool = false) throws {
    let edit = WebhookEdit(action, at: WebhookSender.wallClock())
    let (path, database) = try socket()
    guard let answer = try answer(path, edit.line) else {
      return try change(database, edit, createsJournal)
    }
    let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n")
    let text = lines.dropFirst().joined(separator: " ")
    switch lines.first {
    case "done": Output.standard.line(text)
    case "refused": throw Output.fail(text, .refused)
    default: throw Output.fail("the engine is of another version and cannot change webhooks", .noEngine)
    }
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

  /// What the engine says; nil when none runs.
  private func answer(_ path: String, _ line: String) throws -> [UInt8]? {
    do throws(ControlSocket.Failure) {
      return try ControlSocket.ask(path: path, line: line, timeout: .seconds(60))
    } catch {
      if error.code == .nobody { return nil }
      throw Output.fail(error.description, .noEngine)
    }
  }

  private func change(_ database: String, _ edit: WebhookEdit, _ createsJournal: Bool) throws {
    if !createsJournal, access(database, F_OK) != 0 {
      throw Output.fail("there is no journal \(database)", .badInput)
    }
    do throws(JournalError) {
      let journal = try Journal(path: database)
      let text = try edit.apply(to: journal)
      try journal.commit()
      try journal.close()
      Output.standard.line(text)
    } catch {
      throw Output.fail(error.description, error.code == .misuse ? .refused : .badInput)
    }
  }
}
