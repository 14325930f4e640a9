import Glibc
public import RuleEngine

/// Reads a rules folder from the disk.
public enum RuleFolder {
  /// Why a folder cannot be read; the message names the path.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence for the user.
    public var description: String
  }

  /// All rules, libraries and tables below `path`, with parameters from outside.
  public static func read(
    _ path: String, parameters: [String: [String: String]] = [:]
  ) throws(Failure) -> RuleSources {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard let names = try list(path, .rules) else {
      throw Failure(description: "cannot read the rules folder \(path): \(String(cString: strerror(ENOENT)))")
    }
    let rules = try files(path, names)
    if rules.isEmpty { throw Failure(description: "there is no rule in \(path): put a file NAME.lua there") }
    let libraries = try files(path + "/lib", list(path + "/lib", .libraries) ?? [])
    var tables: [RuleSources.File] = []
    for name in try list(path + "/tables", .tables) ?? [] {
      tables.append(RuleSources.File(name: name, source: try contents(path + "/tables/" + name)))
    }
    return RuleSources(
      rules: rules, libraries: libraries, labels: try labels(in: tables, below: path + "/"),
      parameters: parameters, tables: tables)
  }

  /// The watch list among the tables of a folder, empty when there is none.
  static func labels(in tables: [RuleSources.File], below path: String) throws(Failure) -> [String: String] {
    guard let table = tables.first(where: { $0.name == "wallets.csv" }) else { return [:] }
    return try WalletTable.parse(
      String(decoding: table.source, as: UTF8.self), path: path + "tables/wallets.csv")
  }

  private static func files(_ folder: String, _ names: [String]) throws(Failure) -> [RuleSources.File] {
    var result: [RuleSources.File] = []
    for name in names {
      result.append(
        RuleSources.File(name: String(name.dropLast(4)), source: try contents(folder + "/" + name)))
    }
    return result
  }

  /// The names in a folder that count, sorted; nil when there is no such folder.
  static func list(_ path: String, _ place: RuleFileNames.Place) throws(Failure) -> [String]? {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return nil }
      throw Failure(description: "cannot read the rules folder \(path): \(String(cString: strerror(errno)))")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = entry.entryName
      if RuleFileNames.counts(name, in: place) { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes of a small file.
  static func contents(_ path: String) throws(Failure) -> [UInt8] {
    // Without waiting for somebody to write, where it is a pipe.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { throw unreadable(path) }
    defer { close(file) }
    return try contents(of: file, path)
  }

  private static func unreadable(_ path: String) -> Failure {
    Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
  }

  /// The bytes of a small file that is open.
  static func contents(of file: Int32, _ path: String) throws(Failure) -> [UInt8] {
    var status = stat()
    if fstat(file, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      throw Failure(description: "cannot read \(path): it is no file")
    }
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &block, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path)
      }
      if count == 0 { return result }
      result.append(contentsOf: block[..<count])
      // A table or rule is small; whatever is bigger was put there by mistake.
      if result.count > 64 << 20 { throw Failure(description: "\(path) is over 64 MiB") }
    }
  }
}
