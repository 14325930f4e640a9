import COrderFlow
import Feeds
import NIOCore
import OrderFlow
import RuleEngine
import Synchronization
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(2))) struct LiveQueueTests {
  private static func message(_ number: Int, source: UInt16 = 1, bytes: Int = 1) -> FeedItem {
    .message(
      FeedMessage(
        source: source, bytes: ByteBuffer(repeating: 0x20, count: bytes), receivedAt: UInt64(number)))
  }

  private static func number(_ item: FeedItem) -> Int {
    if case .message(let message) = item { Int(message.receivedAt) } else { -1 }
  }

  private static func numbers(_ queue: LiveQueue, most: Int = 1_000_000) -> [Int]? {
    queue.receive(most: most, until: 0)?.map(number)
  }

  private final class Box: Sendable {
    let count = Atomic(0)
    let numbers = Mutex<[Int]?>([-1])
  }

  /// Waits for what comes sooner or later.
  private static func until(_ isTrue: () -> Bool) async throws {
    for _ in 0..<20_000 where !isTrue() { try await Task.sleep(for: .milliseconds(2)) }
    #expect(isTrue())
  }

  @Test("what comes in goes out in its order, as much at a time as is asked for")
  func order() async throws {
    let queue = LiveQueue()
    for number in 0..<10 { try await queue.send(Self.message(number)) }
    #expect(queue.depth.items == 10)
    #expect(Self.numbers(queue, most: 4) == [0, 1, 2, 3])
    #expect(Self.numbers(queue, most: 4) == [4, 5, 6, 7])
    #expect(queue.depth.items == 2 && queue.depth.bytes == 2)
    #expect(Self.numbers(queue) == [8, 9])
    #expect(Self.numbers(queue) == [])
    #expect(queue.depth.items == 0 && queue.depth.bytes == 0)
  }

  @Test("a full queue makes the sender wait, by items", arguments: [1, 3])
  func itemLimit(limit: Int) async throws {
    let queue = LiveQueue(limit: limit)
    let sent = Box()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 0..<100 {
          try await queue.send(Self.message(number))
          sent.count.add(1, ordering: .relaxed)
        }
      }
      var got: [Int] = []
      while got.count < 100 {
        try await Self.until { queue.depth.items == min(limit, 100 - got.count) }
        #expect(queue.depth.items <= limit)
        #expect(sent.count.load(ordering: .relaxed) <= got.count + limit)
        got += Self.numbers(queue, most: 1) ?? []
      }
      #expect(got == Array(0..<100))
      try await group.waitForAll()
    }
  }

  @Test("a full queue makes the sender wait, by bytes; one message of any size has room in an empty one")
  func byteLimit() async throws {
    let queue = LiveQueue(limit: 1_000, byteLimit: 100)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for number in 0..<20 { try await queue.send(Self.message(number, bytes: 1_000)) } }
      var got: [Int] = []
      while got.count < 20 {
        try await Self.until { queue.depth.items > 0 }
        #expect(queue.depth.items == 1)
        got += Self.numbers(queue) ?? []
      }
      #expect(got == Array(0..<20))
      try await group.waitForAll()
    }
  }

  @Test("many senders lose nothing, get nothing twice, and each keeps its order")
  func manySenders() async throws {
    let queue = LiveQueue(limit: 7, byteLimit: 1_000)
    var got: [UInt16: [Int]] = [:]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for source in UInt16(1)...20 {
        group.addTask { for number in 0..<200 { try await queue.send(Self.message(number, source: source)) } }
      }
      var count = 0
      while count < 4_000 {
        for item in queue.receive(most: 3, until: 0) ?? [] {
          guard case .message(let message) = item else { continue }
          got[message.source, default: []].append(Int(message.receivedAt))
          count += 1
        }
        await Task.yield()
      }
      try await group.waitForAll()
    }
    #expect(got.count == 20 && got.values.allSatisfy { $0 == Array(0..<200) })
  }

  @Test("a waiting sender can be cancelled; its item is not in, and the others go on")
  func cancellation() async throws {
    let queue = LiveQueue(limit: 1)
    try await queue.send(Self.message(0))
    let waiting = Task { try await queue.send(Self.message(1)) }
    let other = Task { try await queue.send(Self.message(2)) }
    for _ in 0..<50 { await Task.yield() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(Self.numbers(queue) == [0])
    try await other.value
    #expect(Self.numbers(queue) == [2])
  }

  @Test("a sender that is cancelled already puts nothing in")
  func cancelledBefore() async {
    let queue = LiveQueue()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      try await queue.send(Self.message(0))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(queue.depth.items == 0)
  }

  @Test("closing wakes every waiting sender, lets nothing more in, and loses nothing that is in")
  func close() async throws {
    let queue = LiveQueue(limit: 2)
    for number in 0..<2 { try await queue.send(Self.message(number)) }
    let senders = (0..<5).map { number in Task { try await queue.send(Self.message(10 + number)) } }
    for _ in 0..<50 { await Task.yield() }
    queue.close()
    for sender in senders { await #expect(throws: CancellationError.self) { try await sender.value } }
    await #expect(throws: CancellationError.self) { try await queue.send(Self.message(3)) }
    #expect(queue.isClosed)
    #expect(Self.numbers(queue, most: 1) == [0])
    #expect(Self.numbers(queue) == [1])
    #expect(Self.numbers(queue) == nil)
  }

  /// Runs `receive` without a deadline on a thread of its own, and `body` meanwhile.
  private static func receiving(_ queue: LiveQueue, _ body: () async throws -> Void) async throws -> [Int]? {
    let box = Box()
    let thread = NativeThread {
      let items = queue.receive(most: 10, until: MonotonicClock.now() + 600_000_000_000)
      box.numbers.withLock { $0 = items?.map(number) }
    }
    try await body()
    thread.join()
    return box.numbers.withLock { $0 }
  }

  @Test("the engine is woken by an item, by wake and by close")
  func wakes() async throws {
    let queue = LiveQueue()
    #expect(try await Self.receiving(queue) { try await queue.send(Self.message(5)) } == [5])
    #expect(try await Self.receiving(queue) { queue.wake() } == [])
    #expect(try await Self.receiving(queue) { queue.close() } == nil)
  }

  @Test("a wake before the engine waits is not lost, and wakes it once")
  func wakeBefore() {
    let queue = LiveQueue()
    queue.wake()
    queue.wake()
    #expect(queue.receive(most: 1, until: MonotonicClock.now() + 600_000_000_000)?.count == 0)
    #expect(queue.receive(most: 1, until: 0)?.count == 0)
  }

  @Test("rows count by their size")
  func rows() async throws {
    let queue = LiveQueue()
    let rows = RowBatch(capacity: 4)
    try await queue.send(.rows(rows))
    try await queue.send(.gap(FeedGap(source: 1, from: 0, to: 0, isBackfilled: false)))
    #expect(queue.depth.items == 2 && queue.depth.bytes == 0)
    #expect(queue.receive(most: 2, until: 0)?.count == 2)
  }

  @Test("a read of many rows is taken a batch at a time, so that one transaction does not hold all of it")
  func rowsAtATime() async throws {
    let queue = LiveQueue()
    for _ in 0..<5 {
      let rows = RowBatch(capacity: 300)
      let orders = [bb_order](repeating: .empty, count: 300)
      orders.withUnsafeBufferPointer { rows.append($0) }
      try await queue.send(.rows(rows))
    }
    try await queue.send(.audited(source: 1, time: 0))
    #expect(queue.receive(most: 512, until: 0)?.count == 2)
    #expect(queue.receive(most: 512, until: 0)?.count == 2)
    #expect(queue.receive(most: 512, until: 0)?.count == 2)
    #expect(queue.depth.items == 0 && queue.depth.bytes == 0)
  }
}
