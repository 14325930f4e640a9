public import COrderFlow

/// One fill leg in the shared memory layout; see `COrderFlow.h` for the meaning and unit of each field.
///
/// It borrows its texts from the batch it belongs to: read it inside the batch, copy what must outlive it.
public typealias Order = bb_order

/// A text field of an order, as an index into `Order.text`.
public enum TextField: Int, CaseIterable, Sendable {
  case user, taker, tokenID, tokenLabel, marketSlug, conditionID, title, txHash, orderHash, label

  /// The name that rules, the journal and the wire use for it.
  public var name: String {
    switch self {
    case .user: "user"
    case .taker: "taker"
    case .tokenID: "token_id"
    case .tokenLabel: "token_label"
    case .marketSlug: "market_slug"
    case .conditionID: "condition_id"
    case .title: "title"
    case .txHash: "tx_hash"
    case .orderHash: "order_hash"
    case .label: "label"
    }
  }
}

extension Order {
  /// An order with every optional field absent.
  public static var empty: Order {
    var order = Order()
    order.block_number = -1
    order.log_index = -1
    return order
  }

  /// The bytes of a text field, empty when the venue did not send it.
  @inlinable
  public subscript(_ field: TextField) -> bb_text {
    get {
      withUnsafeBytes(of: text) { raw in
        raw.loadUnaligned(fromByteOffset: field.rawValue &* MemoryLayout<bb_text>.stride, as: bb_text.self)
      }
    }
    set {
      withUnsafeMutableBytes(of: &text) { raw in
        raw.storeBytes(
          of: newValue, toByteOffset: field.rawValue &* MemoryLayout<bb_text>.stride, as: bb_text.self)
      }
    }
  }

  /// A text field as a string of its own, nil when absent.
  public func string(_ field: TextField) -> String? {
    let text = self[field]
    return text.count == 0 ? nil : text.string
  }

  /// `BUY` or `SELL`.
  public var sideName: String { side == UInt8(BB_SIDE_BUY) ? "BUY" : "SELL" }

  /// `polymarket` or `kalshi`.
  public var venueName: String { venue == UInt8(BB_VENUE_POLYMARKET) ? "polymarket" : "kalshi" }
}

extension bb_text {
  /// The text as a string of its own.
  public var string: String {
    guard let bytes, count > 0 else { return "" }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }
}
