import Journal
import Testing

@testable import Broadcast

@Suite("The gate")
struct GateTests {
  private let test = TestGate()
  private var gate: Gate { test.gate }

  @Test("who has a token of the role may do it", arguments: Role.allCases, Role.allCases)
  func roles(_ role: Role, _ needed: Role) async {
    let refusal = await test.refusal(test.request(role: needed, bearer: test.token(role)))
    #expect(refusal?.status == (role < needed ? 403 : nil))
    #expect(refusal?.slug == (role < needed ? "role-required" : nil))
    if role < needed { #expect(refusal?.detail.contains(needed.rawValue) == true) }
  }

  @Test("no token, a wrong one, an expired one and a revoked one are 401 with a challenge")
  func unauthenticated() async {
    let (expired, expiredRecord) = AccessToken.make(
      name: "e", role: .admin, created: 0, expires: test.time.wall)
    var (revoked, revokedRecord) = AccessToken.make(name: "r", role: .admin, created: 0)
    revokedRecord.revokedMilliseconds = test.time.wall
    gate.tokens.replace(with: test.records + [expiredRecord, revokedRecord])
    let none = await test.refusal(test.request())
    #expect(none?.status == 401 && none?.slug == "authentication-required")
    #expect(none?.challenge == "Bearer realm=\"betterbot\"")
    let wrong = AccessToken.make(name: "w", role: .admin, created: 0).text
    var answers: [GateRefusal?] = []
    for text in [wrong, expired, revoked, "x", "bb_", "eyJhIjoxfQ.eyJhIjoxfQ.AAAA"] {
      answers.append(await test.refusal(test.request(bearer: text)))
    }
    #expect(answers.allSatisfy { $0 == .wrongCredential }, "outside they all look the same")
    revoked = test.token(.viewer)
    #expect(await test.status(test.request(bearer: revoked)) == 200)
  }

  @Test(
    "the scheme is Bearer in any case, and given once",
    arguments: [
      ("bearer T", 200), ("BEARER  T", 200), ("Basic T", 401), ("T", 401), ("Bearer", 401), ("Bearer ", 401),
      ("BearerT", 401), ("Bearer T x", 401), ("", 401), ("Bearer \"T\"", 401),
    ])
  func scheme(_ header: String, _ status: Int) async {
    let value = header.replacing("T", with: test.token(.viewer))
    #expect(await test.status(test.request { $0.authorizations = [value] }) == status)
    #expect(await test.status(test.request { $0.authorizations = [value, value] }) == 400)
  }

  @Test("a foreign host is 421 and a foreign origin 403, with a right token too")
  func hostAndOrigin() async {
    let token = test.token(.admin)
    #expect(await test.status(test.request(bearer: token) { $0.hosts = ["evil.example"] }) == 421)
    #expect(await test.status(test.request(bearer: token) { $0.hosts = [] }) == 421)
    #expect(await test.status(test.request(role: nil) { $0.hosts = ["evil.example"] }) == 421)
    for origin in ["https://evil.example", "null"] {
      #expect(await test.status(test.request(bearer: token) { $0.origins = [origin] }) == 403)
      #expect(await test.status(test.request(role: nil) { $0.origins = [origin] }) == 403)
    }
    #expect(await test.status(test.request(bearer: token) { $0.origins = ["http://127.0.0.1:8080"] }) == 200)
    #expect(await test.status(test.request(bearer: token) { $0.origins = ["https://desk.example"] }) == 200)
  }

  @Test("a token in the query is 400 wherever it stands, and a filter by an outcome's token is none")
  func query() async {
    let token = test.token(.viewer)
    let wrong = [
      "token=\(token)", "access_token=x", "ACCESS_TOKEN=x", "a=1&access%5ftoken=x", "q=x\(token)y",
      "\(token)", "a=%62b_\(token.dropFirst(3))", "token=eyJh.eyJi.c", "jwt=1", "&&authorization=",
    ]
    for query in wrong {
      let refusal = await test.refusal(test.request(bearer: token) { $0.query = query })
      #expect(refusal?.status == 400 && refusal?.slug == "secret-in-query", "\(query)")
    }
    for query in [
      "", "token=713210", "token=Yes", "rule=bb_whale", "market=eyJ", "a=%", "a=%zz&b=%6", "=&=", "a=b.c.d",
      "ticket=\(token.suffix(43))",
    ] {
      #expect(await test.status(test.request(bearer: token) { $0.query = query }) == 200, "\(query)")
    }
  }

  @Test("a ticket opens a stream once, and nothing else")
  func tickets() async throws {
    let caller = try #require(await test.caller(test.request(bearer: test.token(.viewer))))
    guard case .issued(let ticket) = gate.ticket(for: caller) else {
      Issue.record("no ticket")
      return
    }
    func request(_ path: String, role: Role = .viewer) -> GateRequest {
      test.request(path, role: role) { $0.ticket = ticket }
    }
    #expect(await test.status(request("/v1/signals")) == 401)
    #expect(await test.status(request("/v1/stream/x")) == 401)
    let both = test.request("/v1/stream", bearer: test.token(.viewer)) { $0.ticket = ticket }
    #expect(await test.status(both) == 400)
    #expect(await test.caller(request("/v1/stream"))?.id == caller.id)
    #expect(await test.refusal(request("/v1/stream")) == .wrongCredential)
    guard case .issued(let late) = gate.ticket(for: caller) else { return }
    test.time.pass(seconds: 30)
    #expect(await test.status(test.request("/v1/events") { $0.ticket = late }) == 401)
  }

  @Test("a hundred wrong tokens from one address: ten are 401, the rest 429, and a right one passes")
  func failures() async {
    var statuses: [Int] = []
    for _ in 0..<100 {
      let wrong = AccessToken.make(name: "w", role: .admin, created: 0).text
      statuses.append(await test.status(test.request(bearer: wrong)))
      #expect(await test.status(test.request(bearer: test.token(.viewer))) == 200)
      #expect(
        await test.status(
          test.request(bearer: test.token(.viewer)) { $0.remoteAddress = "203.0.113.9" }) == 200)
      // So that no other limit is reached.
      test.time.pass(seconds: 0)
      if statuses.count % 40 == 0 { test.time.pass(seconds: 2) }
    }
    #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
    #expect(statuses.dropFirst(10).allSatisfy { $0 == 429 }, "\(statuses)")
    let refusal = await test.refusal(test.request(bearer: "bb_x"))
    #expect(refusal?.slug == "too-many-failures" && (1...6).contains(refusal?.retryAfter ?? 0))
    let other = test.request(bearer: "bb_x") { $0.remoteAddress = "203.0.113.9" }
    #expect(await test.status(other) == 401)
    test.time.pass(seconds: 6)
    #expect(await test.status(test.request(bearer: "bb_x")) == 401)
    #expect(await test.status(test.request(bearer: "bb_x")) == 429)
  }

  @Test("an address and a caller may come so often, and are then told when to come again")
  func limits() async {
    let test = TestGate { options in
      options.addressRate = TokenBucket.Rate(capacity: 5, perSecond: 1)
      options.callerRate = TokenBucket.Rate(capacity: 3, perSecond: 0.5)
    }
    func get(_ address: String, role: Role? = .viewer) -> GateRequest {
      test.request(role: role, bearer: test.token(.admin)) { $0.remoteAddress = address }
    }
    for _ in 0..<3 { #expect(await test.status(get("192.0.2.1")) == 200) }
    let caller = await test.refusal(get("192.0.2.2"))
    #expect(caller?.status == 429 && caller?.retryAfter == 2 && caller?.slug == "too-many-requests")
    for _ in 0..<2 { #expect(await test.status(get("192.0.2.1", role: nil)) == 200) }
    let address = await test.refusal(get("192.0.2.1", role: nil))
    #expect(address?.status == 429 && address?.retryAfter == 1)
    test.time.pass(seconds: 2)
    #expect(await test.status(get("192.0.2.1")) == 200)
  }

  @Test("a first look that is refused leaves no trace, and one that is admitted counts")
  func firstLook() async throws {
    func look(_ bearer: String?, _ ticket: String? = nil, role: Role = .viewer) -> GateRequest {
      test.request("/v1/stream", role: role, bearer: bearer) {
        $0.countsFailures = false
        $0.ticket = ticket
      }
    }
    for _ in 0..<1000 { #expect(await test.status(look("bb_x")) == 401) }
    #expect(await test.status(test.request(bearer: "bb_x")) == 401)
    let caller = try #require(await test.caller(look(test.token(.viewer))))
    guard case .issued(let ticket) = gate.ticket(for: caller) else { return }
    #expect(await test.status(look(nil, ticket, role: .admin)) == 403)
    #expect(await test.status(look(nil, ticket)) == 200)
    #expect(await test.status(look(nil, ticket)) == 401)
    var admitted = 0
    while admitted < 1000, await test.status(look(test.token(.operator))) == 200 { admitted += 1 }
    #expect(admitted == 200)
  }

  @Test("somebody whose token is revoked or expires may not stay")
  func staying() async throws {
    let caller = try #require(await test.caller(test.request(bearer: test.token(.viewer))))
    #expect(gate.mayStay(caller))
    var records = test.records
    records[0].revokedMilliseconds = test.time.wall
    gate.tokens.replace(with: records)
    #expect(!gate.mayStay(caller))
    #expect(await test.status(test.request(bearer: test.token(.viewer))) == 401)
    #expect(await test.status(test.request(bearer: test.token(.admin))) == 200)
  }

  @Test("no refusal says anything of what was shown")
  func secrets() async {
    let token = test.token(.viewer)
    let requests = [
      test.request(role: .admin, bearer: token), test.request(bearer: token + "x"),
      test.request(bearer: token) { $0.query = "token=\(token)" },
      test.request(bearer: token) { $0.hosts = [token] },
      test.request(bearer: token) { $0.origins = [token] },
      test.request { $0.authorizations = [token] }, test.request { $0.authorizations = [token, token] },
    ]
    for request in requests {
      let refusal = await test.refusal(request)
      #expect(refusal != nil && !"\(String(describing: refusal))".contains(token.suffix(20)))
    }
  }
}
