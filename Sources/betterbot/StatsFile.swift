import ArgumentParser
import Glibc

/// The file that `--stats` names, opened before the run so that a long one does not end in a wrong path.
final class StatsFile {
  private let path: String
  private let descriptor: Int32

  /// Creates the file when it is missing; what it holds stays until there is something better.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw failure(errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Replaces what the file holds.
  func write(_ text: String) throws {
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    if isFile, ftruncate(descriptor, 0) != 0 { throw failure(errno) }
    let code = Descriptor.write(Array(text.utf8), to: descriptor)
    if code != 0 { throw failure(code) }
  }

  private func failure(_ code: Int32) -> ExitCode {
    Output.fail("--stats: cannot write \(path): \(String(cString: strerror(code)))", .badInput)
  }
}
