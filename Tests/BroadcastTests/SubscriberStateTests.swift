import Journal
import NIOCore
import OrderFlow
import Testing

@testable import Broadcast

@Suite("Where a subscriber stands")
struct SubscriberStateTests {
  private static let second: UInt64 = 1_000_000_000

  private func state(
    after cursor: Int64, _ filter: SignalFilter = SignalFilter(), _ limits: StreamLimits = StreamLimits()
  ) -> SubscriberState {
    var request = StreamRequest()
    request.filter = filter
    return SubscriberState(request, kind: .serverSent, cursor: cursor, limits: limits, now: 0)
  }

  private func ids(_ buffer: ByteBuffer) -> [Int64] {
    String(buffer: buffer).split(separator: "\n").filter { $0.hasPrefix("id: ") }
      .compactMap { Int64($0.dropFirst(4)) }
  }

  @Test("sends what is new in pieces that are not too big, and then waits")
  func pieces() {
    let ring = SignalRing(after: 0)
    ring.append(numbered(1...200))
    var limits = StreamLimits()
    limits.batchBytes = 2000
    var state = state(after: 0, SignalFilter(), limits)
    var maker = BatchMaker(ring.tail(most: 256), mostBytes: limits.batchBytes)
    var got: [Int64] = []
    while case .send(let bytes, let count) = state.next(&maker, 1) {
      #expect(bytes.readableBytes < 2600)
      #expect(ids(bytes).count == count)
      got += ids(bytes)
    }
    #expect(got == Array(1...200))
    #expect(state.cursor == 200)
  }

  @Test("what does not pass the filter moves it on without a word")
  func filtered() {
    let ring = SignalRing(after: 0)
    ring.append(numbered(1...50))
    var state = state(after: 0, SignalFilter(rule: "other"))
    var maker = BatchMaker(ring.tail(most: 256), mostBytes: 1000)
    guard case .wait = state.next(&maker, 1) else {
      Issue.record("it sent something")
      return
    }
    #expect(state.cursor == 50)
  }

  @Test("one that is behind the window has the journal read, once at a time")
  func behind() {
    let ring = SignalRing(after: 0, capacity: 10)
    ring.append(numbered(1...50))
    var state = state(after: 5)
    var maker = BatchMaker(ring.tail(most: 256), mostBytes: 1000)
    guard case .readStore = state.next(&maker, 1), case .wait = state.next(&maker, 1) else {
      Issue.record("it does not read, or twice")
      return
    }
    state.didRead(upTo: 45, hasSent: true, 2)
    guard case .send(let bytes, _) = state.next(&maker, 3) else {
      Issue.record("it sends nothing")
      return
    }
    #expect(ids(bytes).first == 46)
  }

  @Test("equal subscribers share the bytes of a piece")
  func shared() {
    let ring = SignalRing(after: 0)
    ring.append(numbered(1...20))
    var maker = BatchMaker(ring.tail(most: 256), mostBytes: 1 << 20)
    var (one, other) = (state(after: 3), state(after: 3))
    guard case .send(let first, _) = one.next(&maker, 1), case .send(let second, _) = other.next(&maker, 1)
    else {
      Issue.record("nothing was sent")
      return
    }
    let address = { (buffer: ByteBuffer) in buffer.withUnsafeReadableBytes { $0.baseAddress } }
    #expect(address(first) == address(second))
  }

  @Test("says that it is alive when there is nothing else to say")
  func heartbeat() {
    var state = state(after: 0)
    #expect(state.check(14 * Self.second) == .nothing)
    #expect(state.check(15 * Self.second) == .heartbeat)
    state.didSend(15 * Self.second)
    #expect(state.check(29 * Self.second) == .nothing)
  }

  @Test("one that takes nothing is closed after 30 s, and gets its patience back when it takes something")
  func patience() {
    let window = SignalRing(after: 0).tail(most: 1)
    var state = state(after: 0)
    state.note(isWritable: false, 1 * Self.second)
    #expect(state.check(missing: window, 30 * Self.second) == .nothing)
    state.note(isWritable: true, 30 * Self.second)
    state.note(isWritable: false, 31 * Self.second)
    state.note(isWritable: false, 60 * Self.second)
    #expect(state.check(missing: window, 60 * Self.second) == .nothing)
    #expect(state.check(missing: window, 61 * Self.second) == .close(.slow(0)))
  }

  @Test("one that takes nothing while too much passes by is closed sooner, but not at once")
  func passingBytes() {
    let ring = SignalRing(after: 0)
    var limits = StreamLimits()
    limits.patienceBytes = 10_000
    var (all, some) = (
      state(after: 0, SignalFilter(), limits), state(after: 0, SignalFilter(rule: "x"), limits)
    )
    all.note(isWritable: false, 0)
    some.note(isWritable: false, 0)
    ring.append(numbered(1...100))
    #expect(all.check(missing: ring.tail(most: 500), 4 * Self.second) == .nothing)
    #expect(all.check(missing: ring.tail(most: 500), 5 * Self.second) == .close(.slow(0)))
    // What does not pass its filter is not missed.
    #expect(some.check(missing: ring.tail(most: 500), 5 * Self.second) == .nothing)
  }
}
