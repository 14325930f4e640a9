import OrderFlow

extension WindowDefinition {
  /// Whether what it holds depends on the watch list.
  var usesLabel: Bool {
    keys.contains { $0.field == .text(.label) } || values.contains(.text(.label))
      || conditions.contains(where: \.usesLabel)
  }
}

extension SequenceDefinition {
  /// Whether what is pending depends on the watch list.
  var usesLabel: Bool {
    keys.contains { $0.field == .text(.label) }
      || elements.contains { $0.conditions.contains(where: \.usesLabel) }
  }
}

extension Condition {
  fileprivate var usesLabel: Bool { subject == .field(.text(.label)) }
}
