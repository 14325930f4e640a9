import TestSupport
import COrderFlow
import Glibc
import Logging
import OrderFlow
import Synchronization
import Testing

@testable import Feeds

/// Keeps what feeds send, and lets a test wait for it.
final class Collector: FeedOutlet {
  private struct State {
    var hashes: [String] = []
    var times: [Int64] = []
    var sources: Set<UInt16> = []
    var waiting: [(count: Int, task: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var hashes: [String] { state.withLock { $0.hashes } }
  var times: [Int64] { state.withLock { $0.times } }
  var sources: Set<UInt16> { state.withLock { $0.sources } }

  func send(_ item: FeedItem) async throws(CancellationError) {
    guard case .rows(let rows) = item else { return }
    if Task.isCancelled { throw CancellationError() }
    let ready = state.withLock { state in
      state.hashes += rows.orders.map { $0.string(.txHash) ?? "" }
      state.times += rows.orders.map(\.time)
      state.sources.formUnion(rows.orders.map(\.source) + [rows.source])
      let ready = state.waiting.filter { $0.count <= state.hashes.count }
      state.waiting.removeAll { $0.count <= state.hashes.count }
      return ready
    }
    for waiter in ready { waiter.task.resume() }
  }

  /// Returns when so many orders have come.
  func wait(for count: Int) async {
    await withCheckedContinuation { task in
      let isThere = state.withLock { state in
        if state.hashes.count < count { state.waiting.append((count, task)) }
        return state.hashes.count >= count
      }
      if isThere { task.resume() }
    }
  }
}

@Suite(.timeLimit(.minutes(2))) struct RecordingFeedTests {
  private static func lines(_ seconds: [Int]) -> [UInt8] {
    var text = ""
    for (number, second) in seconds.enumerated() {
      text += #"{"token_id":"1","side":"BUY","price":0.5,"shares":1000000,"user":"0xa","#
      text += "\"timestamp\":\(1_760_000_000 + second),\"tx_hash\":\"0x\(number)\"}\n"
    }
    return Array(text.utf8)
  }

  private static func make(_ path: String, _ change: (inout FileSettings) -> Void) -> (
    RecordingFeed, FeedBoard
  ) {
    var settings = FileSettings(path: path)
    settings.speed = nil
    change(&settings)
    let board = FeedBoard(source: 4, settings: FeedSettings(name: "file", kind: .file(settings)))
    return (RecordingFeed(name: "file", settings: settings, board: board, log: Logger(label: "test")), board)
  }

  @Test(
    "as fast as possible every order comes once and in order, and the feed is finished",
    arguments: [true, false])
  func fast(isPacked: Bool) async throws {
    let bytes = orderLines(0..<2_000)
    let file = TemporaryFile(isPacked ? gzip(bytes) : bytes)
    let (feed, board) = Self.make(file.path) { _ in }
    let outlet = Collector()
    try await feed.run(into: outlet)
    #expect(outlet.hashes == hashes(0..<2_000))
    #expect(outlet.sources == [4])
    #expect(board.snapshot.state == .finished && board.snapshot.messages == 2_000)
    withExtendedLifetime(file) {}
  }

  @Test("at a speed orders come in order and at their times, also when the recording is out of order")
  func paced() async throws {
    let seconds = [0, 0, 20, 40, 30, 40, 60]
    let file = TemporaryFile(Self.lines(seconds))
    let (feed, _) = Self.make(file.path) { $0.speed = 1_000 }
    let outlet = Collector()
    let began = FeedClock.now()
    try await feed.run(into: outlet)
    // A minute at a thousand times the speed: it cannot have been faster, however busy the machine is.
    #expect(FeedClock.now() - began >= 60_000_000)
    #expect(outlet.hashes == (0..<7).map { "0x\($0)" })
    #expect(outlet.times == seconds.map { 1_760_000_000_000 + Int64($0) * 1000 })
    withExtendedLifetime(file) {}
  }

  @Test("in a loop every time through brings new orders, a second behind the last ones")
  func loop() async throws {
    let file = TemporaryFile(Self.lines([0, 5, 10]))
    let (feed, board) = Self.make(file.path) { $0.loops = true }
    let outlet = Collector()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await feed.run(into: outlet) }
      await outlet.wait(for: 300)
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(Set(outlet.hashes).count == outlet.hashes.count)
    #expect(outlet.times.prefix(6).map { $0 / 1000 - 1_760_000_000 } == [0, 5, 10, 11, 16, 21])
    #expect(board.snapshot.state == .finished)
    withExtendedLifetime(file) {}
  }

  @Test("a recording without an order is not looped for ever", arguments: ["", "garbage\n", "{}\n"])
  func emptyLoop(text: String) async throws {
    let file = TemporaryFile(Array(text.utf8))
    let (feed, board) = Self.make(file.path) { $0.loops = true }
    try await feed.run(into: Collector())
    #expect(board.snapshot.state == .finished)
    withExtendedLifetime(file) {}
  }

  @Test("a recording that is cut gives what can be read, then the error")
  func cut() async throws {
    let whole = gzip(orderLines(0..<3_000))
    let file = TemporaryFile(Array(whole.prefix(whole.count / 2)), name: "cut.gz")
    let (feed, board) = Self.make(file.path) { _ in }
    let outlet = Collector()
    let failure = await #expect(throws: FeedError.self) { try await feed.run(into: outlet) }
    #expect(failure?.code == .truncated)
    #expect(outlet.hashes.count > 100 && outlet.hashes == hashes(0..<outlet.hashes.count))
    #expect(board.snapshot.state == .failed && board.snapshot.lastError.contains("cut.gz"))
    withExtendedLifetime(file) {}
  }

  @Test("a missing file, or a folder in its place, is said")
  func missing() async {
    for (path, code) in [("/nowhere/x.jsonl", FeedError.Code.cannotOpen), ("/tmp", .notAFile)] {
      let (feed, board) = Self.make(path) { _ in }
      let failure = await #expect(throws: FeedError.self) { try await feed.run(into: Collector()) }
      #expect(failure?.code == code)
      #expect(board.snapshot.state == .failed && board.snapshot.lastError.contains(path))
    }
  }

  @Test("a pipe is read as it comes, and a feed that waits for it can be cancelled")
  func pipe() async throws {
    var template = Array("/tmp/betterbot-pipe-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { rmdir(folder) }
    let path = folder + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    // Open for both, so that opening does not wait and the end never comes.
    let writer = open(path, O_RDWR | O_CLOEXEC)
    defer { close(writer) }
    let (feed, board) = Self.make(path) { _ in }
    let outlet = Collector()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await feed.run(into: outlet) }
      for round in 0..<3 {
        let bytes = orderLines(round * 10..<round * 10 + 10)
        #expect(write(writer, bytes, bytes.count) == bytes.count)
        await outlet.wait(for: round * 10 + 10)
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(outlet.hashes == hashes(0..<30))
    #expect(board.snapshot.state == .finished)
  }
}
