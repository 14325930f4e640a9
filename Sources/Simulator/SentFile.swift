internal import Glibc

/// What happened at the venue as NDJSON: one row of Dome's REST a line.
struct SentFile {
  private static let blockBytes = 1 << 20

  private let source: OrderSource

  init(_ source: OrderSource) { self.source = source }

  /// The whole text.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for number in source.log.start..<source.log.end { append(number, to: &bytes) }
    return bytes
  }

  /// Writes the text beside the path and renames it, so that a file of this name is always whole.
  ///
  /// Returns why that failed, nil when it did not.
  func failure(writing path: String) -> SimulatorError? {
    let draft = path + ".part"
    guard let stream = fopen(draft, "we") else { return SentFile.failure(path) }
    var block: [UInt8] = []
    var isWritten = true
    for number in source.log.start..<source.log.end where isWritten {
      append(number, to: &block)
      if block.count < SentFile.blockBytes { continue }
      isWritten = fwrite(block, 1, block.count, stream) == block.count
      block.removeAll(keepingCapacity: true)
    }
    isWritten = isWritten && fwrite(block, 1, block.count, stream) == block.count
    let isClosed = fclose(stream) == 0
    guard isWritten, isClosed, rename(draft, path) == 0 else { return SentFile.failure(path) }
    return nil
  }

  private func append(_ number: Int, to bytes: inout [UInt8]) {
    source.writer.appendDomeRow(source.log[number], to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func failure(_ path: String) -> SimulatorError {
    SimulatorError("cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
