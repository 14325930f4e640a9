import COrderFlow
import OrderFlow

/// Everything an order says, owned by itself.
struct OrderCopy: Equatable {
  var line: UInt64 = 1
  var offset: UInt64 = 0
  var time: Int64 = 0
  var price: Int64 = 0
  var shares: Int64 = 0
  var usd: Int64 = 0
  var usdFloor: Int64 = 0
  var block: Int64 = -1
  var logIndex: Int64 = -1
  var side = "BUY"
  var role: UInt8 = 0
  var texts: [[UInt8]] = Array(repeating: [], count: TextField.allCases.count)

  init() {}

  init(_ order: Order) {
    line = order.line
    offset = order.offset
    time = order.time
    price = order.price
    shares = order.shares
    usd = order.usd
    usdFloor = order.usd_floor
    block = order.block_number
    logIndex = order.log_index
    side = order.sideName
    role = order.role
    texts = TextField.allCases.map { field in
      let text = order[field]
      return Array(UnsafeBufferPointer(start: text.bytes, count: Int(text.count)))
    }
  }
}

/// What a whole input comes to: the scanner's result, or what it must be.
struct ScanResult: Equatable {
  struct Rejection: Equatable {
    var line: UInt64
    var offset: UInt64
  }

  var orders: [OrderCopy] = []
  var rejected: [Rejection] = []
  var skipped = 0
}

/// The scanner's rules once more, spelled out over a tree and with no regard for speed.
struct ReferenceScanner {
  private let bytes: [UInt8]
  private var result = ScanResult()

  static func scan(_ bytes: [UInt8]) -> ScanResult {
    var scanner = ReferenceScanner(bytes: bytes)
    scanner.run()
    return scanner.result
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() {
    var parser = ReferenceParser(bytes, at: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    while true {
      parser.skipSpace()
      let start = parser.at
      if start == bytes.count { return }
      var rest: Int?
      if let tree = try? parser.value() {
        rest = bytes[parser.at...].firstIndex { $0 == 0x0A || !($0 == 0x20 || $0 == 0x0D || $0 == 0x09) }
        if rest == nil || bytes[rest ?? 0] == 0x0A {
          message(tree, at: start, arrays: 0)
          continue
        }
      }
      reject(start)
      parser.at = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    }
  }

  private func line(_ at: Int) -> UInt64 { bytes[..<at].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) } }

  private mutating func reject(_ at: Int) {
    result.rejected.append(ScanResult.Rejection(line: line(at), offset: UInt64(at)))
  }

  private mutating func message(_ tree: ReferenceJSON, at: Int, arrays: Int) {
    switch tree {
    case .array(let elements, _):
      guard arrays < 2 else { return reject(at) }
      var place = at + 1
      for element in elements {
        place = start(from: place)
        message(element, at: place, arrays: arrays + 1)
        place = end(from: place)
      }
    case .object: object(tree, at)
    default: reject(at)
    }
  }

  /// The place of the next element, found by parsing again: the tree only knows where containers begin.
  private func start(from place: Int) -> Int {
    var parser = ReferenceParser(bytes, at: place)
    parser.skipSpace()
    if bytes[parser.at] == UInt8(ascii: ",") { parser.at += 1 }
    parser.skipSpace()
    return parser.at
  }

  private func end(from place: Int) -> Int {
    var parser = ReferenceParser(bytes, at: place)
    _ = try? parser.value()
    return parser.at
  }

  private mutating func object(_ tree: ReferenceJSON, _ at: Int) {
    if let topic = tree["topic"]?.text {
      let type = tree["type"]?.text.map { String(decoding: $0, as: UTF8.self) }
      guard topic == Array("activity".utf8), type == "trades" || type == "orders_matched" else {
        result.skipped += 1
        return
      }
      return nested(tree["payload"], at)
    }
    if let type = tree["type"]?.text {
      guard type == Array("event".utf8) else {
        result.skipped += 1
        return
      }
      return nested(tree["data"], at)
    }
    if tree["event_type"]?.text != nil {
      result.skipped += 1
      return
    }
    for key in ["orders", "data"] {
      if case .array(let rows, let bracket)? = tree[key] { return page(rows, bracket) }
    }
    guard case .object(let members, _) = tree else { return }
    let like = [
      "token_id", "asset", "side", "price", "shares", "shares_normalized", "size", "user", "proxyWallet",
      "proxy_wallet", "tx_hash", "transactionHash", "transaction_hash", "order_hash",
    ]
    if members.contains(where: { like.contains(String(decoding: $0.key, as: UTF8.self)) }) {
      order(tree, at)
    } else {
      result.skipped += 1
    }
  }

  private mutating func nested(_ tree: ReferenceJSON?, _ at: Int) {
    guard case .object? = tree, let tree else { return reject(at) }
    order(tree, at)
  }

  private mutating func page(_ rows: [ReferenceJSON], _ bracket: Int) {
    var place = bracket + 1
    for row in rows {
      place = start(from: place)
      if case .object = row { order(row, place) } else { reject(place) }
      place = end(from: place)
    }
  }

  private mutating func order(_ tree: ReferenceJSON, _ at: Int) {
    guard var order = ReferenceOrder.read(tree) else { return reject(at) }
    order.line = line(at)
    order.offset = UInt64(at)
    result.orders.append(order)
  }
}
