import Crypto
import OrderFlow

/// The version of a rule set: a hash of everything that decides what it does.
enum RuleSetVersion {
  /// What the rule API means; a new meaning makes every version a new one.
  static let api = 1

  /// Sixteen hexadecimal digits of SHA-256 over all files, the parameters and the API version.
  static func of(_ sources: RuleSources) -> String {
    var hash = SHA256()
    hash.add(Array("api \(api)".utf8))
    for (folder, files) in [("rules", sources.rules), ("lib", sources.libraries), ("tables", sources.tables)]
    {
      for file in files {
        hash.add(Array("\(folder)/\(file.name)".utf8))
        hash.add(file.source)
      }
    }
    for (rule, values) in sources.parameters.sorted(by: { $0.key < $1.key }) {
      for (name, text) in values.sorted(by: { $0.key < $1.key }) {
        hash.add(Array("\(rule).\(name)=\(text)".utf8))
      }
    }
    return Digest128(hash.finalize()).hex.prefix(16).description
  }
}

extension Digest128 {
  /// The first sixteen bytes of a SHA-256.
  init(_ digest: SHA256.Digest) {
    let halves = digest.withUnsafeBytes { bytes in
      (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
  }
}
