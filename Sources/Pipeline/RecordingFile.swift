import Crypto
import Feeds
import Glibc

/// A packed file that has its name only when it is complete.
final class RecordingFile {
  /// SHA-256 of the packed bytes so far.
  private final class Digest {
    var hash = SHA256()
  }

  private let path: String
  private let partial: String
  private let descriptor: Int32
  private let digest = Digest()
  private var writer: GzipWriter
  private var isDone = false

  /// Begins a file beside the path; throws when the path is taken or its folder cannot be written.
  init(_ path: String) throws(FeedError) {
    self.path = path
    for name in [path, path + ".manifest.json"] where access(name, F_OK) == 0 {
      throw FeedError(.cannotWrite, "\(name) is there already; move it away, or name another file")
    }
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(path[...$0]) } ?? ""
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    partial = "\(folder).\(name).\(getpid()).partial"
    descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw FeedError(.cannotWrite, "cannot write \(path): \(ControlSocket.errorText(errno))")
    }
    let digest = digest
    do throws(FeedError) {
      writer = try GzipWriter(descriptor: descriptor, name: path) { digest.hash.update(bufferPointer: $0) }
    } catch {
      close(descriptor)
      unlink(partial)
      throw error
    }
  }

  deinit {
    close(descriptor)
    if !isDone { unlink(partial) }
  }

  /// Packs these bytes.
  func write(_ bytes: [UInt8]) throws(FeedError) { try writer.write(bytes) }

  /// Ends the file, puts it under its name and what `manifest` makes of its SHA-256 beside it.
  func finish(_ manifest: (String) -> String) throws(FeedError) {
    try writer.finish()
    if fsync(descriptor) != 0 { throw failure(path) }
    let digits = Array("0123456789abcdef")
    let sum = String(digest.hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    try store(manifest(sum), path + ".manifest.json")
    if rename(partial, path) != 0 { throw failure(path) }
    isDone = true
  }

  private func store(_ text: String, _ path: String) throws(FeedError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if file < 0 { throw failure(path) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      start += count
    }
  }

  private func failure(_ path: String) -> FeedError {
    FeedError(.cannotWrite, "cannot write \(path): \(ControlSocket.errorText(errno))")
  }
}
