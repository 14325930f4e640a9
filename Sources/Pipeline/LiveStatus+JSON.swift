import Feeds
import RuleEngine
import Wire

extension LiveStatus {
  /// One JSON object with its newline; keys stay what they are, times are ms since 1970.
  public var json: String {
    var out: [UInt8] = []
    func raw(_ text: String) { out.append(contentsOf: text.utf8) }
    func text(_ key: String, _ value: String?) { LiveStatus.field(key, value, &out) }
    text("{\"journal\":", journal)
    text(",\"durability\":", durability)
    text(",\"version\":", version)
    raw(",\"started_at\":\(startedAt),\"orders\":\(orders),\"signals\":\(signals),\"folded\":\(folded)")
    raw(",\"duplicates\":\(duplicates),\"rejected\":\(rejected)")
    raw(",\"orders_per_second\":\(LiveStatus.number(rate)),\"last_seq\":\(lastSequence)")
    raw(",\"clock\":\(LiveStatus.number(clock)),\"lag_ms\":\(LiveStatus.number(lag)),\"latency_us\":")
    if let latency {
      raw("{\"p50\":\(LiveStatus.number(latency.median)),\"p99\":\(LiveStatus.number(latency.p99))}")
    } else {
      raw("null")
    }
    raw(",\"queue\":{\"items\":\(queued),\"limit\":\(queueLimit),\"bytes\":\(queuedBytes)}")
    text(",\"disk_trouble\":", diskTrouble)
    raw(",\"dead_letters\":\(deadLetters)")
    raw(",\"retention\":{\"rows_deleted\":\(pruned),\"last_run\":\(LiveStatus.number(prunedAt))}")
    text(",\"last_reload\":", lastReload.isEmpty ? nil : lastReload)
    text(",\"api\":", api)
    raw(ruleSetJSON)
    raw(",\"memory_bytes\":\(memory),\"feeds\":[")
    for (place, feed) in feeds.enumerated() {
      if place > 0 { raw(",") }
      LiveStatus.append(feed, &out)
    }
    raw("],\"rules\":{")
    for (place, rule) in rules.enumerated() {
      if place > 0 { raw(",") }
      JSONText.quote(rule.rule, to: &out)
      raw(":{\"calls\":\(rule.calls),\"signals\":\(rule.signals),\"errors\":\(rule.errors)")
      raw(",\"kills\":\(rule.kills),\"undecided_absences\":\(rule.undecidedAbsences)")
      raw(",\"cpu_seconds\":\(Double(rule.nanoseconds) / 1e9),\"memory_bytes\":\(rule.memoryPeak)")
      raw(",\"too_late\":\(rule.tooLate),\"dropped_groups\":\(rule.droppedGroups)")
      raw(",\"skipped_ticks\":\(rule.skippedTicks),\"quarantined\":\(rule.isQuarantined)")
      raw(",\"warming_until\":\(LiveStatus.number(rule.warmingUntil))}")
    }
    raw("}}\n")
    return String(decoding: out, as: UTF8.self)
  }

  private static func append(_ feed: FeedStatus, _ out: inout [UInt8]) {
    func raw(_ text: String) { out.append(contentsOf: text.utf8) }
    field("{\"name\":", feed.name, &out)
    field(",\"kind\":", feed.kind, &out)
    field(",\"state\":", feed.state.rawValue, &out)
    raw(",\"connected_since\":\(number(feed.connectedSince)),\"last_payload\":\(number(feed.lastPayload))")
    raw(",\"reconnects\":\(feed.reconnects),\"resubscriptions\":\(feed.resubscriptions)")
    raw(",\"messages\":\(feed.messages),\"orders\":\(feed.orders),\"duplicates\":\(feed.duplicates)")
    raw(",\"rejected\":\(feed.rejected),\"gaps\":\(feed.gaps),\"open_gaps\":\(feed.openGaps)")
    raw(",\"backfilled\":\(feed.backfilled),\"audit_found\":\(feed.auditFound),\"twins\":\(feed.twins)")
    raw(",\"rest_requests\":\(feed.restRequests),\"rest_errors\":\(feed.restErrors)")
    raw(",\"worst_rest_lag_ms\":\(feed.worstRestLag),\"audited\":\(number(feed.audited))")
    field(",\"last_error\":", feed.lastError.isEmpty ? nil : feed.lastError, &out)
    raw("}")
  }

  static func field(_ key: String, _ value: String?, _ out: inout [UInt8]) {
    out.append(contentsOf: key.utf8)
    if let value { JSONText.quote(value, to: &out) } else { out.append(contentsOf: "null".utf8) }
  }

  private static func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "null" }

  /// JSON has no infinity.
  private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "0.0" }
}
