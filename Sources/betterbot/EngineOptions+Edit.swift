import ArgumentParser
import Glibc
import Journal
import Pipeline

extension EngineOptions {
  /// Has a change made: by the engine while one runs, else in the journal itself. Returns what became of it.
  ///
  /// `line` is for the engine, `apply` for the journal, which it must not commit. Ends with 1 when the change is
  /// refused, and with 3 when `needsJournal` is true and there is none.
  func change(
    _ line: String, needsJournal: Bool,
    _ apply: (Journal) throws(JournalError) -> (isDone: Bool, text: String)
  ) throws -> String {
    let (path, database) = try socket()
    var lines: [String]
    do throws(ControlSocket.Failure) {
      let answer = try ControlSocket.ask(path: path, line: line, timeout: .seconds(60))
      lines = String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
    } catch {
      if error.code != .nobody { throw Output.fail(error.description, .noEngine) }
      lines = try change(database, needsJournal: needsJournal, apply)
    }
    guard let first = lines.first, ["done", "refused"].contains(first) else {
      throw Output.fail("the engine is of another version and does not know such a change", .noEngine)
    }
    lines.removeFirst()
    let text = lines.joined(separator: "; ")
    if first == "refused" { throw Output.fail(text, .refused) }
    return text
  }

  private func change(
    _ database: String, needsJournal: Bool,
    _ apply: (Journal) throws(JournalError) -> (isDone: Bool, text: String)
  ) throws -> [String] {
    if needsJournal, access(database, F_OK) != 0 {
      throw Output.fail("\(database): there is no such file", .badInput)
    }
    do throws(JournalError) {
      let journal = try Journal(path: database)
      let (isDone, text) = try apply(journal)
      try journal.commit()
      try journal.close()
      return [isDone ? "done" : "refused", text]
    } catch {
      throw Output.fail(error.description, error.code == .misuse ? .refused : .badInput)
    }
  }
}
