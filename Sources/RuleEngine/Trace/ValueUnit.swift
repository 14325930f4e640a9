/// What a whole number counts, where that is known.
public enum ValueUnit: String, Equatable, Sendable {
  /// Micro-dollars.
  case usd
  /// Micro-shares.
  case shares
  /// Milliseconds since 1970 UTC.
  case time
  /// Milliseconds.
  case duration
  /// Things.
  case plain

  /// The unit of an order's field.
  public static func of(field: String) -> ValueUnit {
    switch field {
    case "price", "usd", "usd_floor": .usd
    case "shares": .shares
    case "t": .time
    default: .plain
    }
  }
}
