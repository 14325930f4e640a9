import Journal
import Synchronization

@testable import Broadcast

/// Clocks that stand still until they are moved.
final class TestClock: Sendable {
  private let state = Mutex<(wall: Int64, monotonic: UInt64)>((1_800_000_000_000, 1_000_000_000_000))

  var wall: Int64 { state.withLock { $0.wall } }
  var monotonic: UInt64 { state.withLock { $0.monotonic } }

  /// Both clocks.
  var clock: AccessClock { AccessClock(wall: { self.wall }, monotonic: { self.monotonic }) }

  func pass(seconds: Int) {
    state.withLock {
      $0.wall += Int64(seconds) * 1000
      $0.monotonic += UInt64(seconds) * 1_000_000_000
    }
  }
}

/// A gate with a token of each role.
final class TestGate: Sendable {
  let time = TestClock()
  let gate: Gate
  let tokens: [Role: String]
  let records: [TokenRecord]

  init(_ webTokens: JWTVerifier? = nil, _ change: (inout GateOptions) -> Void = { _ in }) {
    var options = GateOptions()
    options.hosts = HostPolicy(listening: "192.0.2.7", names: ["bot.example"])
    options.origins = OriginPolicy(["https://desk.example", "http://localhost:5173"])
    change(&options)
    var (tokens, records): ([Role: String], [TokenRecord]) = ([:], [])
    for role in Role.allCases {
      let (text, record) = AccessToken.make(name: "\(role)", role: role, created: time.wall)
      tokens[role] = text
      records.append(record)
    }
    self.tokens = tokens
    self.records = records
    gate = Gate(options, tokens: TokenTable(records), webTokens: webTokens, clock: time.clock)
  }

  func token(_ role: Role) -> String { tokens[role] ?? "" }

  /// A request that is admitted when it has a token.
  func request(
    _ path: String = "/v1/signals", role: Role? = .viewer, bearer: String? = nil,
    _ change: (inout GateRequest) -> Void = { _ in }
  ) -> GateRequest {
    var request = GateRequest(
      path: path, hosts: ["127.0.0.1:8080"], remoteAddress: "198.51.100.1", role: role)
    if let bearer { request.authorizations = ["Bearer \(bearer)"] }
    change(&request)
    return request
  }

  /// The refusal; nil when it is admitted.
  func refusal(_ request: GateRequest) async -> GateRefusal? {
    if case .refused(let refusal) = await gate.admit(request) { return refusal }
    return nil
  }

  /// The status with which it is refused, and 200 when it is not.
  func status(_ request: GateRequest) async -> Int { await refusal(request)?.status ?? 200 }

  func caller(_ request: GateRequest) async -> Caller? {
    if case .admitted(let caller) = await gate.admit(request) { return caller }
    return nil
  }
}
