/// Which rules hear which: in what order they have to run, and what is wrong with it.
struct ListenGraph {
  /// What each rule of a set listens to, by id.
  private let listens: [String: [String]]

  init(_ listens: [String: [String]]) { self.listens = listens }

  /// 0 for a rule that hears nobody, else one more than the highest of those it hears.
  ///
  /// In a cycle the level is that of the way in, so that this always ends; `problems` names the cycle.
  func levels() -> [String: Int] {
    var levels: [String: Int] = [:]
    for id in listens.keys.sorted() { _ = level(of: id, &levels, path: []) }
    return levels
  }

  private func level(of id: String, _ levels: inout [String: Int], path: Set<String>) -> Int {
    if let known = levels[id] { return known }
    var level = 0
    for heard in listens[id] ?? [] where listens[heard] != nil && !path.contains(heard) && heard != id {
      level = max(level, 1 + self.level(of: heard, &levels, path: path.union([id])))
    }
    levels[id] = level
    return level
  }

  /// Rules that listen to one that is no file of the set, and rules that hear themselves in the end.
  ///
  /// A rule that runs alone hears nobody, and nothing is wrong with that.
  func problems(in sources: RuleSources, only: String?) -> [RuleProblem] {
    if only != nil { return [] }
    let known = sources.rules.map(\.name)
    var problems: [RuleProblem] = []
    for (id, heard) in listens.sorted(by: { $0.key < $1.key }) {
      for name in heard where !known.contains(name) {
        problems.append(
          problem(id, "listens names '\(name)', which is no rule\(HeaderReader.suggestion(name, known))"))
      }
      if let cycle = cycle(from: id) {
        problems.append(problem(id, "listens makes a cycle: \(cycle.joined(separator: " → "))"))
      }
    }
    return problems
  }

  private func problem(_ rule: String, _ message: String) -> RuleProblem {
    RuleProblem(rule: rule, file: rule + ".lua", line: 0, message: message)
  }

  /// The shortest way from a rule back to itself, nil when there is none.
  private func cycle(from id: String) -> [String]? {
    var waiting = [[id]]
    var seen: Set<String> = []
    while !waiting.isEmpty {
      let path = waiting.removeFirst()
      for next in listens[path[path.count - 1]] ?? [] {
        if next == id { return path + [id] }
        if seen.insert(next).inserted { waiting.append(path + [next]) }
      }
    }
    return nil
  }
}
