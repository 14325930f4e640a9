import Broadcast
import Journal
import Logging

extension LiveRun {
  /// Follows a line of `betterbot token`: `done` or `refused` for programs, then the text for people.
  func edit(token line: String) async -> [UInt8] {
    guard let edit = TokenEdit(line: line) else {
      return LiveRun.refused("the engine does not understand this change of the tokens")
    }
    do throws(EditFailure) {
      let outcome = try await host.change { journal throws(JournalError) in try edit.apply(to: journal) }
      guard case .done = outcome else { return LiveRun.refused(outcome.text) }
      log.info("\(outcome.text)")
      await api.current?.refreshTokens()
      return LiveRun.done(outcome.text)
    } catch {
      return LiveRun.refused(error.description)
    }
  }

  /// Follows a line of `betterbot webhook`.
  func edit(webhook line: String) async -> [UInt8] {
    guard let edit = WebhookEdit(line: line) else {
      return LiveRun.refused("the engine does not understand this change of the webhooks")
    }
    do throws(EditFailure) {
      let text = try await host.change { journal throws(JournalError) in try edit.apply(to: journal) }
      webhooks.noticeChange()
      return LiveRun.done(text)
    } catch {
      return LiveRun.refused(error.description)
    }
  }

  private static func done(_ text: String) -> [UInt8] { Array("done\n\(TerminalText.line(text))\n".utf8) }

  private static func refused(_ text: String) -> [UInt8] {
    Array("refused\n\(TerminalText.line(text))\n".utf8)
  }
}
