import Documents
import Files
import Glibc
public import RuleEngine
public import RuleKit

/// The test files beside the rules of a folder.
public struct TestFolder: Sendable {
  /// A test file that can be run, or why it cannot.
  public enum Found: Sendable {
    case file(RuleTestFile)
    case problem(path: String, rule: String, String)

    /// The rule that it is about.
    public var rule: String {
      switch self {
      case .file(let file): file.rule
      case .problem(_, let rule, _): rule
      }
    }
  }

  /// The folder of rules, as the user named it.
  public let rules: String
  /// The folder that holds the rules folder: paths of recordings and goldens begin there.
  public let root: String

  /// How names of test files end.
  static let ending = ".test.yaml"
  private static let mostBytes = 16 << 20

  /// The folder at a path.
  public init(rules: String) {
    var path = rules
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.rules = path
    root = TestFolder.parent(of: path)
  }

  /// The folder above, of where a link leads to.
  private static func parent(of path: String) -> String {
    var isLink = stat()
    if lstat(path, &isLink) == 0, isLink.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) {
      defer { free(real) }
      return parent(of: String(cString: real))
    }
    guard let slash = path.lastIndex(of: "/") else { return path == "." || path == ".." ? path + "/.." : "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The ids of the rules that have tests, sorted; none when the folder cannot be read.
  public func tested() -> [String] {
    guard let folder = opendir(rules) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = entry.entryName
      if name.hasSuffix(TestFolder.ending), !name.hasPrefix(".") {
        names.append(String(name.dropLast(TestFolder.ending.count)))
      }
    }
    return names.sorted()
  }

  /// The path of a rule's test file.
  public func path(of rule: String) -> String { "\(rules)/\(rule)\(TestFolder.ending)" }

  /// A path of a recording or golden, as the system takes it.
  public func resolve(_ path: String) -> String {
    path.hasPrefix("/") || root == "." ? path : root + "/" + path
  }

  /// Reads the recordings that test files name.
  public var recordings: RuleTestFile.Recordings {
    { name throws(PlacedProblem) in try RecordedOrders.read(resolve(name)) }
  }

  /// Reads a rule's test file.
  public func read(_ rule: String, among sources: RuleSources) -> Found {
    let path = path(of: rule)
    func problem(_ message: String) -> Found { .problem(path: path, rule: rule, message) }
    guard let source = sources.rules.first(where: { $0.name == rule }) else {
      let hint = NearestName.hint(rule, of: sources.rules.map(\.name))
      return problem("\(path): there is no rule \(rules)/\(rule).lua\(hint)")
    }
    do throws(SmallFile.Failure) {
      let bytes = try SmallFile.read(path, limit: TestFolder.mostBytes).bytes
      guard let text = String(validating: bytes, as: UTF8.self) else {
        return problem("\(path): it is not UTF-8 text")
      }
      return parse(text, path, source.name)
    } catch {
      return problem("\(path): \(error)")
    }
  }

  private func parse(_ text: String, _ path: String, _ rule: String) -> Found {
    // Tests of the same recording share its orders.
    var known: [String: [TestOrder]] = [:]
    do throws(PlacedProblem) {
      let file = try RuleTestFile.read(text, path: path) { name throws(PlacedProblem) in
        if let orders = known[name] { return orders }
        let orders = try recordings(name)
        known[name] = orders
        return orders
      }
      if file.rule != rule {
        return .problem(
          path: path, rule: rule, "\(path): it is about rule '\(file.rule)': write rule: \(rule)")
      }
      return .file(file)
    } catch {
      return .problem(path: path, rule: rule, error.description)
    }
  }
}
