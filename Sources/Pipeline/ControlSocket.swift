import Crypto
import Glibc

/// The socket beside a journal on which a running engine answers the command line.
///
/// A client sends one line, such as `status json`, gets the answer's bytes, and the connection closes.
public enum ControlSocket {
  /// Why a socket cannot be opened or asked.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Equatable, Sendable {
      /// Nobody listens.
      case nobody
      /// Another engine listens there.
      case taken
      /// It took too long.
      case timeout
      /// Anything else.
      case system
    }
    /// What went wrong.
    public var code: Code
    /// One sentence for the user.
    public var description: String
  }

  /// The longest line that is read, its end included.
  static let maximumLine = 8192
  /// The longest answer that a client takes.
  static let maximumAnswer = 16 << 20
  /// Connections served at the same time; more wait.
  static let maximumConnections = 16
  /// Longest path that a socket's address holds.
  static let maximumPath = 107

  /// Where the engine of a journal listens: `<journal>.sock`, or a short path named by a hash when that is too
  /// long for a socket's address.
  public static func path(journal: String) -> String {
    let path = journal + ".sock"
    if path.utf8.count <= maximumPath { return path }
    let digits = Array("0123456789abcdef")
    let hash = SHA256.hash(data: Array(absolute(journal).utf8)).prefix(16)
    let name = String(hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + ".sock"
    if let folder = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), folder.hasPrefix("/"),
      folder.utf8.count + name.utf8.count + 11 <= maximumPath
    {
      return "\(folder)/betterbot-\(name)"
    }
    // A folder of the user's own: in /tmp itself anybody could be there first.
    return "/tmp/betterbot-\(getuid())/\(name)"
  }

  /// The path with its folder resolved, so that every way to name a journal leads to the same socket.
  private static func absolute(_ path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    guard let resolved = realpath(folder, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved) + "/" + name
  }

  /// The system's words for an error's number.
  static func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Calls `body` with the address of a path. The path must be short enough.
  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws(Failure) -> Result {
    guard path.utf8.count <= maximumPath, !path.isEmpty else {
      throw Failure(
        code: .system,
        description: "\(path): a socket's path has at most \(maximumPath) bytes; choose another")
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
