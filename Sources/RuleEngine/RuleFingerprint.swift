import Crypto
import OrderFlow

/// Tells whether a rule of one version does the same as in another: the same text, libraries and parameters.
struct RuleFingerprint: Hashable, Sendable {
  private let digest: Digest128

  /// The fingerprint of a rule; any library counts, since which of them it requires is known only as it runs.
  static func of(_ file: RuleSources.File, in sources: RuleSources) -> RuleFingerprint {
    var hash = SHA256()
    hash.add(file.source)
    for library in sources.libraries {
      hash.add(Array(library.name.utf8))
      hash.add(library.source)
    }
    for (name, text) in (sources.parameters[file.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
      hash.add(Array("\(name)=\(text)".utf8))
    }
    return RuleFingerprint(digest: Digest128(hash.finalize()))
  }

  /// A name for what the windows and sequences of a rule hold: the same when a restart finds the same definitions.
  static func name(of header: RuleHeader) -> String {
    var hash = SHA256()
    for window in header.windows { hash.add(Array("\(window.name): \(window.identity)".utf8)) }
    for sequence in header.sequences { hash.add(Array("\(sequence.name): \(sequence.identity)".utf8)) }
    return Digest128(hash.finalize()).hex
  }
}

extension SHA256 {
  /// Adds bytes behind their number, so that no two lists of them hash alike.
  mutating func add(_ bytes: [UInt8]) {
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { update(bufferPointer: $0) }
    bytes.withUnsafeBytes { update(bufferPointer: $0) }
  }
}
