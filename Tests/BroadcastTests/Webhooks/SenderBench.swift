import Journal
import Logging
import OrderFlow
import Synchronization
import Testing

@testable import Broadcast

/// A journal with its writer, and what a sender needs around it.
final class SenderBench: Sendable {
  let file: JournalFile
  /// How many of the next edits fail.
  let failures = Mutex(0)
  private let journal: Mutex<JournalBox>
  private let said = LineStore()

  private struct JournalBox: ~Copyable {
    let journal: Journal
  }

  init() throws {
    file = try JournalFile()
    journal = Mutex(JournalBox(journal: try file.open()))
  }

  /// What was logged, at every level.
  var lines: [String] { said.lines.withLock { $0 } }

  /// Short waits, and receivers that are gone after an hour.
  var options: WebhookSender.Options {
    var options = WebhookSender.Options()
    options.schedule.steps = [20]
    options.timeout = .seconds(10)
    return options
  }

  /// Adds a webhook; its receiver may be on this machine.
  func add(
    _ name: String, _ url: String, _ change: (inout WebhookRecord) -> Void = { _ in }
  ) throws -> WebhookRecord {
    var webhook = WebhookRecord(
      name: name, url: url, format: .json, secret: WebhookSecret.make(), createdMilliseconds: 0)
    webhook.allowsPrivate = true
    change(&webhook)
    try edit(.add(webhook))
    return webhook
  }

  func edit(_ action: WebhookEdit.Action) throws {
    try journal.withLock { box in
      try WebhookEdit(action, at: AccessClock.system.wall()).apply(to: box.journal)
      try box.journal.commit()
    }
  }

  /// Commits signals of these numbers.
  func emit(_ numbers: ClosedRange<Int>) throws {
    try journal.withLock { box in
      for number in numbers { try box.journal.append(signal: signal(number)) }
      try box.journal.commit()
    }
  }

  func reader() throws -> JournalReader { try JournalReader(path: file.path) }

  func id(_ name: String) throws -> Int64 { try reader().webhooks().first { $0.name == name }?.id ?? 0 }

  func count(_ name: String) throws -> (waiting: Int, dead: Int) {
    try reader().deliveryCounts(of: try id(name))
  }

  /// Runs a sender beside `body`.
  func running(
    _ options: WebhookSender.Options? = nil, _ body: (WebhookSender) async throws -> Void
  ) async throws {
    let said = said
    let log = Logger(label: "test") { _ in LineStore.Handler(store: said) }
    let sender = WebhookSender(journal: file.path, log: log, options: options ?? self.options) {
      body throws(EditFailure) in try self.write(body)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await sender.run() }
      defer { group.cancelAll() }
      try await body(sender)
    }
  }

  private func write(_ body: (Journal) throws(JournalError) -> Void) throws(EditFailure) {
    let fails = failures.withLock { count in
      count -= 1
      return count >= 0
    }
    if fails { throw EditFailure("the disk is full", isTransient: true) }
    try journal.withLock { box throws(EditFailure) in
      do throws(JournalError) {
        try body(box.journal)
        try box.journal.commit()
      } catch {
        throw EditFailure(error.description, isTransient: false)
      }
    }
  }

  /// Waits until it is so.
  func until(
    _ condition: () throws -> Bool, at place: SourceLocation = #_sourceLocation
  ) async throws {
    for _ in 0..<2000 {
      if try condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it has not come about", sourceLocation: place)
  }
}

/// Keeps what is logged.
final class LineStore: Sendable {
  let lines = Mutex<[String]>([])

  struct Handler: LogHandler {
    let store: LineStore
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { store.lines.withLock { $0.append("\(event.message)") } }
  }
}
