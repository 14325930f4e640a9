import ArgumentParser
import Journal
import OrderFlow

extension JournalReader {
  /// The one signal of a rule whose id begins so, for who names it on the command line.
  ///
  /// Says what is wrong and ends the command when there is none, more than one, or it is the engine's own.
  func signalOfRule(idPrefix prefix: String, in db: String) throws -> Signal {
    let found = try signals(idPrefix: prefix)
    guard let stored = found.first?.signal else {
      throw Output.fail("no signal in \(db) has an id that begins with \(prefix)", .badInput)
    }
    if found.count > 1 {
      throw Output.fail("more than one signal's id begins with \(prefix): write more of it", .badInput)
    }
    if stored.rule.hasPrefix("betterbot/") {
      throw Output.fail("\(stored.id.hex) is the engine's own word, of no rule: \(stored.title)", .differs)
    }
    return stored
  }
}
