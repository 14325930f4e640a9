internal import Broadcast
internal import Journal
internal import Pipeline

/// The API of a run, without the limits that a benchmark would hit.
enum APIAccess {
  static var options: BroadcastOptions {
    var options = BroadcastOptions()
    options.port = 0
    options.mostConnectionsOfOneAddress = 10_000
    options.mostStreamsOfOneCaller = 10_000
    options.gate.callerRate = TokenBucket.Rate(capacity: 1_000_000, perSecond: 1_000_000)
    options.gate.addressRate = TokenBucket.Rate(capacity: 1_000_000, perSecond: 1_000_000)
    return options
  }

  /// A token in a journal that nobody has open.
  static func makeToken(_ path: String) throws -> String {
    let token = AccessToken.make(name: "bench", role: .viewer, created: 1)
    let journal = try Journal(path: path)
    try journal.append(token: token.record)
    try journal.commit()
    try journal.close()
    return token.text
  }

  /// Where a run listens, once it does.
  static func port(of run: LiveRun) async throws -> Int {
    for _ in 0..<500 {
      if let port = run.apiPort { return port }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure("the API does not listen")
  }
}
