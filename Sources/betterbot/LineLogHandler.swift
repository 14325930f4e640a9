import Glibc
import Logging

/// Log messages as lines on standard error, one an event, as text or JSON.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let format: LogOptions.Format
  private let isSilent: Bool

  /// `isSilent`: something else shows what there is to say.
  init(_ options: LogOptions = LogOptions(), isSilent: Bool = false) {
    logLevel = options.level
    format = options.format
    self.isSilent = isSilent
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if isSilent { return }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    _ = Descriptor.write(Array((line(event, at: milliseconds) + "\n").utf8), to: STDERR_FILENO)
  }

  /// The line of an event, without its end.
  func line(_ event: LogEvent, at milliseconds: Int64) -> String {
    var fields = metadata
    fields.merge(metadataProvider?.get() ?? [:]) { $1 }
    fields.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error { fields["error"] = "\(error)" }
    let line = LogLine(
      time: milliseconds, level: event.level, message: event.message.description, metadata: fields)
    switch format {
    case .text: return line.text
    case .json: return line.json
    }
  }
}
