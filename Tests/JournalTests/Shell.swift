import Glibc

/// Other processes, for tests of what they may and may not do to a journal.
enum Shell {
  struct Failure: Error {
    var reason: String
  }

  /// A shell command that runs beside the test, its standard input and output in our hands.
  final class Child {
    private let process: pid_t
    private let input: Int32
    private let output: Int32

    init(_ command: String) throws {
      var toChild: [Int32] = [0, 0]
      var fromChild: [Int32] = [0, 0]
      guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Failure(reason: "pipe: \(errno)") }
      for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
      posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
      let words = ["/bin/sh", "-c", command]
      var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      var started: pid_t = 0
      let code = posix_spawn(&started, "/bin/sh", &actions, nil, &arguments, environ)
      close(toChild[0])
      close(fromChild[1])
      input = toChild[1]
      output = fromChild[0]
      process = started
      if code != 0 { throw Failure(reason: "posix_spawn: \(code)") }
    }

    /// Blocks until the command has printed a line.
    func waitForLine() throws {
      var byte: UInt8 = 0
      while byte != UInt8(ascii: "\n") {
        guard read(output, &byte, 1) == 1 else { throw Failure(reason: "the command ended early") }
      }
    }

    /// Everything it prints from here on, until it closes its output.
    func rest() -> String {
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      while read(output, &byte, 1) == 1 { bytes.append(byte) }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Closes its input and waits for it; returns the exit code.
    @discardableResult
    func finish() throws -> Int32 {
      close(input)
      defer { close(output) }
      var status: Int32 = 0
      guard waitpid(process, &status, 0) == process else { throw Failure(reason: "waitpid: \(errno)") }
      guard status & 0x7f == 0 else { throw Failure(reason: "killed by signal \(status & 0x7f)") }
      return (status >> 8) & 0xff
    }
  }

  static func status(_ command: String) throws -> Int32 {
    try Child(command).finish()
  }

  static func output(_ command: String) throws -> String {
    let child = try Child(command)
    let text = child.rest()
    let code = try child.finish()
    guard code == 0 else { throw Failure(reason: "\(command) exited with \(code)") }
    return text
  }

  static func has(_ command: String) -> Bool {
    (try? status("command -v \(command) >/dev/null")) == 0
  }

  static func run(_ command: String) throws { _ = try output(command) }
}
