import Net
import Files
import FoundationEssentials
public import Logging
import Synchronization

/// Accepts JSON Web Tokens that the keys of a file have signed, each key with its own algorithm only.
public final class JWTVerifier: CredentialSource {
  /// The longest token that is looked at, bytes.
  static let maximumToken = 8192
  /// How often the file is looked at, ns.
  private static let checkEvery: UInt64 = 5_000_000_000

  private struct State {
    var keys: JWTKeySet
    /// Of the file as it was last read, whether or not it could be used; nil when it was not there.
    var stamp: SmallFile.Stamp?
    var checkedAt: UInt64
  }

  private let options: JWTOptions
  private let log: Logger
  private let clock: AccessClock
  private let state: Mutex<State>

  /// Reads the keys.
  ///
  /// - Throws: `JWTKeyFailure` when they cannot be used; later such a file is logged and the old keys stay.
  public init(
    _ options: JWTOptions, log: Logger, clock: AccessClock = .system
  ) async throws(JWTKeyFailure) {
    self.options = options
    self.log = log
    self.clock = clock
    let now = clock.monotonic()
    do throws(JWTKeyFailure) {
      let file = try JWTKeyFile.read(options.jwksFile)
      state = Mutex(State(keys: try await JWTKeySet.read(file.bytes), stamp: file.stamp, checkedAt: now))
    } catch {
      throw JWTKeyFailure("\(options.jwksFile): \(error.description)")
    }
  }

  /// Whose token this is; nil when it is not good at `now` (ms since 1970 UTC), for whatever reason.
  func verify(_ token: String, now: Int64) async -> Caller? {
    guard token.utf8.count <= JWTVerifier.maximumToken else { return nil }
    await refresh()
    let parts = Array(token.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap(Header.init),
      let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
      let key = state.withLock({ $0.keys.key(header.kid) }), key.algorithm == header.alg,
      key.verifies(signature, of: Array(parts[0] + [UInt8(ascii: ".")] + parts[1])),
      let claims = JWTClaims(payload, roleClaim: options.roleClaim), claims.isGood(options, now: now),
      let role = claims.roles.max()
    else { return nil }
    let subject = claims.subject ?? ""
    return Caller(
      id: "jwt:\(subject)", name: subject, role: role, expires: claims.end(options), proof: key.fingerprint,
      source: self)
  }

  /// What a token says of its signature.
  private struct Header: Decodable {
    var alg: String
    var kid: String?
    /// Extensions that one must know; we know none.
    var crit: [String]?

    init?(_ bytes: [UInt8]) {
      guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)), header.crit == nil else {
        return nil
      }
      self = header
    }
  }

  func stillHolds(_ caller: Caller) -> Bool {
    state.withLock { state in state.keys.keys.contains { $0.fingerprint == caller.proof } }
  }

  // MARK: The file

  /// Reads the file again when it has changed; looks at it every 5 s at most.
  func refresh() async {
    let now = clock.monotonic()
    let known: SmallFile.Stamp?? = state.withLock { state in
      guard now >= state.checkedAt &+ JWTVerifier.checkEvery else { return nil }
      state.checkedAt = now
      return .some(state.stamp)
    }
    guard let known else { return }
    let present = SmallFile.stamp(options.jwksFile)
    if present == known { return }
    do throws(JWTKeyFailure) {
      let file = try JWTKeyFile.read(options.jwksFile)
      let keys = try await JWTKeySet.read(file.bytes)
      state.withLock { state in
        state.keys = keys
        state.stamp = file.stamp
      }
      log.info("the keys of JSON Web Tokens have been read again: \(keys.keys.count)")
    } catch {
      state.withLock { $0.stamp = present }
      log.error("\(options.jwksFile): \(error.description); the keys that were read before stay")
    }
  }
}
