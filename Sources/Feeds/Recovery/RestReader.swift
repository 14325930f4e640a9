import Net
import Glibc
import Logging
import Synchronization
import Wire

/// Reads past orders by REST: page after page, at the pace the venue allows, again where it fails.
final class RestReader: Sendable {
  private let client: HTTPClient
  private let dialect: any RestDialect
  private let certificateFile: String?
  private let limit: Mutex<RateLimit>
  private let board: FeedBoard
  private let log: Logger

  /// Attempts at one page before the read is given up; the next one begins anew.
  private static let attempts = 6
  private static let maximumPages = 20_000

  init(
    _ client: HTTPClient, _ dialect: any RestDialect, _ settings: RecoverySettings, certificateFile: String?,
    board: FeedBoard, log: Logger
  ) {
    self.client = client
    self.dialect = dialect
    self.certificateFile = certificateFile
    limit = Mutex(RateLimit(perSecond: settings.requestsPerSecond))
    self.board = board
    self.log = log
  }

  /// Reads every order from the event time `since` (ms) on and passes them on, a very long read in several parts.
  func read(since: Int64, _ pass: (RestRead) async throws -> Void) async throws -> Outcome {
    var read = RestRead()
    var outcome = Outcome(isComplete: true)
    do {
      for listing in try dialect.listings(since: since) {
        try await take(listing, since, &read, &outcome, pass)
      }
    } catch let failure as FeedError {
      note(failure.description)
      outcome.isComplete = false
    }
    outcome.newest = RestReader.later(outcome.newest, read.newest)
    if read.rejected > 0 { note("\(read.rejected) rows of REST could not be read: \(read.reason)") }
    try await pass(read)
    return outcome
  }

  /// What became of a read.
  struct Outcome {
    /// Whether all of it could be read.
    var isComplete: Bool
    /// Event time of the newest order it saw, ms.
    var newest: Int64?
  }

  private static func later(_ one: Int64?, _ other: Int64?) -> Int64? {
    [one, other].compactMap { $0 }.max()
  }

  private func take(
    _ listing: RestListing, _ since: Int64, _ read: inout RestRead, _ outcome: inout Outcome,
    _ pass: (RestRead) async throws -> Void
  ) async throws {
    var cursor: String?
    for _ in 0..<RestReader.maximumPages {
      let body = try await page(listing.page(cursor))
      var probe = JSONProbe(body)
      guard let end = dialect.end(of: &probe) else {
        throw FeedError(
          .rest, "REST answered with something else than a list of orders; it is tried again later")
      }
      body.withUnsafeBytes { read.take($0, since: since) }
      if let until = listing.until, let oldest = read.oldest, oldest < until { return }
      guard case .next(let next) = end else { return }
      guard next != cursor else { throw FeedError(.rest, "REST gives the same page again and again") }
      cursor = next
      if read.isFull {
        // Twins on both sides of the cut are taken for repeats; holding everything in memory would be worse.
        outcome.newest = RestReader.later(outcome.newest, read.newest)
        try await pass(read)
        read = RestRead()
      }
    }
    throw FeedError(.rest, "REST has more than \(RestReader.maximumPages) pages; it is tried again later")
  }

  /// The body of a page. Throws `FeedError` when the venue does not give it, `CancellationError`.
  private func page(_ url: String) async throws -> [UInt8] {
    var trouble = ""
    for attempt in 0..<RestReader.attempts {
      try await wait(until: limit.withLock { $0.reserve(FeedClock.now()) })
      board.update { $0.restRequests += 1 }
      do {
        var request = HTTPRequest(url: url)
        request.headers = dialect.headers
        request.certificateFile = certificateFile
        let response = try await client.get(request)
        if response.status == 200 { return response.body }
        trouble = "answered \(response.status)"
        let isPassing = response.status == 429 || response.status == 408 || response.status >= 500
        if !isPassing { throw FeedError(.rest, "REST \(trouble)\(RestReader.advice(response.status))") }
        if let pause = response.retryAfter {
          limit.withLock { $0.pause(until: FeedClock.now() + min(pause, .seconds(60)).nanoseconds) }
        }
      } catch let failure as HTTPError {
        try Task.checkCancellation()
        trouble = failure.description
      }
      board.update { $0.restErrors += 1 }
      let most = UInt64(200_000_000) << UInt64(min(attempt, 5))
      try await wait(until: FeedClock.now() + UInt64.random(in: 0...most))
    }
    throw FeedError(.rest, "REST: \(trouble), \(RestReader.attempts) times in a row; it is tried again later")
  }

  private func wait(until moment: UInt64) async throws {
    let now = FeedClock.now()
    if moment > now { try await Task.sleep(nanoseconds: moment - now) }
    try Task.checkCancellation()
  }

  private static func advice(_ status: Int) -> String {
    switch status {
    case 401, 403: ": check the key"
    case 404: ": check the address of the REST interface"
    default: ""
    }
  }

  private func note(_ message: String) {
    board.update { $0.lastError = message }
    log.warning("\(message)")
  }
}
