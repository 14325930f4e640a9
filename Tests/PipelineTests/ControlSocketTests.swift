import TestSupport
import Glibc
import Synchronization
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct ControlSocketTests {
  private let workspace: Workspace
  private var path: String { workspace.file("a.db.sock") }

  init() throws { workspace = try Workspace() }

  /// Runs `body` while a server answers with the handler.
  private func serving(
    timeout: Duration = .seconds(30),
    handler: @escaping @Sendable (String) async -> [UInt8],
    _ body: @escaping @Sendable (String) async throws -> Void
  ) async throws {
    let path = path
    let (listening, signal) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { signal.finish() }
        do {
          try await ControlSocket.serve(
            path: path, timeout: timeout, onListening: { signal.finish() }, handler: handler)
        } catch is CancellationError {
        }
      }
      for await _ in listening {}
      try await body(path)
      group.cancelAll()
    }
  }

  /// A plain client that sends what it is told; closes its side for writing when asked to.
  private static func raw(_ path: String, _ text: [UInt8], closes: Bool = false) async throws -> [UInt8] {
    try await offPool {
      let socket = try ControlSocket.connect(path)
      defer { close(socket) }
      _ = text.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if closes { shutdown(socket, Int32(SHUT_WR)) }
      var answer: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(socket, &block, block.count, 0)
        if count <= 0 { return answer }
        answer += block[..<count]
      }
    }
  }

  private static let echo: @Sendable (String) async -> [UInt8] = { Array("got \($0)".utf8) }

  /// `ControlSocket.ask` with errors of any type, which the macros need.
  private static func ask(_ path: String, _ line: String) async throws -> [UInt8] {
    try await offPool { try ControlSocket.ask(path: path, line: line) }
  }

  /// A socket with a file that nobody listens on.
  private static func bound(_ path: String) throws -> Int32 {
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let code = try ControlSocket.withAddress(path) { bind(left, $0, $1) }
    try #require(code == 0)
    return left
  }

  @Test("a line gets its answer, and the socket is gone at the end")
  func answers() async throws {
    try await serving(handler: Self.echo) { path in
      let answer1 = try await Self.ask(path, "status json")
      #expect(answer1 == Array("got status json".utf8))
      let answer2 = try await Self.ask(path, "")
      #expect(answer2 == Array("got ".utf8))
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test("an answer of megabytes arrives whole")
  func longAnswer() async throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await serving(handler: { _ in bytes }) { path in
      let answer3 = try await Self.ask(path, "x")
      #expect(answer3 == bytes)
    }
  }

  @Test("a line may end in CR LF, or with the client's side of the connection")
  func ends() async throws {
    try await serving(handler: Self.echo) { path in
      let answer4 = try await Self.raw(path, Array("a\r\nb".utf8))
      #expect(answer4 == Array("got a".utf8))
      let answer5 = try await Self.raw(path, Array("a b".utf8), closes: true)
      #expect(answer5 == Array("got a b".utf8))
    }
  }

  @Test("a client that goes away without a word, or before its answer, harms nobody")
  func goneClients() async throws {
    try await serving(handler: Self.echo) { path in
      let silent = try await Self.raw(path, [], closes: true)
      #expect(silent == [])
      for _ in 0..<50 {
        let socket = try ControlSocket.connect(path)
        _ = send(socket, "a\n", 2, Int32(MSG_NOSIGNAL))
        close(socket)
        close(try ControlSocket.connect(path))
      }
      let answer = try await Self.ask(path, "a")
      #expect(answer == Array("got a".utf8))
    }
  }

  @Test("the end comes while clients wait")
  func endsWithClients() async throws {
    for _ in 0..<20 {
      var sockets: [Int32] = []
      defer { for socket in sockets { close(socket) } }
      let (opened, open) = AsyncStream<Int32>.makeStream()
      try await serving(handler: Self.echo) { path in
        for _ in 0..<30 { open.yield(try ControlSocket.connect(path)) }
        open.finish()
      }
      for await socket in opened { sockets.append(socket) }
      #expect(sockets.count == 30 && access(path, F_OK) != 0)
    }
  }

  @Test("a line that is too long is not answered, and the next client is")
  func tooLong() async throws {
    try await serving(handler: Self.echo) { path in
      let answer7 = try await Self.raw(path, [UInt8](repeating: 65, count: 8192))
      #expect(answer7 == [])
      let answer8 = try await Self.raw(path, [UInt8](repeating: 65, count: 500_000))
      #expect(answer8 == [])
      let answer9 = try await Self.ask(path, String(repeating: "a", count: 8191))
      #expect(answer9.count == 8195)
    }
  }

  @Test("a client that says nothing is sent away")
  func silent() async throws {
    try await serving(timeout: .milliseconds(1), handler: Self.echo) { path in
      let answer10 = try await Self.raw(path, [])
      #expect(answer10 == [])
    }
  }

  @Test("clients wait neither for each other nor for ones that say nothing, up to the limit")
  func several() async throws {
    let (all, inside) = AsyncStream<Void>.makeStream()
    let count = Mutex(0)
    // Each answer waits until eight are asked for: served one by one, none would ever come.
    let handler: @Sendable (String) async -> [UInt8] = { line in
      let isLast = count.withLock { count in
        count += 1
        return count == 8
      }
      if isLast { inside.finish() }
      for await _ in all {}
      return Array(line.utf8)
    }
    try await serving(handler: handler) { path in
      let idle = try ControlSocket.connect(path)
      defer { close(idle) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 {
          group.addTask {
            let answer = try await Self.ask(path, "line \(number)")
            #expect(answer == Array("line \(number)".utf8))
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("a socket that a dead engine left is replaced")
  func stale() async throws {
    close(try Self.bound(path))
    #expect(access(path, F_OK) == 0)
    try await serving(handler: Self.echo) { path in
      let answer11 = try await Self.ask(path, "a")
      #expect(answer11 == Array("got a".utf8))
    }
  }

  @Test("an engine that answers is not replaced, nor is a file that is no socket")
  func taken() async throws {
    try await serving(handler: Self.echo) { path in
      let error = await #expect(throws: ControlSocket.Failure.self) {
        try await ControlSocket.serve(path: path) { _ in [] }
      }
      #expect(error?.code == .taken)
      #expect(error?.description == "another engine listens on \(path)")
      let answer12 = try await Self.ask(path, "a")
      #expect(answer12 == Array("got a".utf8))
    }
    try workspace.write("mine", to: "file.sock")
    let file = workspace.file("file.sock")
    let error = await #expect(throws: ControlSocket.Failure.self) {
      try await ControlSocket.serve(path: file) { _ in [] }
    }
    #expect(error?.description.contains("is there and is no socket") == true)
    #expect(access(file, F_OK) == 0)
  }

  @Test("nobody listens where there is no socket, no folder, or a dead one")
  func nobody() throws {
    close(try Self.bound(path))
    for path in [path, workspace.file("none.sock"), workspace.file("no/folder.sock")] {
      let error = #expect(throws: ControlSocket.Failure.self) { try ControlSocket.ask(path: path, line: "a") }
      #expect(error?.code == .nobody)
    }
  }

  @Test("an engine that accepts and never answers is a time-out")
  func timeout() throws {
    let server = try Self.bound(path)
    defer { close(server) }
    #expect(listen(server, 1) == 0)
    let error = #expect(throws: ControlSocket.Failure.self) {
      try ControlSocket.ask(path: path, line: "a", timeout: .milliseconds(1))
    }
    #expect(error?.code == .timeout)
  }

  @Test("a path too long for a socket becomes a short one, the same for every way to name the journal")
  func longPath() throws {
    #expect(ControlSocket.path(journal: "a.db") == "a.db.sock")
    let folder = String(repeating: "d", count: 120)
    try workspace.write("", to: "\(folder)/a.db")
    let path = ControlSocket.path(journal: workspace.file("\(folder)/a.db"))
    #expect(path.utf8.count <= 107 && path.hasSuffix(".sock"))
    #expect(path == ControlSocket.path(journal: workspace.file("\(folder)/../\(folder)/./a.db")))
    #expect(path != ControlSocket.path(journal: workspace.file("\(folder)/b.db")))
  }

  @Test("an address that cannot be is an error and no crash")
  func longAddress() {
    let error = #expect(throws: ControlSocket.Failure.self) {
      try ControlSocket.ask(path: "/" + String(repeating: "a", count: 107), line: "a")
    }
    #expect(error?.description.contains("at most 107 bytes") == true)
  }
}
