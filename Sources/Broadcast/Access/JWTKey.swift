import Net
import Crypto
import FoundationEssentials
import JWTKit

/// A key that JSON Web Tokens are verified with, for one algorithm only.
struct JWTKey: Sendable {
  /// Its `kid`, if it has one.
  let id: String?
  /// The one `alg` that it is for: HS256, RS256, ES256 or EdDSA.
  let algorithm: String
  /// Tells it from other keys, and tells nothing else of it.
  let fingerprint: String
  /// How long a signature is; nil where that depends on the key.
  private let signatureLength: Int?
  private let signer: any JWTAlgorithm

  /// Whether a signature is this key's.
  func verifies(_ signature: [UInt8], of text: [UInt8]) -> Bool {
    if let signatureLength, signature.count != signatureLength { return false }
    return (try? signer.verify(signature, signs: text)) ?? false
  }

  // MARK: Reading

  /// One member of a key set; what we do not know is left alone, private parts too.
  struct Entry: Decodable {
    var kty: String?
    var kid: String?
    var alg: String?
    var use: String?
    var operations: [String]?
    var crv: String?
    var n: String?
    var e: String?
    var x: String?
    var y: String?
    var k: String?

    private enum CodingKeys: String, CodingKey {
      case kty, kid, alg, use, crv, n, e, x, y, k
      case operations = "key_ops"
    }

    /// The algorithm that the kind of key is for.
    var algorithm: String? {
      switch (kty, crv) {
      case ("oct", _): "HS256"
      case ("RSA", _): "RS256"
      case ("EC", "P-256"): "ES256"
      case ("OKP", "Ed25519"): "EdDSA"
      default: nil
      }
    }

    /// Whether signatures of tokens may be checked with it.
    var isForSignatures: Bool {
      (use == nil || use == "sig") && (operations == nil || operations?.contains("verify") == true)
        && (alg == nil || alg == algorithm)
    }
  }

  /// A key of a set; nil for a kind or a purpose that we have no use for.
  ///
  /// - Throws: `JWTKeyFailure` for a key that is broken or too weak.
  static func make(_ entry: Entry) async throws(JWTKeyFailure) -> JWTKey? {
    guard let algorithm = entry.algorithm, entry.isForSignatures else { return nil }
    let keys = JWTKeyCollection()
    let length: Int?
    do {
      switch algorithm {
      case "HS256":
        guard let secret = entry.k.flatMap({ Base64URL.decode(Array($0.utf8)) }), secret.count >= 32 else {
          throw JWTKeyFailure("needs a secret `k` of 32 bytes at least, in Base64 for URLs")
        }
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        length = 32
      case "RS256":
        let key = try Insecure.RSA.PublicKey(modulus: entry.n ?? "", exponent: entry.e ?? "")
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        length = nil
      case "ES256":
        await keys.add(ecdsa: try ES256PublicKey(parameters: (entry.x ?? "", entry.y ?? "")))
        length = 64
      default:
        await keys.add(eddsa: try EdDSA.PublicKey(x: entry.x ?? "", curve: .ed25519))
        length = 64
      }
      return JWTKey(
        id: entry.kid, algorithm: algorithm, fingerprint: fingerprint(entry, algorithm),
        signatureLength: length, signer: try await keys.getKey())
    } catch let failure as JWTKeyFailure {
      throw failure
    } catch {
      throw JWTKeyFailure("is no public key for \(algorithm), or has less than 2048 bits")
    }
  }

  private static func fingerprint(_ entry: Entry, _ algorithm: String) -> String {
    let parts = [algorithm, entry.kid, entry.n, entry.e, entry.x, entry.y, entry.k].map { $0 ?? "" }
    return Base64URL.encode(SHA256.hash(data: Array(parts.joined(separator: "\n").utf8)))
  }
}
