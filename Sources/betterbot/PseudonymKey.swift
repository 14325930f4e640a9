import Documents
import Crypto

/// The key of pseudonyms: from a file, or random and kept nowhere.
enum PseudonymKey {
  /// What the file holds, without white space around it.
  static func read(_ path: String?) throws -> SymmetricKey {
    guard let path else { return SymmetricKey(size: .bits256) }
    var bytes: ArraySlice<UInt8>
    do throws(PlacedProblem) {
      bytes = try ConfigurationFile.contents(path, limit: 65_536)[...]
    } catch {
      throw Output.fail("--pseudonym-key-file: \(error.message)", .badInput)
    }
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    while let last = bytes.last, space.contains(last) { bytes.removeLast() }
    if bytes.count < 16 {
      throw Output.fail(
        "--pseudonym-key-file: \(path) must hold at least 16 bytes; make one: openssl rand -hex 32 >\(path)",
        .badInput)
    }
    return SymmetricKey(data: Array(bytes))
  }
}
