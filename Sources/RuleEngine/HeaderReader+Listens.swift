import CRuleVM

extension HeaderReader {
  /// Most rules that one may listen to.
  private static var mostListened: Int { 64 }

  /// The rules whose signals the rule gets; whether there are such is seen when the set is put together.
  func listens(_ hooks: UInt32) throws(RuleProblem) -> [String] {
    let names = try texts("listens")
    let has = hooks & UInt32(CRV_HOOK_SIGNAL) != 0
    if names.isEmpty {
      if has {
        throw problem("on_signal is never called: name rules in listens = { \"…\" }", at: "on_signal")
      }
      return []
    }
    if !has { throw problem("listens is declared but there is no on_signal", at: "listens") }
    if names.count > HeaderReader.mostListened {
      throw problem("listens names more than \(HeaderReader.mostListened) rules", at: "listens")
    }
    if names.contains(rule) { throw problem("the rule listens to itself", at: "listens") }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw problem("listens names \(name) twice", at: "listens")
    }
    return names
  }
}
