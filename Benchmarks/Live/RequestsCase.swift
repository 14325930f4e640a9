internal import Foundation
internal import Journal
internal import OrderFlow
internal import Pipeline

/// Requests a second of a page of signals, with a million of them stored, by `wrk`.
struct RequestsCase {
  private let folder: Workplace
  private let arguments: Arguments

  init(_ folder: Workplace, _ arguments: Arguments) {
    self.folder = folder
    self.arguments = arguments
  }

  func run() async throws {
    guard Machine.has("wrk") else {
      print("\nwrk is not installed, so requests are not measured; on Debian: apt-get install wrk")
      return
    }
    var flow = arguments.flow
    flow.rate = 100
    flow.total = 100_000
    let trial = try LiveTrial(folder, flow, .normal, rules: arguments.rules)
    let journal = try folder.journal()
    let token = try APIAccess.makeToken(journal)
    try fill(journal)
    let sender = try SenderProcess(flow)
    try await trial.hold(sender, journal: journal, api: APIAccess.options) { run in
      let port = try await APIAccess.port(of: run)
      print("\n  1,000,000 signals stored, 100 orders/s meanwhile")
      for path in ["/v1/signals?limit=50", "/v1/signals?limit=50&rule=whale_order", "/v1/status", "/healthz"]
      {
        print("  \(path)")
        for line in measure(port, path, token) { print("    \(line)") }
        fflush(nil)
      }
    }
    sender.kill()
  }

  private func measure(_ port: Int, _ path: String, _ token: String) -> [Substring] {
    let text = Machine.output([
      "wrk", "-t1", "-c16", "-d\(arguments.flow.seconds)s", "--latency", "-H",
      "Authorization: Bearer \(token)", "http://127.0.0.1:\(port)\(path)",
    ])
    let wanted = ["50%", "99%", "Requests/sec", "Non-2xx", "Socket errors"]
    return text.split(separator: "\n").filter { line in wanted.contains { line.contains($0) } }
  }

  private func fill(_ path: String) throws {
    let journal = try Journal(path: path, durability: .normal)
    for number in 1...1_000_000 as ClosedRange<Int64> {
      var signal = Signal(
        id: Digest128(high: 9, low: UInt64(number)), rule: number % 10 == 0 ? "whale_order" : "other",
        version: "0123456789abcdef", seq: 0, time: 1_700_000_000_000 + number, severity: .medium,
        title: "0xfab1…ec96: SELL $10,500.00 of Yes at 64¢")
      signal.market = "market-\(number % 300)"
      signal.user = "0x0123456789abcdef0123456789abcdef01234567"
      signal.data = #"{"outcome":"Yes","price":640000,"role":"maker","shares":16406250000,"usd":10500000000}"#
      try journal.append(signal: signal)
      if number % 10_000 == 0 { try journal.commit() }
    }
    try journal.commit()
    try journal.close()
  }
}
