import ArgumentParser
import Glibc

/// A buffered descriptor. Used from the main thread only.
final class Output {
  /// Where results go.
  nonisolated(unsafe) static let standard = Output(STDOUT_FILENO)
  // ^ touched by the main thread alone: commands are synchronous and hand it to nobody.
  /// Where everything else goes, at once.
  nonisolated(unsafe) static let error = Output(STDERR_FILENO, limit: 0)
  // ^ as above.

  private let descriptor: Int32
  private let limit: Int
  private var bytes: [UInt8] = []

  init(_ descriptor: Int32, limit: Int = 65_536) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// Whether a person looks at it.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Whether colour is wanted: on a terminal, unless NO_COLOR is set.
  var hasColour: Bool { isTerminal && getenv("NO_COLOR") == nil }

  /// Appends a text.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Appends bytes.
  func write(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
    if bytes.count > limit { flush() }
  }

  /// Writes out what is held back. Ends the process quietly when nobody reads any more.
  func flush() {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + start }, $0.count - start) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { Glibc.exit(0) }
        bytes.removeAll()
        if descriptor != STDERR_FILENO {
          Output.error.write("betterbot: cannot write the output: \(String(cString: strerror(errno)))\n")
        }
        Glibc.exit(3)
      }
      start += count
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// Says something on standard error and ends with a code.
  static func fail(_ message: String, _ code: ExitCode) -> ExitCode {
    Output.standard.flush()
    Output.error.write("betterbot: \(message)\n")
    return code
  }
}
