public import OrderFlow

/// A signal as one line of JSON, the same bytes in every run.
public enum SignalLine {
  /// Appends the line with its newline; keys in the order that `replay --format ndjson` promises.
  public static func append(_ signal: Signal, to out: inout [UInt8]) {
    field("{\"id\":", signal.id.hex, &out)
    field(",\"rule\":", signal.rule, &out)
    field(",\"version\":", signal.version, &out)
    raw(",\"seq\":\(signal.seq),\"t\":\(signal.time)", &out)
    field(",\"severity\":", signal.severity.name, &out)
    field(",\"title\":", signal.title, &out)
    field(",\"key\":", signal.key, &out)
    field(",\"market\":", signal.market, &out)
    field(",\"token\":", signal.token, &out)
    field(",\"side\":", signal.side, &out)
    field(",\"user\":", signal.user, &out)
    raw(",\"confidence\":", &out)
    // SQLite has no zero below zero, and the line must be the same when it comes from a journal.
    raw(signal.confidence.map { $0 == 0 ? "0.0" : "\($0)" } ?? "null", &out)
    raw(",\"data\":", &out)
    raw(signal.data ?? "null", &out)
    raw(",\"fold_count\":\(signal.foldCount)", &out)
    if signal.warming { raw(",\"warming\":true", &out) }
    if signal.dataGap { raw(",\"data_gap\":true", &out) }
    raw("}\n", &out)
  }

  private static func raw(_ text: String, _ out: inout [UInt8]) { out.append(contentsOf: text.utf8) }

  private static func field(_ name: String, _ value: String?, _ out: inout [UInt8]) {
    raw(name, &out)
    if let value { JSONText.quote(value, to: &out) } else { raw("null", &out) }
  }
}
