extension RuleSources {
  /// A rule and every rule that it hears, whoever they hear themselves included.
  ///
  /// Throws why one of them does not load.
  public func heard(by rule: String) throws(Engine.Refusal) -> [String] {
    var chain = [rule]
    var place = 0
    while place < chain.count {
      var options = Engine.Options()
      options.only = chain[place]
      let heard = try Engine(self, options: options).declarations(of: chain[place])?.listens ?? []
      chain += heard.filter { !chain.contains($0) }
      place += 1
    }
    return chain
  }
}
