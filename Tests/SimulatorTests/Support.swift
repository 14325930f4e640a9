import Documents
import COrderFlow
import Feeds
import Glibc
import OrderFlow
import Wire

@testable import Simulator

/// One order as a reader of the venue sees it, with copies of its texts.
struct SeenOrder: Hashable {
  var texts: [String]
  var time: Int64
  var price: Int64
  var shares: Int64
  var isBuy: Bool
  var block: Int64
  var logIndex: Int64
  var role: UInt8

  init(_ order: Order) {
    let fields: [TextField] = [.user, .tokenID, .tokenLabel, .marketSlug, .conditionID, .title, .txHash]
    texts =
      fields.map { order.string($0) ?? "" } + [order.string(.orderHash) ?? "", order.string(.taker) ?? ""]
    time = order.time
    price = order.price
    shares = order.shares
    isBuy = order.side == UInt8(BB_SIDE_BUY)
    block = order.block_number
    logIndex = order.log_index
    role = order.role
  }

  var txHash: String { texts[6] }
  var orderHash: String { texts[7] }

  /// Without what only some of the forms carry.
  var common: SeenOrder {
    var copy = self
    copy.texts.removeLast(2)
    copy.block = -1
    copy.logIndex = -1
    copy.role = 0
    return copy
  }
}

/// The orders in some bytes, and how many messages were rejected.
func scan(_ bytes: [UInt8]) -> (orders: [SeenOrder], rejected: Int) {
  var scanner = OrderScanner()
  bytes.withUnsafeBytes { scanner.append($0) }
  scanner.finish()
  var batch = OrderBatch()
  var orders: [SeenOrder] = []
  var state = ScanState.more
  while state == .more {
    state = scanner.next(into: &batch)
    orders += batch.orders.map { SeenOrder($0) }
  }
  return (orders, Int(scanner.counters.rejected))
}

/// A frame that a server sent.
struct Frame: Equatable {
  var kind: UInt8
  var payload: [UInt8]

  var text: String { String(decoding: payload, as: UTF8.self) }
  var json: JSONValue? { JSONValue(payload) }
  /// What a close frame gives as the reason.
  var closeCode: Int? {
    kind == 0x88 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
  }

  /// Takes the whole frames off the front of some bytes.
  static func take(from bytes: inout [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var start = 0
    while bytes.count >= start + 2 {
      var (count, body) = (Int(bytes[start + 1]), start + 2)
      if count >= 126 {
        let width = count == 126 ? 2 : 8
        if bytes.count < body + width { break }
        count = bytes[body..<body + width].reduce(0) { $0 << 8 | Int($1) }
        body += width
      }
      if bytes.count < body + count { break }
      frames.append(Frame(kind: bytes[start], payload: Array(bytes[body..<body + count])))
      start = body + count
    }
    bytes.removeFirst(start)
    return frames
  }
}

/// A venue without sockets, and with a clock that the test moves.
final class TestVenue {
  static let everything =
    #"{"action":"subscribe","platform":"polymarket","version":1,"type":"orders","filters":{"users":["*"]}}"#
  static let topics = #"{"action":"subscribe","subscriptions":[{"topic":"activity","type":"trades"}]}"#

  var venue: Venue
  var now = Moment(elapsed: 0, wall: 1_800_000_000_000)
  var bytes: [Int: [UInt8]] = [:]
  var frames: [Int: [Frame]] = [:]
  var endings: [Int: Subscriber.Ending] = [:]

  /// A venue that plays `count` made-up orders at 1000 a second.
  init(_ count: Int = 100, _ configure: (inout SimulatorOptions) -> Void = { _ in }) {
    var options = SimulatorOptions(source: .generated(count))
    options.speed = .rate(1000)
    options.restLag = .zero
    configure(&options)
    let flow = FlowGenerator.flow(count: count, seed: options.seed, rate: 20)
    venue = Venue(flow: flow.withTwins(rate: options.twinRate, seed: options.seed), options: options)
  }

  /// A connection that has said something.
  func connect(_ message: String = TestVenue.everything) -> Int {
    let number = venue.connect()
    send(number, message)
    return number
  }

  func send(_ number: Int, _ message: String) {
    venue.receive(number, message.utf8)
    step()
  }

  /// Asks whether a handshake is refused.
  func refuses() -> Bool { venue.refusesHandshake(now) }

  func step() {
    _ = venue.advance(now)
    for output in venue.takeOutput(now) {
      venue.wrote(output.number, output.bytes.count)
      bytes[output.number, default: []] += output.bytes
      endings[output.number] = output.ending
      var rest = bytes[output.number] ?? []
      frames[output.number, default: []] += Frame.take(from: &rest)
      bytes[output.number] = rest
      if output.ending != nil { venue.disconnect(output.number) }
    }
  }

  /// Lets time pass, a millisecond at a time.
  func run(milliseconds: Int) {
    for _ in 0..<milliseconds {
      now.elapsed += Moment.millisecond
      now.wall += 1
      step()
    }
  }

  /// The orders that a connection was sent.
  func orders(_ number: Int) -> [SeenOrder] {
    scan(texts(number).flatMap { Array($0.utf8) + [0x0A] }).orders
  }

  func texts(_ number: Int) -> [String] { (frames[number] ?? []).filter { $0.kind == 0x81 }.map(\.text) }

  /// What happened at the venue.
  var happened: [SeenOrder] { scan(SentFile(venue.source).bytes).orders }

  func get(_ target: String, key: String? = nil) -> RESTResponse {
    venue.answer(RESTRequest(target: target, authorization: key.map { "Bearer \($0)" }), now)
  }
}
