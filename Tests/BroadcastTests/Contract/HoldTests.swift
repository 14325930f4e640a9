import Broadcast
import Glibc
import Testing

/// A server for tools from outside: `Tests/Conformance/api.py` starts it this way.
@Suite("A server that is held open")
struct HoldTests {
  /// The file that says where the server is and what lets one in, as long as it is there.
  private static let file = getenv("BETTERBOT_API_HOLD").map { String(cString: $0) }

  @Test("answers until its file is gone", .enabled(if: HoldTests.file != nil), .timeLimit(.minutes(60)))
  func hold() async throws {
    let file = try #require(HoldTests.file)
    try await TestServer.run(
      { options in
        options.gate.addressRate = .init(capacity: 1_000_000, perSecond: 1_000_000)
        options.gate.callerRate = .init(capacity: 1_000_000, perSecond: 1_000_000)
        options.gate.failureRate = .init(capacity: 1_000_000, perSecond: 1_000_000)
      },
      before: { engine in
        try ContractData.fill(engine)
        try ContractData.webhooks(engine)
      }
    ) { test in
      let text = "\(test.base) \(try #require(test.tokens[.admin]))\n"
      let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      try #require(descriptor >= 0)
      _ = text.withCString { write(descriptor, $0, text.utf8.count) }
      close(descriptor)
      while access(file, F_OK) == 0 { try await Task.sleep(for: .milliseconds(100)) }
    }
  }
}
