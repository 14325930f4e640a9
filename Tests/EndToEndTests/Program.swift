import Glibc

/// The built program, run as its users run it.
enum Program {
  /// What a run left behind.
  struct Result {
    var code: Int32
    var output: String
    var errors: String

    /// The lines of the standard output.
    var lines: [Substring] { output.split(separator: "\n") }
  }

  /// The binary: next to the test bundle, or named by BETTERBOT.
  static let path: String = {
    if let named = getenv("BETTERBOT") { return String(cString: named) }
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    let runner = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return runner.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      + "/betterbot"
  }()

  /// The root of the package.
  static let root: String = {
    var path = #filePath
    while let slash = path.lastIndex(of: "/"), access(path + "/Package.swift", R_OK) != 0 {
      path = String(path[..<slash])
    }
    return path
  }()

  static func fixture(_ name: String) -> String { "\(root)/fixtures/\(name)" }

  /// Recorded data beside the repository, nil where it is not installed.
  static func recorded(_ name: String) -> String? {
    let path = "\(root)/../shared/data/polymarket_fills_2026-01/\(name)"
    return access(path, R_OK) == 0 ? path : nil
  }

  /// Runs the program with some arguments, in the workspace, with the shipped rules at `rules`.
  static func run(_ arguments: [String], in workspace: Workspace, input: String? = nil) throws -> Result {
    try shell(([path] + arguments).map(quoted).joined(separator: " "), in: workspace, input: input)
  }

  /// Runs a line of shell, in which `$BB` is the program.
  ///
  /// What it writes goes into files: a pipe that nobody empties would stop it.
  static func shell(_ line: String, in workspace: Workspace, input: String? = nil) throws -> Result {
    let number = workspace.nextNumber()
    let (output, errors) = (workspace.file(".out\(number)"), workspace.file(".err\(number)"))
    let source = input ?? "/dev/null"
    let script = """
      export BB=\(quoted(path)); cd \(quoted(workspace.path)) || exit 99
      unset NO_COLOR BETTERBOT_DURABILITY BETTERBOT_RETENTION_DAYS BETTERBOT_RETENTION_ROWS
      # Runs at the same time would want the same port; what tests the API asks for one of its own.
      export BETTERBOT_API_LISTEN=off
      exec <\(quoted(source)) >\(quoted(output)) 2>\(quoted(errors))
      \(line)
      """
    let words = ["/bin/sh", "-c", script]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let started = posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ)
    guard started == 0 else { throw Workspace.Failure(reason: "posix_spawn: \(started)") }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      if errno != EINTR { throw Workspace.Failure(reason: "waitpid: \(errno)") }
    }
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    return Result(code: code, output: try workspace.read(output), errors: try workspace.read(errors))
  }

  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  static func has(_ command: String) -> Bool {
    guard let paths = getenv("PATH") else { return false }
    return String(cString: paths).split(separator: ":").contains { access("\($0)/\(command)", X_OK) == 0 }
  }
}
