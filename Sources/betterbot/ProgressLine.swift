import Pipeline

/// One line of progress on a terminal, written over and over.
final class ProgressLine {
  /// Whether there is a terminal to show it on.
  let isWanted: Bool
  private var isShown = false

  init(isWanted: Bool) { self.isWanted = isWanted }

  /// Shows where a replay stands.
  func show(_ progress: Replay.Progress) {
    isShown = true
    let rate = progress.seconds > 0 ? Double(progress.orders) / progress.seconds : 0
    var text = "\r\u{1B}[K\(grouped(Int(progress.orders))) orders · \(grouped(Int(rate)))/s · "
    text += "\(grouped(Int(progress.signals))) signals"
    if let fraction = progress.fraction, fraction > 0.001 {
      let left = progress.seconds / fraction * (1 - fraction)
      text += " · \(Int(fraction * 100)) % · \(Int(left.rounded(.up))) s left"
    }
    Output.error.write(text)
  }

  /// Takes the line away.
  func clear() {
    if isShown { Output.error.write("\r\u{1B}[K") }
    isShown = false
  }
}

/// Digits with a comma every three.
func grouped(_ value: some BinaryInteger) -> String {
  let digits = Array(String(value.magnitude))
  var text = value < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}
