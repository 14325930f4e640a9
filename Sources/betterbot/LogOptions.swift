import Logging

/// What the log tells, and how.
struct LogOptions: Sendable, Equatable {
  /// How a line is written.
  enum Format: String, Sendable { case text, json }

  /// How a line is written.
  var format = Format.text
  /// The least level that is told.
  var level = Logger.Level.info
}
