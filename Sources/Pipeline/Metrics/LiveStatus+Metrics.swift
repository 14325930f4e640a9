import Broadcast
import Feeds
import RuleEngine

extension LiveStatus {
  /// Writes the families of a live run; `docs/metrics.md` lists them.
  func write(to text: inout PrometheusText) {
    writeFlow(to: &text)
    writeState(to: &text)
    writeReloads(to: &text)
    LiveStatus.write(feeds, to: &text)
    LiveStatus.write(rules, to: &text)
  }

  private func writeFlow(to text: inout PrometheusText) {
    text.family("betterbot_orders_total", .counter, "Orders that reached the rules.", orders)
    text.family("betterbot_signals_total", .counter, "Signals that fired.", signals)
    text.family("betterbot_folded_total", .counter, "Repeats that were folded into signals.", folded)
    text.family("betterbot_duplicates_total", .counter, "Repeated orders that were dropped.", duplicates)
    text.family("betterbot_rejected_total", .counter, "Messages that could not be read.", rejected)
    text.family("betterbot_dead_letters_total", .counter, "Such messages that are stored.", deadLetters)
    text.family(
      "betterbot_lag_seconds", .gauge, "How far the newest order's event time is behind the wall clock.",
      LiveStatus.seconds(lag))
    text.family(
      "betterbot_silence_seconds", .gauge, "How long no order has come.", LiveStatus.seconds(silence))
    text.family("betterbot_queue_items", .gauge, "Items that wait for the engine.", Double(queued))
    text.family("betterbot_queue_limit_items", .gauge, "Most items that may wait.", Double(queueLimit))
    text.family("betterbot_queue_bytes", .gauge, "Bytes that wait for the engine.", Double(queuedBytes))
    text.family(
      "betterbot_last_sequence", .gauge, "Number of the last event in the journal.", Double(lastSequence))
  }

  private func writeState(to text: inout PrometheusText) {
    text.family(
      "betterbot_disk_trouble", .gauge, "1 while nothing can be stored, and so nothing is taken in.",
      diskTrouble == nil ? 0 : 1)
    text.family(
      "betterbot_durability_info", .gauge, "What a stored batch survives: full a power cut, normal a crash."
    ) { family in
      if !durability.isEmpty { family.sample([("durability", durability)], true) }
    }
    text.family("betterbot_rule_set_info", .gauge, "The version of the rule set that runs.") { family in
      if !version.isEmpty { family.sample([("version", version)], true) }
    }
    text.family(
      "betterbot_start_time_seconds", .gauge, "When the run began, since 1970.",
      startedAt == 0 ? nil : LiveStatus.seconds(startedAt))
    text.family("betterbot_memory_bytes", .gauge, "Resident memory of the process.", Double(memory))
    text.family(
      "betterbot_retention_deleted_rows_total", .counter,
      "Rows deleted because the journal is not to keep them.", pruned)
    text.family(
      "betterbot_retention_last_run_timestamp_seconds", .gauge,
      "When the journal was last looked through for such rows.", LiveStatus.seconds(prunedAt))
  }

  private func writeReloads(to text: inout PrometheusText) {
    text.family("betterbot_reloads_total", .counter, "Attempts to change the rule set.") { family in
      family.sample([("outcome", "swapped")], reload.swaps)
      family.sample([("outcome", "rejected")], reload.rejections)
      family.sample([("outcome", "rolled_back")], reload.rollbacks)
    }
    text.family(
      "betterbot_last_reload_successful", .gauge, "0 when the last reload did not take every file.",
      reload.lastSucceeded ? 1 : 0)
    text.family(
      "betterbot_last_reload_seconds", .gauge, "What the last swap took, from the first look at its files.",
      Double(reload.duration) / 1e9)
    text.family(
      "betterbot_last_reload_pause_seconds", .gauge, "How long events waited for the last swap.",
      Double(reload.pause) / 1e9)
  }

  /// Milliseconds as seconds.
  static func seconds(_ milliseconds: Int64?) -> Double? { milliseconds.map { Double($0) / 1000 } }
}
