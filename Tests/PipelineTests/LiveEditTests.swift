import Broadcast
import Glibc
import Journal
import Net
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(2))) struct LiveEditTests {
  /// Runs on a feed that says nothing while `body` asks over the control socket.
  private func run(
    _ body: (LiveTrial, LiveRun, @escaping @Sendable (String) async throws -> String) async throws -> Void
  ) async throws {
    let trial = try LiveTrial()
    mkfifo(trial.workspace.file("pipe"), 0o600)
    // Somebody has it open for writing, so it does not end.
    let writer = open(trial.workspace.file("pipe"), O_RDWR)
    defer { close(writer) }
    let socket = ControlSocket.path(journal: trial.journal)
    let ask: @Sendable (String) async throws -> String = { line in
      String(
        decoding: try await offPool {
          try ControlSocket.ask(path: socket, line: line, timeout: .seconds(90))
        }, as: UTF8.self)
    }
    try await trial.run(
      [LiveTrial.file(trial.workspace.file("pipe"))],
      {
        $0.controlSocket = socket
        $0.api = BroadcastOptions()
        $0.api?.port = 0
      }
    ) { run in
      try await LiveTrial.until("it listens") { access(socket, F_OK) == 0 }
      try await body(trial, run, ask)
    }
  }

  /// Why an edit fails; nil when it does not.
  private static func failure(
    _ run: LiveRun, _ body: @escaping @Sendable (Journal) throws(JournalError) -> Void
  ) async -> EditFailure? {
    do throws(EditFailure) {
      try await run.host.edit(body)
      return nil
    } catch {
      return error
    }
  }

  @Test("a token that is made over the socket is in the journal, and who holds a copy hears of it")
  func tokens() async throws {
    try await run { trial, run, ask in
      try await LiveTrial.until("the API listens") { run.api.current?.address != nil }
      let port = try #require(run.api.current?.address?.port)
      let client = HTTPClient()
      defer { client.shutdown() }
      let status: @Sendable (String) async throws -> Int = { token in
        let url = "http://127.0.0.1:\(port)/v1/status"
        return try await client.send(HTTPRequest(url: url, headers: [("Authorization", "Bearer \(token)")]))
          .status
      }
      let (text, record) = AccessToken.make(name: "ci", role: .operator, created: WallClock.now())
      let added = try await ask(TokenEdit.add(record).line)
      #expect(added == "done\ntoken \(record.id) (ci, operator) is known now\n")
      #expect(!added.contains(text.suffix(43)))
      let reader = try JournalReader(path: trial.journal)
      let stored = try reader.tokens()
      #expect(stored == [record])
      #expect(TokenTable(stored).verify(bearer: text, now: WallClock.now())?.role == .operator)
      #expect(try await status(text) == 200)
      #expect(try await status(text.dropLast(1) + "_") == 401)

      #expect(
        try await ask(TokenEdit.add(record).line).hasPrefix("refused\nthere is a token named ci already"))
      #expect(try await ask("token add x").hasPrefix("refused\nthe engine does not understand"))
      #expect(try await ask(TokenEdit.revoke("nobody", at: 5).line).hasPrefix("refused\nthere is no token"))

      let revoked = try await ask(TokenEdit.revoke("ci", at: WallClock.now()).line)
      #expect(revoked == "done\ntoken \(record.id) (ci, operator) is revoked\n")
      #expect(try await status(text) == 401)
      #expect(TokenTable(try reader.tokens()).verify(bearer: text, now: WallClock.now()) == nil)
      #expect(try await ask("status json").hasPrefix("{"))
    }
  }

  @Test("an edit that fails leaves nothing, says so, and the run goes on")
  func failing() async throws {
    try await run { trial, run, ask in
      let record = AccessToken.make(name: "a", role: .viewer, created: 1).record
      let failure = await Self.failure(run) { journal throws(JournalError) in
        try journal.append(token: record)
        try journal.append(token: record)
      }
      #expect(failure?.isTransient == false)
      let stored = try JournalReader(path: trial.journal).tokens()
      #expect(stored.isEmpty)
      let answer = try await ask(TokenEdit.add(record).line)
      #expect(answer.hasPrefix("done"))
    }
  }

  @Test("an edit after the end is refused")
  func over() async throws {
    let ended = Mutex<LiveRun?>(nil)
    try await run { _, run, _ in ended.withLock { $0 = run } }
    let run = try #require(ended.withLock { $0 })
    let failure = await Self.failure(run) { journal throws(JournalError) in _ = try journal.tokens() }
    #expect(failure?.isTransient == false)
  }
}
