import Broadcast
import Journal
import Synchronization

extension LiveRun {
  /// Makes a change of the webhooks that came over the control socket: `done` or `refused`, then why.
  func answer(webhooks line: String) async -> [UInt8] {
    guard let edit = WebhookEdit(line: line) else {
      return Array("refused\nthe engine does not understand this change of the webhooks\n".utf8)
    }
    let words = WebhookWords()
    do throws(EditFailure) {
      try await LiveRun.edit(
        { journal throws(JournalError) in words.set(try edit.apply(to: journal)) }, board, queue)
      webhooks.noticeChange()
    } catch {
      return Array("refused\n\(TerminalText.line(error.description))\n".utf8)
    }
    return Array("done\n\(TerminalText.line(words.text))\n".utf8)
  }

  /// Has the engine thread write into the journal, in a transaction of its own; returns when it is committed.
  static func edit(
    _ body: @escaping @Sendable (Journal) throws(JournalError) -> Void, _ board: LiveBoard, _ queue: LiveQueue
  ) async throws(EditFailure) {
    let outcome = await withCheckedContinuation { continuation in
      board.ask(.edit(body, answer: { continuation.resume(returning: $0) }))
      queue.wake()
    }
    switch outcome {
    case .done: return
    case .failed(let error): throw EditFailure(error.description, isTransient: error.isTransientDisk)
    case .over: throw EditFailure("the engine has ended", isTransient: false)
    }
  }
}

/// What an edit said it did, on its way from the engine's thread.
private final class WebhookWords: Sendable {
  private let words = Mutex("")
  var text: String { words.withLock { $0 } }
  func set(_ text: String) { words.withLock { $0 = text } }
}
