/// Where every request passes: its host, its origin, its secrets, how often it comes, who sends it, and what
/// they may do.
public final class Gate: Sendable {
  /// The tokens that are known; to be replaced when they change.
  public let tokens: TokenTable
  /// The tickets that are out.
  public let tickets = TicketBox()
  private let options: GateOptions
  private let webTokens: JWTVerifier?
  private let clock: AccessClock
  private let addresses: RateLimiter
  private let callers: RateLimiter
  private let failures: RateLimiter

  /// A gate at which nobody has been seen yet.
  public init(
    _ options: GateOptions = GateOptions(), tokens: TokenTable = TokenTable(), webTokens: JWTVerifier? = nil,
    clock: AccessClock = .system
  ) {
    self.options = options
    self.tokens = tokens
    self.webTokens = webTokens
    self.clock = clock
    addresses = RateLimiter(options.addressRate)
    callers = RateLimiter(options.callerRate)
    failures = RateLimiter(options.failureRate)
  }

  /// Whether a request may go on, and who sends it.
  public func admit(_ request: GateRequest) async -> GateVerdict {
    do throws(GateRefusal) { return .admitted(try await check(request)) } catch { return .refused(error) }
  }

  /// Makes a ticket for somebody who has been admitted.
  public func ticket(for caller: Caller) -> TicketBox.Answer { tickets.issue(for: caller, now: clock.wall()) }

  /// Whether somebody who has been admitted may stay; connections ask every few seconds.
  public func mayStay(_ caller: Caller) -> Bool { caller.isStillValid(clock.wall()) }

  /// Looks for changes of what is in files, also when no request comes.
  public func refresh() async { await webTokens?.refresh() }

  private func check(_ request: GateRequest) async throws(GateRefusal) -> Caller? {
    guard let host = options.hosts.check(request.hosts) else { throw .host }
    if options.origins.check(request.origins, host: host, isTLS: request.isTLS) == .refused { throw .origin }
    if QuerySecrets.found(in: request.query) { throw .secretInQuery }
    let address = LimitKey(address: request.remoteAddress)
    let counts = request.countsFailures
    try limit(addresses, address, counts: counts)
    guard let role = request.role else {
      if !counts { try limit(addresses, address, counts: true) }
      return nil
    }
    let caller = try await authenticate(request, address)
    try limit(callers, .caller(caller.id), counts: counts)
    if caller.role < role { throw .role(role) }
    if let entry = request.entry, !entry(caller) { throw .noEntry }
    if !counts { try settle(request, address, caller) }
    return caller
  }

  /// Counts what a first look has left uncounted, now that it has let somebody in.
  private func settle(
    _ request: GateRequest, _ address: LimitKey, _ caller: Caller
  ) throws(GateRefusal) {
    try limit(addresses, address, counts: true)
    try limit(callers, .caller(caller.id), counts: true)
    // Another request may have been faster.
    if let ticket = ticket(of: request), tickets.redeem(ticket, now: clock.wall()) == nil {
      throw .wrongCredential
    }
  }

  private func limit(_ limiter: RateLimiter, _ key: LimitKey, counts: Bool) throws(GateRefusal) {
    let now = clock.monotonic()
    if case .refused(let seconds) = counts ? limiter.take(key, now: now) : limiter.look(key, now: now) {
      throw .tooMany(seconds)
    }
  }

  // MARK: Who it is

  /// The ticket, where one counts.
  private func ticket(of request: GateRequest) -> String? {
    options.ticketPaths.contains(request.path) ? request.ticket : nil
  }

  /// A right credential passes always; wrong ones are counted for their address.
  private func authenticate(
    _ request: GateRequest, _ address: LimitKey
  ) async throws(GateRefusal) -> Caller {
    let ticket = ticket(of: request)
    if request.authorizations.count + (ticket == nil ? 0 : 1) > 1 { throw .severalCredentials }
    let now = clock.wall()
    let found: Caller?
    if let ticket {
      found = request.countsFailures ? tickets.redeem(ticket, now: now) : tickets.look(at: ticket, now: now)
    } else {
      guard let header = request.authorizations.first, let bearer = Gate.bearer(header) else {
        throw .unauthenticated
      }
      found = await verify(bearer, now)
    }
    if let found { return found }
    let moment = clock.monotonic()
    let verdict =
      request.countsFailures ? failures.take(address, now: moment) : failures.look(address, now: moment)
    if case .refused(let seconds) = verdict { throw .tooManyFailures(seconds) }
    throw .wrongCredential
  }

  private func verify(_ bearer: String, _ now: Int64) async -> Caller? {
    if bearer.hasPrefix(AccessToken.prefix) { return tokens.verify(bearer: bearer, now: now) }
    return await webTokens?.verify(bearer, now: now)
  }

  /// What stands behind `Bearer`; nil for another scheme, and for none.
  static func bearer(_ header: String) -> String? {
    let words = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    let text = words[1].drop { $0 == " " }
    return text.isEmpty ? nil : String(text)
  }
}
