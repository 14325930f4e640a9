import Glibc
import Logging
import OrderFlow
import Pipeline

/// Log messages as lines on standard error: the time, the level when it is more than information, the feed.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  private let isSilent: Bool

  /// `isSilent`: something else shows what there is to say.
  init(isSilent: Bool = false) { self.isSilent = isSilent }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if isSilent { return }
    let level = event.level > .info ? "\(event.level): " : ""
    let feed = metadata["feed"].map { "feed \($0): " } ?? ""
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let line = "\(EventTime.text(Int64(time.tv_sec) * 1000))  \(level)\(feed)\(event.message)"
    _ = Descriptor.write(Array((TerminalText.line(line) + "\n").utf8), to: STDERR_FILENO)
  }
}
