import Feeds
import Glibc
import OrderFlow
import Pipeline
import Wire

/// What `betterbot run` shows while it runs.
///
/// On a terminal: where the run stands, redrawn in place, above the newest signals. Else: signals as they come
/// on standard output, and a line about the run every five seconds on standard error. `ndjson`: signals alone.
///
/// It belongs to one thread, which need not be the main one: it writes to its descriptors itself and never
/// through `Output`. Terminals are drawn ten times a second at most; lines for programs are never left out.
final class LiveView {
  /// What is printed.
  enum Mode: Equatable { case screen, rows, lines }

  /// Where it writes and how; taken from `Output` on the main thread.
  struct Terminal {
    /// What is printed.
    var mode: Mode
    /// Whether colour is wanted.
    var hasColour: Bool
    /// Columns and rows of the terminal now.
    var size: () -> (columns: Int, rows: Int)
    /// Writes bytes to a descriptor; returns 0 or the error's number.
    var write: ([UInt8], Int32) -> Int32 = { Descriptor.write($0, to: $1) }
    /// Whether standard error takes lines for people about the run; not where it is read by programs.
    var takesReports = true
    /// The wall clock, ms since 1970.
    var wallClock: () -> Int64
    /// A clock that never goes back, ms.
    var clock: () -> Int64

    /// Standard output as it is.
    static func standard(isForPrograms: Bool) -> Terminal {
      let output = Output.standard
      return Terminal(
        mode: isForPrograms ? .lines : output.isInteractive ? .screen : .rows, hasColour: output.hasColour,
        size: { Terminal.size(STDOUT_FILENO) }, wallClock: { Terminal.milliseconds(CLOCK_REALTIME) },
        clock: { Terminal.milliseconds(CLOCK_MONOTONIC) })
    }

    private static func size(_ descriptor: Int32) -> (columns: Int, rows: Int) {
      var size = winsize()
      guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
        return (80, 24)
      }
      return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
      var time = timespec()
      clock_gettime(clock, &time)
      return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
  }

  /// The error's number when standard output could not be written, `EPIPE` when nobody reads it any more; 0
  /// while all is well. Nothing more is printed then, and the run need not end.
  private(set) var failure: Int32 = 0

  private let terminal: Terminal
  private var status = LiveStatus()
  /// The newest signals, as many as any terminal shows.
  private var recent: [Signal] = []
  private var drawnAt: Int64?
  private var drawnSize = (columns: 0, rows: 0)
  private var reportedAt: Int64?

  private static let framesApart: Int64 = 100
  private static let reportsApart: Int64 = 5000
  private static let keptSignals = 400

  /// Shows on a terminal.
  init(_ terminal: Terminal) { self.terminal = terminal }

  /// Shows signals, each once, in their order.
  func show(signals: [Signal]) {
    if signals.isEmpty { return }
    switch terminal.mode {
    case .lines:
      var bytes: [UInt8] = []
      for signal in signals { SignalLine.append(signal, to: &bytes) }
      print(bytes)
    case .rows:
      let frame = LiveFrame(size: (.max, .max), hasColour: terminal.hasColour, now: 0)
      print(Array(signals.map { frame.row($0) + "\n" }.joined().utf8))
    case .screen:
      recent.append(contentsOf: signals.suffix(LiveView.keptSignals))
      if recent.count > 2 * LiveView.keptSignals { recent.removeFirst(recent.count - LiveView.keptSignals) }
      draw()
    }
  }

  /// Shows where the run stands; call it a few times a second, so that what was throttled appears.
  func show(status: LiveStatus) {
    self.status = status
    switch terminal.mode {
    case .lines: break
    case .screen: draw()
    case .rows:
      guard terminal.takesReports else { return }
      let now = terminal.clock()
      if let reportedAt, now - reportedAt < LiveView.reportsApart { return }
      reportedAt = now
      _ = terminal.write(Array((report(status) + "\n").utf8), STDERR_FILENO)
    }
  }

  /// Draws what is still to be drawn and leaves the cursor below it.
  func finish() {
    guard terminal.mode == .screen, drawnAt != nil else { return }
    drawnAt = nil
    draw()
  }

  /// One line about the run.
  private func report(_ status: LiveStatus) -> String {
    let frame = LiveFrame(size: (.max, .max), hasColour: false, now: terminal.wallClock())
    var text = EventTime.text(frame.now) + "  " + frame.figures(status)
    for feed in status.feeds where feed.state != .live {
      text += " · \(TerminalText.line(feed.name)) \(feed.state.rawValue)"
    }
    if let trouble = status.diskTrouble {
      text = "NOTHING IS STORED: \(TerminalText.line(trouble)) · " + text
    }
    return text
  }

  /// Draws the whole frame over the last one, unless that is too fresh.
  private func draw() {
    let now = terminal.clock()
    if let drawnAt, now - drawnAt < LiveView.framesApart { return }
    let size = terminal.size()
    let frame = LiveFrame(size: size, hasColour: terminal.hasColour, now: terminal.wallClock())
    var text = "\u{1B}[?2026h"
    if drawnSize == (0, 0) {
      // What is on the screen moves up, out of the way, and can be scrolled back to.
      text += String(repeating: "\n", count: size.rows)
    } else if drawnSize != size {
      text += "\u{1B}[2J"
    }
    text += "\u{1B}[H"
    for line in frame.lines(status, recent) { text += line + "\u{1B}[K\n" }
    text += "\u{1B}[J\u{1B}[?2026l"
    drawnAt = now
    drawnSize = size
    print(Array(text.utf8))
  }

  private func print(_ bytes: [UInt8]) {
    if failure == 0 { failure = terminal.write(bytes, STDOUT_FILENO) }
  }
}
