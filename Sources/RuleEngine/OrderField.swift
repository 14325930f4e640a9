import COrderFlow
import OrderFlow

/// A field of the order that conditions, keys and aggregates may use.
enum OrderField: Equatable, Sendable {
  /// An integer, by its byte offset in `bb_order`.
  case integer(Int)
  /// A text, compared by its symbol.
  case text(TextField)
  case side, venue, role, late

  /// Every field by name, in the order of api.json.
  static let named: [(name: String, field: OrderField)] = [
    ("seq", .integer(offset(\.seq))), ("t", .integer(offset(\.time))), ("venue", .venue),
    ("user", .text(.user)),
    ("label", .text(.label)), ("taker", .text(.taker)), ("role", .role), ("side", .side),
    ("token_id", .text(.tokenID)), ("token_label", .text(.tokenLabel)), ("market_slug", .text(.marketSlug)),
    ("condition_id", .text(.conditionID)), ("title", .text(.title)), ("price", .integer(offset(\.price))),
    ("shares", .integer(offset(\.shares))), ("usd", .integer(offset(\.usd))),
    ("usd_floor", .integer(offset(\.usd_floor))), ("tx_hash", .text(.txHash)),
    ("order_hash", .text(.orderHash)), ("late", .late),
  ]

  init?(name: String) {
    guard let match = OrderField.named.first(where: { $0.name == name }) else { return nil }
    self = match.field
  }

  private static func offset(_ path: PartialKeyPath<bb_order>) -> Int {
    // Every path here is a stored property of a C struct, which always has an offset.
    MemoryLayout<bb_order>.offset(of: path) ?? 0
  }

  /// Whether it holds a number that can be summed and compared.
  var isInteger: Bool {
    if case .integer = self { return true }
    return false
  }

  /// The field's value as one word: the integer, the symbol of a text (0 when absent), or a small code.
  @inline(__always)
  func word(_ order: UnsafePointer<bb_order>) -> Int64 {
    switch self {
    case .integer(let offset): UnsafeRawPointer(order).load(fromByteOffset: offset, as: Int64.self)
    case .text(let field): Int64(order.text(field).pointee.symbol)
    case .side: Int64(order.pointee.side)
    case .venue: Int64(order.pointee.venue)
    case .role: Int64(order.pointee.role)
    case .late: Int64(order.pointee.late)
    }
  }

  /// The codes of a field with few values, by name; nil for integers and texts.
  var codes: [(name: String, code: Int64)]? {
    switch self {
    case .side: [("BUY", Int64(BB_SIDE_BUY)), ("SELL", Int64(BB_SIDE_SELL))]
    case .venue: [("polymarket", Int64(BB_VENUE_POLYMARKET)), ("kalshi", Int64(BB_VENUE_KALSHI))]
    case .role: [("taker", Int64(BB_ROLE_TAKER)), ("maker", Int64(BB_ROLE_MAKER))]
    default: nil
    }
  }
}

extension UnsafePointer<bb_order> {
  /// The place of a text inside the order, without copying the order.
  @inline(__always)
  func text(_ field: TextField) -> UnsafePointer<bb_text> {
    let base = UnsafeRawPointer(self) + OrderField.textOffset
    return base.assumingMemoryBound(to: bb_text.self) + field.rawValue
  }
}

extension UnsafeMutablePointer<bb_order> {
  /// The place of a text inside the order, without copying the order.
  @inline(__always)
  func text(_ field: TextField) -> UnsafeMutablePointer<bb_text> {
    let base = UnsafeMutableRawPointer(self) + OrderField.textOffset
    return base.assumingMemoryBound(to: bb_text.self) + field.rawValue
  }
}

extension OrderField {
  /// Where the texts begin in `bb_order`.
  static var textOffset: Int {
    @inline(__always) get { MemoryLayout<bb_order>.size - Int(BB_TEXT_COUNT) * MemoryLayout<bb_text>.stride }
  }
}
