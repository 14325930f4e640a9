internal import Foundation

/// The sender in a process of its own.
struct SenderProcess {
  /// What it says at its end; times in microseconds.
  struct Report {
    var sent = 0
    /// How far behind its plan it was at worst.
    var late = 0
    /// The longest time between two looks at the clock.
    var stall = 0
    var cpu = 0
    var wall = 0
  }

  private let process = Process()
  private let output = Pipe()
  private let input = Pipe()
  /// Where it listens.
  let port: Int

  init(_ flow: FlowSettings) throws {
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = flow.arguments
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    let words = SenderProcess.line(output).split(separator: " ")
    guard words.count == 2, let port = Int(words[1]) else { throw Failure("the sender does not listen") }
    self.port = port
  }

  /// Waits for its report.
  func report() -> Report {
    let words = SenderProcess.line(output).split(separator: " ").map(String.init)
    func value(_ name: String) -> Int {
      words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil } ?? 0
    }
    return Report(
      sent: value("sent"), late: value("late"), stall: value("stall"), cpu: value("cpu"), wall: value("wall"))
  }

  /// Ends it in the middle.
  func kill() { process.terminate() }

  /// Lets it go.
  func end() throws {
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  static func line(_ pipe: Pipe) -> String {
    var bytes: [UInt8] = []
    while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Why nothing was measured.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
