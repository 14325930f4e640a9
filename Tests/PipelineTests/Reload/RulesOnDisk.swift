import Glibc
import RuleEngine

@testable import Pipeline

/// A rules folder that a test changes, and every version that was in it at some moment.
///
/// Nobody else may write there: each single step is followed by a look, so that the versions between two steps of a
/// change are known as well.
struct RulesOnDisk {
  /// What a version holds.
  struct Content {
    /// `local NAME = NUMBER` of the files, by file and name, as in `pair.rev`.
    var numbers: [String: Int] = [:]
    /// Some file of it must never run.
    var isBroken = false
    /// Every file of it is one that was meant to be as it is.
    var isWhole = false
  }

  let workspace: Workspace
  /// By version.
  private(set) var seen: [String: Content] = [:]
  /// The files as they are meant to be, by path in the folder; hidden and temporary ones are left out.
  var wanted: [String: String] = [:]
  /// Every text that was ever meant to be, with its path in front.
  private var meant: Set<String> = []
  private var number = 0

  /// The path that the run is given: a folder, or a link to one.
  var path: String { workspace.file("rules") }

  init(_ workspace: Workspace, _ files: [String: String]) throws {
    self.workspace = workspace
    mkdir(workspace.file("releases"), 0o755)
    for (name, text) in files {
      try workspace.write(text, to: "rules/" + name)
      mean(name, text)
    }
    look()
  }

  /// The version that is there now, nil when it cannot be read.
  var version: String? { (try? RuleFolder.read(path))?.version }

  // MARK: Steps

  /// Writes a file in place, as much of it at once as there are pieces; `pause` comes between them.
  mutating func write(_ name: String, _ pieces: [String], pause: () async throws -> Void = {}) async throws {
    let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if file < 0 { throw Workspace.Failure(reason: "\(name): \(errno)") }
    defer { close(file) }
    look()
    for (place, piece) in pieces.enumerated() {
      if place > 0 { try await pause() }
      let bytes = Array(piece.utf8)
      guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
        throw Workspace.Failure(reason: "\(name): \(errno)")
      }
      look()
    }
  }

  mutating func write(_ name: String, _ text: String) async throws { try await write(name, [text]) }

  /// Writes beside a file and renames over it, as careful editors do.
  mutating func replace(_ name: String, _ text: String) async throws {
    let parts = name.split(separator: "/")
    let beside = (parts.dropLast().map(String.init) + [".\(parts.last ?? "").tmp"]).joined(separator: "/")
    try await write(beside, text)
    rename(beside, name)
  }

  mutating func rename(_ from: String, _ to: String) {
    Glibc.rename(path + "/" + from, path + "/" + to)
    look()
  }

  mutating func remove(_ name: String) {
    unlink(path + "/" + name)
    look()
  }

  /// Puts a folder with all that is wanted in the place of this one, through a link that is renamed over it.
  mutating func release() throws {
    number += 1
    for (name, text) in wanted { try workspace.write(text, to: "releases/\(number)/\(name)") }
    workspace.symlink("releases/\(number)", "next")
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK {
      workspace.move("rules", "releases/old-\(number)")
      look()
    }
    workspace.move("next", "rules")
    look()
  }

  /// Removes every file and the folder, and makes them anew one by one.
  mutating func recreate() async throws {
    for place in RuleFileNames.Place.allCases {
      for name in (try? RuleFolder.list(place.path(in: path), place)) ?? [] {
        remove(place == .rules ? name : place.rawValue + "/" + name)
      }
    }
    number += 1
    workspace.move("rules", "releases/old-\(number)")
    look()
    for folder in ["", "/lib", "/tables"] { mkdir(path + folder, 0o755) }
    for (name, text) in wanted.sorted(by: { $0.key < $1.key }) { try await write(name, text) }
  }

  // MARK: Looking

  /// Notes what a file is meant to be; nil: it is meant to be away.
  mutating func mean(_ name: String, _ text: String?) {
    wanted[name] = text
    if let text { meant.insert(name + "\n" + text) }
  }

  /// Notes the version that is on the disk now.
  mutating func look() {
    guard let sources = try? RuleFolder.read(path), seen[sources.version] == nil else { return }
    var content = Content(isWhole: sources.libraries.contains { $0.name == "gen" })
    let files =
      sources.rules.map { ($0, $0.name, $0.name + ".lua") }
      + sources.libraries.map { ($0, "lib", "lib/\($0.name).lua") }
      + sources.tables.map { ($0, "tables", "tables/" + $0.name) }
    for (file, key, name) in files {
      let text = String(decoding: file.source, as: UTF8.self)
      if text.hasPrefix(SoakRules.mark) { content.isBroken = true }
      if !meant.contains(name + "\n" + text) { content.isWhole = false }
      for (name, number) in RulesOnDisk.numbers(in: text) { content.numbers["\(key).\(name)"] = number }
    }
    seen[sources.version] = content
  }

  /// What the lines `local NAME = NUMBER` and `…,watch-NUMBER` say.
  private static func numbers(in text: String) -> [(name: String, number: Int)] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      if words.count == 4, words[0] == "local", let number = Int(words[3]) {
        return (String(words[1]), number)
      }
      let parts = line.split(separator: "-")
      return parts.count == 2 && parts[0].hasSuffix(",watch") ? Int(parts[1]).map { ("label", $0) } : nil
    }
  }
}
