import RuleEngine

/// A rule's file that is to be another, or away.
struct RuleFileChange: Sendable {
  /// The rule's id; a legal one, see `RuleSources.isRuleID`.
  var rule: String
  /// What is to be in its file; nil: there is to be none.
  var source: [UInt8]?

  /// The file's name in the rules folder.
  var file: String { rule + ".lua" }

  /// What a rule set has in that file; nil when it has none.
  func before(in sources: RuleSources) -> [UInt8]? { sources.rules.first { $0.name == rule }?.source }

  /// The rule set with the change.
  func applied(to sources: RuleSources) -> RuleSources {
    var sources = sources
    sources.rules.removeAll { $0.name == rule }
    if let source {
      sources.rules.append(RuleSources.File(name: rule, source: source))
      sources.rules.sort { $0.name < $1.name }
    }
    return sources
  }

  /// Whether the rule set is one with the change.
  func isIn(_ sources: RuleSources) -> Bool { before(in: sources) == source }
}

/// A change of a rule's file, with what was found in the folder.
struct PlannedChange: Sendable {
  var change: RuleFileChange
  var step: RuleFileStep

  /// The change of a folder that holds `sources`.
  init(_ change: RuleFileChange, in folder: String, holding sources: RuleSources) {
    self.change = change
    step = RuleFileStep(
      folder: folder, name: change.file, before: change.before(in: sources), after: change.source)
  }

  /// Whether the rule set is one with the change.
  func isIn(_ sources: RuleSources) -> Bool { change.isIn(sources) }
}
