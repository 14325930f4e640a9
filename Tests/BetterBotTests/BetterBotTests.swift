import Glibc

@testable import betterbot

/// What several suites need.
enum BetterBotTests {
  /// The root of the package.
  static let root: String = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  /// Writes a text to a file of its own.
  static func temporaryFile(_ text: String) throws -> String {
    var template = Array("/tmp/betterbot-test-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0, Descriptor.write(Array(text.utf8), to: file) == 0 else { throw Failure() }
    close(file)
    return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ path: String) { unlink(path) }

  /// The text of a file of the package.
  static func text(_ path: String) throws -> String {
    String(decoding: try ConfigurationFile.contents(root + "/" + path, limit: 1 << 24), as: UTF8.self)
  }

  struct Failure: Error {}
}
