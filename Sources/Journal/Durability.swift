/// What a committed batch survives.
public enum Durability: String, CaseIterable, Sendable {
  /// A power cut: every commit waits until the disk has it.
  case full
  /// A crash of the process; a power cut may take the last commits, never the file's consistency.
  case normal

  /// The value of `PRAGMA synchronous`.
  var pragma: String {
    switch self {
    case .full: "FULL"
    case .normal: "NORMAL"
    }
  }
}
