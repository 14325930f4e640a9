import Broadcast
import RuleEngine

extension LiveStatus {
  /// Writes the families of rules; a rule that was away begins at zero again.
  static func write(_ rules: [RuleTotals], to text: inout PrometheusText) {
    func counter(_ name: String, _ help: String, _ value: KeyPath<RuleTotals, UInt64>) {
      text.family("betterbot_rule_\(name)_total", .counter, help) { family in
        for rule in rules { family.sample([("rule", rule.rule)], rule[keyPath: value]) }
      }
    }
    func gauge(_ name: String, _ help: String, _ value: (RuleTotals) -> Double?) {
      text.family("betterbot_rule_\(name)", .gauge, help) { family in
        for rule in rules {
          if let value = value(rule) { family.sample([("rule", rule.rule)], value) }
        }
      }
    }
    counter("calls", "Times a hook was called.", \.calls)
    counter("signals", "Signals that fired; folded ones are not counted.", \.signals)
    counter("errors", "Calls that failed, kills included.", \.errors)
    counter("kills", "Calls that the watchdog ended.", \.kills)
    text.family("betterbot_rule_cpu_seconds_total", .counter, "CPU time.") { family in
      for rule in rules { family.sample([("rule", rule.rule)], Double(rule.nanoseconds) / 1e9) }
    }
    gauge("memory_peak_bytes", "The most memory that its machine has had.") { Double($0.memoryPeak) }
    counter("too_late", "Orders that came too late for a window or sequence.", \.tooLate)
    counter("dropped_groups", "Groups and keys dropped to stay inside the caps.", \.droppedGroups)
    counter("skipped_ticks", "Ticks of timers that a jump of the clock left out.", \.skippedTicks)
    counter("undecided_absences", "Absences given up because of a lost stretch.", \.undecidedAbsences)
    gauge("quarantined", "1 when it was taken out of service.") { $0.isQuarantined ? 1 : 0 }
    gauge("warming", "1 while its windows lack what the journal no longer had.") {
      $0.warmingUntil == nil ? 0 : 1
    }
  }
}
