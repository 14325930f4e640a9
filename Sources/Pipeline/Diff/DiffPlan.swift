import RuleEngine
import RuleKit

/// Which rules of two sets have to run so that their signals can be held against each other.
struct DiffPlan {
  /// Rules whose signals may differ, sorted: they differ themselves, or hear some that do.
  private(set) var compared: [String] = []
  /// Rules of both sets that cannot differ, sorted.
  private(set) var unchanged: [String] = []
  /// The compared rules, and all that they hear.
  private(set) var running: Set<String> = []
  /// Whether one of them keeps something of its own from event to event, or hears others.
  private(set) var hasMemory = false

  /// Plans; with `only` nothing but this rule is compared.
  ///
  /// Throws `RuleSetDiff.Refused` when a rule that has to run does not load. In a set that `forgives` one that
  /// does not load is left out, as it was when the set ran.
  init(_ sets: [DiffSide: RuleSources], only: String?, forgives: Set<DiffSide>) throws {
    var listens: [String: Set<String>] = [:]
    var problems: [DiffSide: [RuleProblem]] = [:]
    for (side, sources) in sets {
      var options = Engine.Options()
      options.skipsBadRules = true
      let engine = try Engine(sources, options: options)
      for rule in engine.rules {
        listens[rule, default: []].formUnion(engine.declarations(of: rule)?.listens ?? [])
      }
      problems[side] = engine.skipped
    }
    let all = Set(sets.values.flatMap { $0.rules.map(\.name) })
    var changed = Set(
      sets[.after].flatMap { after in sets[.before].map { after.rules(differingFrom: $0) } } ?? [])
    DiffPlan.close(&changed) { rule in Set(listens.filter { $0.value.contains(rule) }.map(\.key)) }
    let wanted = only.map { Set([$0]) } ?? all
    compared = changed.intersection(wanted).sorted()
    unchanged = wanted.intersection(all).subtracting(changed).sorted()
    running = Set(compared)
    DiffPlan.close(&running) { listens[$0] ?? [] }
    for side in DiffSide.allCases where !forgives.contains(side) {
      let bad = problems[side]?.filter { running.contains($0.rule) } ?? []
      if !bad.isEmpty { throw RuleSetDiff.Refused(side: side, problems: bad) }
    }
    hasMemory =
      sets.values.contains { keepsSomething($0) } || running.contains { listens[$0]?.isEmpty == false }
  }

  /// Adds what `next` gives of each member, and of what was added.
  private static func close(_ set: inout Set<String>, _ next: (String) -> Set<String>) {
    var open = Array(set)
    while let member = open.popLast() {
      for found in next(member) where set.insert(found).inserted { open.append(found) }
    }
  }

  private func keepsSomething(_ sources: RuleSources) -> Bool {
    let texts = sources.rules.filter { running.contains($0.name) } + sources.libraries
    return texts.contains { file in
      (try? LuaParser.parse(file.source, isFile: true)).map { RuleMemory($0).isKept } ?? true
    }
  }
}
