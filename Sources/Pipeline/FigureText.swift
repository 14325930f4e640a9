/// Figures as people read them.
public enum FigureText {
  /// Digits with a comma every three.
  public static func grouped(_ value: some BinaryInteger) -> String {
    let digits = Array(String(value.magnitude).utf8)
    var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(UInt8(ascii: ",")) }
      text.append(digit)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A span of milliseconds: `850 ms`, `1.2 s`, `35 s`, `12 min`, `5 h 3 min`, `3 d 2 h`.
  public static func span(_ milliseconds: Int64) -> String {
    if milliseconds < 0 { return "-" + span(milliseconds == .min ? .max : -milliseconds) }
    let seconds = milliseconds / 1000
    switch seconds {
    case 0: return "\(milliseconds) ms"
    case 1..<10: return "\(seconds).\(milliseconds % 1000 / 100) s"
    case 10..<100: return "\(seconds) s"
    case 100..<7200: return "\(seconds / 60) min"
    case 7200..<172_800: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
    }
  }

  /// A span of microseconds: `180 µs`, `1.2 ms`, `15 ms`, `2.1 s`.
  public static func microseconds(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "?" }
    if value < 1000 { return "\(Int(value.rounded())) µs" }
    if value < 10_000 { return "\(decimal(value / 1000, places: 1)) ms" }
    return span(Int64(clamping: Int(min(value / 1000, 1e15).rounded())))
  }

  /// A number of bytes: `512 B`, `12 kB`, `85 MB`, `1.2 GB`.
  public static func bytes(_ count: Int) -> String {
    let value = Double(max(0, count))
    if value < 1000 { return "\(Int(value)) B" }
    if value < 1e6 { return "\(Int(value / 1e3)) kB" }
    if value < 1e9 { return "\(Int(value / 1e6)) MB" }
    return "\(decimal(value / 1e9, places: 1)) GB"
  }

  /// A number with so many places, as far as it goes into digits: `0.012`.
  public static func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "?" }
    var scale: Int64 = 1
    for _ in 0..<min(max(places, 0), 6) { scale *= 10 }
    let scaled = Int64((value * Double(scale)).rounded())
    if scale == 1 { return String(scaled) }
    let part = String((scaled.magnitude % scale.magnitude) + scale.magnitude).dropFirst()
    return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / scale.magnitude).\(part)"
  }
}
