/// Writes metrics in the Prometheus text format 0.0.4, family by family.
///
/// What comes out can always be parsed: names are made legal, a name or a series that is there already is left
/// out, and so is every series of a name beyond the thousandth. `dropped` counts what was left out.
public struct PrometheusText: Sendable {
  /// What a family's numbers are.
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  /// The `Content-Type` of the text.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  /// Most series of one name.
  public static let mostSeries = 1000

  /// What has been written.
  public private(set) var bytes: [UInt8] = []
  /// Series and families that were left out.
  public private(set) var dropped: UInt64 = 0
  private var names: Set<String> = []

  /// Nothing written yet.
  public init() {}

  /// What has been written, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// A family with its samples; without any, its header tells that it exists.
  public mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: (inout Family) -> Void
  ) {
    let name = PrometheusName.metric(name)
    guard names.insert(name).inserted else {
      dropped += 1
      return
    }
    if !help.isEmpty {
      bytes.append(contentsOf: "# HELP \(name) ".utf8)
      for byte in help.utf8 {
        switch byte {
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        default: bytes.append(byte)
        }
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    bytes.append(contentsOf: "# TYPE \(name) \(kind.rawValue)\n".utf8)
    var family = Family(name: name)
    samples(&family)
    bytes.append(contentsOf: family.bytes)
    dropped += family.dropped
  }

  /// A family of one series without labels; nil writes its header alone.
  public mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    family(name, kind, help) { family in
      if let value { family.sample([], value) }
    }
  }

  /// A family of one series without labels.
  public mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
    family(name, kind, help) { $0.sample([], value) }
  }

  /// The samples of one family.
  public struct Family: Sendable {
    fileprivate let name: String
    fileprivate var bytes: [UInt8] = []
    fileprivate var dropped: UInt64 = 0
    private var seen: Set<String> = []

    fileprivate init(name: String) { self.name = name }

    /// A series and its number.
    public mutating func sample(_ labels: [(String, String)], _ value: UInt64) {
      guard let labels = take(labels) else { return }
      line("", labels, "\(value)")
    }

    /// A series and its number.
    public mutating func sample(_ labels: [(String, String)], _ value: Double) {
      guard let labels = take(labels) else { return }
      line("", labels, PrometheusText.number(value))
    }

    /// A gauge of things that are or are not: 1 or 0.
    public mutating func sample(_ labels: [(String, String)], _ flag: Bool) {
      sample(labels, UInt64(flag ? 1 : 0))
    }

    /// A series whose labels are written already.
    mutating func sample(written labels: String, _ value: String) { line("", labels, value) }

    /// A histogram: how many values fell into each bucket, the last one being all above the greatest bound.
    mutating func histogram(written labels: String, bounds: [Double], counts: [UInt64], sum: Double) {
      let before = labels.isEmpty ? "" : labels + ","
      var total: UInt64 = 0
      for (place, count) in counts.enumerated() {
        total &+= count
        let bound = place < bounds.count ? PrometheusText.number(bounds[place]) : "+Inf"
        line("_bucket", "\(before)le=\"\(bound)\"", "\(total)")
      }
      line("_sum", labels, PrometheusText.number(sum))
      line("_count", labels, "\(total)")
    }

    /// The labels as they are written; nil when the series is not taken.
    private mutating func take(_ labels: [(String, String)]) -> String? {
      let written = PrometheusName.labels(labels)
      guard seen.count < PrometheusText.mostSeries, seen.insert(written).inserted else {
        dropped += 1
        return nil
      }
      return written
    }

    private mutating func line(_ suffix: String, _ labels: String, _ value: String) {
      bytes.append(contentsOf: name.utf8)
      bytes.append(contentsOf: suffix.utf8)
      if !labels.isEmpty {
        bytes.append(UInt8(ascii: "{"))
        bytes.append(contentsOf: labels.utf8)
        bytes.append(UInt8(ascii: "}"))
      }
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: value.utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// A number as Prometheus reads it.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
    return "\(value)"
  }
}
