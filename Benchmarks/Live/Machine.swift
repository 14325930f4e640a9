internal import Foundation

/// Where the figures come from.
enum Machine {
  static func print(_ folder: String) {
    let model = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
    let cpu = model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown CPU"
    let kernel = text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
    let load = text("/proc/loadavg").split(separator: " ").first ?? "?"
    let cores = ProcessInfo.processInfo.activeProcessorCount
    Swift.print("\(cpu), \(cores) cores, Linux \(kernel), load \(load)")
    Swift.print("\(fileSystem(folder)), commit \(output(["git", "describe", "--always", "--dirty"]))")
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// The file system of the longest mount point that the folder lies under.
  private static func fileSystem(_ folder: String) -> String {
    let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    var best = (length: -1, text: "unknown file system")
    for line in text("/proc/mounts").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 3 else { continue }
      let point = words[1] == "/" ? "" : words[1]
      guard path == point || path.hasPrefix(point + "/"), point.count >= best.length else { continue }
      best = (point.count, "\(words[2]) on \(words[0])")
    }
    return best.text
  }

  /// Whether a program is installed.
  static func has(_ program: String) -> Bool { output(["sh", "-c", "command -v \(program)"]) != "unknown" }

  /// What a command prints; `unknown` when it cannot be run or prints nothing.
  static func output(_ command: [String]) -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return "unknown" }
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? "unknown" : text
  }
}
