import ArgumentParser
import Glibc
import Pipeline

/// A buffered descriptor. Used from the main thread only.
final class Output {
  /// Where results go.
  nonisolated(unsafe) static let standard = Output(STDOUT_FILENO)
  // ^ touched by the main thread alone: commands are synchronous and hand it to nobody.
  /// Where everything else goes, at once and behind the results so far.
  nonisolated(unsafe) static let error = Output(STDERR_FILENO, limit: 0)
  // ^ as above.

  /// Whether the command has more to do than to print, so that it goes on when nobody reads any more.
  var outlivesReader = false

  private let descriptor: Int32
  private let limit: Int
  private var bytes: [UInt8] = []
  private var isClosed = false

  init(_ descriptor: Int32, limit: Int = 65_536) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// Whether a person looks at it.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Whether lines may be written over: a terminal that says what it can.
  var isInteractive: Bool { isTerminal && Output.variable("TERM").map { $0 != "dumb" } ?? false }

  /// Whether colour is wanted: on a terminal that can, unless NO_COLOR is set to anything.
  var hasColour: Bool { isInteractive && Output.variable("NO_COLOR") == nil }

  /// Appends a text.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Appends bytes.
  func write(_ more: [UInt8]) {
    if descriptor == STDERR_FILENO { Output.standard.flush() }
    bytes.append(contentsOf: more)
    if bytes.count > limit { flush() }
  }

  /// Appends one line, whatever is in the text.
  func line(_ text: String) { write(TerminalText.line(text) + "\n") }

  /// Writes out what is held back.
  func flush() {
    if isClosed { bytes.removeAll() }
    let code = Descriptor.write(bytes, to: descriptor)
    if code != 0 {
      fail(code)
      return
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// Results that nobody reads end the command quietly; those that cannot be written end it with an error.
  ///
  /// Messages that nobody sees change nothing.
  private func fail(_ code: Int32) {
    bytes.removeAll()
    isClosed = true
    if descriptor == STDERR_FILENO || code == EPIPE && outlivesReader { return }
    if code == EPIPE { Glibc.exit(0) }
    Output.error.line("betterbot: cannot write the output: \(String(cString: strerror(code)))")
    Glibc.exit(3)
  }

  /// Says something on standard error and ends with a code.
  static func fail(_ message: String, _ code: ExitCode) -> ExitCode {
    Output.error.line("betterbot: \(message)")
    return code
  }

  private static func variable(_ name: String) -> String? {
    guard let text = getenv(name), text.pointee != 0 else { return nil }
    return String(cString: text)
  }
}
