/// What the sender sends.
struct FlowSettings {
  /// Orders that count nothing: connections, caches and layouts warm up.
  static let warmUpSeconds = 2

  /// Orders a second.
  var rate = 5_000
  /// Seconds that are measured.
  var seconds = 20
  /// One order in so many is a probe.
  var probeEvery = 10
  /// Orders in a second of event time; nil: event time is the wall's.
  var eventRate: Int?
  /// Orders to send instead of so many seconds of them.
  var total: Int?

  /// Orders to send.
  var count: Int { total ?? rate * (seconds + FlowSettings.warmUpSeconds) }

  /// The sender's command line.
  var arguments: [String] {
    var words = ["send", "--rate", "\(rate)", "--total", "\(count)", "--probe-every", "\(probeEvery)"]
    if let eventRate { words += ["--event-rate", "\(eventRate)"] }
    return words
  }
}
