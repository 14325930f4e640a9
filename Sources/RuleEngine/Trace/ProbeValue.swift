import CRuleVM

/// A value that a rule computed, as a probe saw it.
public enum ProbeValue: Equatable, Sendable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  /// A text, cut to 200 bytes, and how many bytes it had.
  case text(String, count: Int)
  /// A table and how many items its list has.
  case table(count: Int)
  /// Something that only has a type.
  case other(type: String)

  /// What Lua takes it for in a condition.
  public var isTrue: Bool {
    switch self {
    case .nil, .boolean(false): false
    default: true
    }
  }

  init(_ record: crv_probe) {
    switch Int(record.kind) {
    case CRV_BOOLEAN: self = .boolean(record.as.integer != 0)
    case CRV_INTEGER: self = .integer(record.as.integer)
    case CRV_NUMBER: self = .number(record.as.number)
    case CRV_TEXT: self = .text(ProbeValue.text(record), count: record.size)
    case CRV_LIST: self = .table(count: record.size)
    case CRV_OTHER: self = .other(type: ProbeValue.text(record))
    default: self = .nil
    }
  }

  /// The text of a record.
  static func text(_ record: crv_probe) -> String {
    guard let bytes = record.as.text.bytes else { return "" }
    return String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: record.as.text.count), as: UTF8.self)
  }
}
