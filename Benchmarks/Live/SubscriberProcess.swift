internal import Foundation

/// The subscribers in a process of their own.
struct SubscriberProcess {
  /// What they have heard; times in tenths of a microsecond.
  struct Report {
    private let values: [String: Int]

    init(_ line: String) {
      let words = line.split(separator: " ").map(String.init)
      values = Dictionary(
        stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], Int(words[$0 + 1]) ?? 0) }
      ) { first, _ in first }
    }

    subscript(_ name: String) -> Int { values[name] ?? 0 }

    /// p50, p99, p99.9 and the maximum in milliseconds.
    var times: String {
      ["p50", "p99", "p999", "max"].map { String(format: "%8.2f", Double(self[$0]) / 10_000) }.joined(
        separator: " ")
    }
  }

  private let process = Process()
  private let output = Pipe()
  private let input = Pipe()

  init(port: Int, count: Int, token: String) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["subscribe", "--port", "\(port)", "--count", "\(count)"]
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    say(token)
    let line = SenderProcess.line(output)
    guard line == "connected \(count)" else { throw Failure("the subscribers cannot connect: \(line)") }
  }

  func say(_ line: String) {
    try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  func report() -> Report {
    say("report")
    return Report(SenderProcess.line(output))
  }

  func end() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
