import OrderFlow

extension WindowDefinition {
  /// Says everything that decides what the window holds and computes, and nothing else: not its name or place.
  var identity: String {
    var parts = ["\(shape)", "\(maximumKeys)", "\(maximumItems)"]
    parts.append("by " + keys.map(\.name).joined(separator: " "))
    parts.append("where " + conditions.map { "\($0)" }.joined(separator: " "))
    parts.append("values " + values.map(WindowDefinition.name).joined(separator: " "))
    parts.append(contentsOf: aggregates.map { "\($0.name) \($0.aggregate)" })
    return parts.joined(separator: "; ")
  }

  private static func name(_ field: OrderField) -> String {
    OrderField.named.first { $0.field == field }?.name ?? ""
  }
}
