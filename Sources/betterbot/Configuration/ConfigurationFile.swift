import Feeds
import Glibc
import Pipeline
import Yams

/// Reads `betterbot.yaml` into values that know their lines.
enum ConfigurationFile {
  /// More is no configuration.
  private static let maximumBytes = 1 << 20
  /// Aliases let a short file mean a very long one.
  private static let maximumValues = 100_000

  /// The file as a map; an empty one when it is missing and need not be there.
  static func read(_ path: String, isRequired: Bool) throws(ConfigurationError) -> ConfigurationValue {
    let empty = ConfigurationValue(.map([]), origin: path)
    if !isRequired, access(path, F_OK) != 0, errno == ENOENT { return empty }
    let bytes = try contents(path, limit: maximumBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(path, "is not UTF-8 text")
    }
    return try parse(text, path: path)
  }

  /// A text as a map; `path` is for messages.
  static func parse(_ text: String, path: String) throws(ConfigurationError) -> ConfigurationValue {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let failure as YamlError {
      throw error(failure, path)
    } catch {
      throw ConfigurationError(path, "is not YAML")
    }
    guard let node else { return ConfigurationValue(.map([]), origin: path) }
    var left = maximumValues
    let value = try value(node, path: path, line: 1, depth: 0, left: &left)
    switch value.content {
    case .map: return value
    case .nothing: return ConfigurationValue(.map([]), origin: path)
    default:
      throw ConfigurationError(value.origin, "the file must be a map of keys, such as `db: betterbot.db`")
    }
  }

  private static func value(
    _ node: Node, path: String, line: Int, depth: Int, left: inout Int
  ) throws(ConfigurationError) -> ConfigurationValue {
    let line = node.mark?.line ?? line
    let origin = "\(path):\(line)"
    left -= 1
    if left < 0 { throw ConfigurationError(origin, "there are more than \(maximumValues) values") }
    if depth > 8 { throw ConfigurationError(origin, "is nested more than 8 deep") }
    switch node {
    case .scalar(let scalar):
      let isNothing = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      return ConfigurationValue(isNothing ? .nothing : .text(scalar.string), origin: origin)
    case .sequence(let nodes):
      var list: [ConfigurationValue] = []
      for node in nodes {
        list.append(try value(node, path: path, line: line, depth: depth + 1, left: &left))
      }
      return ConfigurationValue(.list(list), origin: origin)
    case .mapping(let pairs):
      var entries: [ConfigurationValue.Entry] = []
      for (key, node) in pairs {
        let line = key.mark?.line ?? line
        guard let name = key.scalar?.string else {
          throw ConfigurationError("\(path):\(line)", "a key must be a word")
        }
        var inner = try value(node, path: path, line: line, depth: depth + 1, left: &left)
        // A map begins a line below its key; an error about it is about the key.
        inner.origin = "\(path):\(line)"
        entries.append(ConfigurationValue.Entry(key: name, value: inner))
      }
      return ConfigurationValue(.map(entries), origin: origin)
    case .alias:
      throw ConfigurationError(origin, "an alias leads nowhere")
    }
  }

  private static func error(_ failure: YamlError, _ path: String) -> ConfigurationError {
    switch failure {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let text = context.map { "\($0.text) (line \($0.mark.line)): " } ?? ""
      return ConfigurationError("\(path):\(mark.line)", "is not YAML: \(text)\(problem)")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).count { $0.isNewline } + 1 } ?? 1
      return ConfigurationError("\(path):\(line)", "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      return ConfigurationError(
        "\(path):\(context.mark.line)",
        "\(keys.sorted().joined(separator: ", ")) stands more than once in this map; keep one")
    default: return ConfigurationError(path, "is not YAML")
    }
  }

  /// The bytes of a small file.
  static func contents(_ path: String, limit: Int) throws(ConfigurationError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw ConfigurationError("", "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &block, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw ConfigurationError("", "cannot read \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { return result }
      result.append(contentsOf: block[..<count])
      if result.count > limit { throw ConfigurationError("", "\(path) is over \(limit) bytes") }
    }
  }

  /// The ids of the rules in a folder; none when it cannot be read, which whoever loads them reports.
  static func ruleNames(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = entry.entryName
      if name.hasSuffix(".lua"), !name.hasPrefix(".") { names.append(String(name.dropLast(4))) }
    }
    return names
  }
}
