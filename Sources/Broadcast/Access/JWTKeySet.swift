import FoundationEssentials

/// The keys of a file.
struct JWTKeySet: Sendable {
  /// Most keys in a file.
  static let mostKeys = 100

  /// The keys that can be used.
  let keys: [JWTKey]
  /// How many more there are, of other kinds or for other purposes.
  let unused: Int

  /// Reads a JSON Web Key Set.
  ///
  /// - Throws: `JWTKeyFailure` when it is none, a key is broken or too weak, or there is none that can be used.
  static func read(_ bytes: [UInt8]) async throws(JWTKeyFailure) -> JWTKeySet {
    struct File: Decodable { var keys: [JWTKey.Entry] }
    // The decoder's own words may quote a secret.
    guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else {
      throw JWTKeyFailure("it is no JSON Web Key Set")
    }
    if file.keys.count > mostKeys {
      throw JWTKeyFailure("there are \(file.keys.count) keys in it; \(mostKeys) is the most")
    }
    var keys: [JWTKey] = []
    for (place, entry) in file.keys.enumerated() {
      do throws(JWTKeyFailure) {
        if let key = try await JWTKey.make(entry) { keys.append(key) }
      } catch {
        throw JWTKeyFailure("key \(place + 1) \(error.description)")
      }
    }
    if keys.isEmpty { throw JWTKeyFailure("there is no key for HS256, RS256, ES256 or EdDSA in it") }
    if Set(keys.map(\.id)).count < keys.count {
      throw JWTKeyFailure("two keys have the same kid, or none; each needs one of its own")
    }
    return JWTKeySet(keys: keys, unused: file.keys.count - keys.count)
  }

  /// The key that a token's header names.
  ///
  /// A header that names none fits only when there is one key and it has no name.
  func key(_ id: String?) -> JWTKey? {
    if id == nil, keys.count + unused != 1 { return nil }
    return keys.first { $0.id == id }
  }
}
