import Yams

/// Reads YAML into values that know their lines.
public enum YAMLText {
  /// Aliases let a short file mean a very long one.
  private static let maximumValues = 100_000

  /// A text as a map; `path` is for messages.
  public static func parse(
    _ text: String, path: String, example: String = "db: betterbot.db"
  ) throws(PlacedProblem) -> PlacedValue {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let failure as YamlError {
      throw error(failure, path)
    } catch {
      throw PlacedProblem(path, "is not YAML")
    }
    guard let node else { return PlacedValue(.map([]), origin: path) }
    var left = maximumValues
    let value = try value(node, path: path, line: 1, depth: 0, left: &left)
    switch value.content {
    case .map: return value
    case .nothing: return PlacedValue(.map([]), origin: path)
    default:
      throw PlacedProblem(value.origin, "the file must be a map of keys, such as `\(example)`")
    }
  }

  private static func value(
    _ node: Node, path: String, line: Int, depth: Int, left: inout Int
  ) throws(PlacedProblem) -> PlacedValue {
    let line = node.mark?.line ?? line
    let origin = "\(path):\(line)"
    left -= 1
    if left < 0 { throw PlacedProblem(origin, "there are more than \(maximumValues) values") }
    if depth > 8 { throw PlacedProblem(origin, "is nested more than 8 deep") }
    switch node {
    case .scalar(let scalar):
      let isNothing = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      let isBlock = scalar.style == .literal || scalar.style == .folded
      return PlacedValue(
        isNothing ? .nothing : .text(scalar.string), origin: origin, line: line + (isBlock ? 1 : 0))
    case .sequence(let nodes):
      var list: [PlacedValue] = []
      for node in nodes {
        list.append(try value(node, path: path, line: line, depth: depth + 1, left: &left))
      }
      return PlacedValue(.list(list), origin: origin, line: line)
    case .mapping(let pairs):
      var entries: [PlacedValue.Entry] = []
      for (key, node) in pairs {
        let line = key.mark?.line ?? line
        guard let name = key.scalar?.string else {
          throw PlacedProblem("\(path):\(line)", "a key must be a word")
        }
        var inner = try value(node, path: path, line: line, depth: depth + 1, left: &left)
        // A map begins a line below its key; an error about it is about the key.
        inner.origin = "\(path):\(line)"
        entries.append(PlacedValue.Entry(key: name, value: inner))
      }
      return PlacedValue(.map(entries), origin: origin, line: line)
    case .alias:
      throw PlacedProblem(origin, "an alias leads nowhere")
    }
  }

  private static func error(_ failure: YamlError, _ path: String) -> PlacedProblem {
    switch failure {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let text = context.map { "\($0.text) (line \($0.mark.line)): " } ?? ""
      return PlacedProblem("\(path):\(mark.line)", "is not YAML: \(text)\(problem)")
    case .reader(let problem, let offset, _, let yaml):
      let line = offset.map { yaml.prefix($0).count { $0.isNewline } + 1 } ?? 1
      return PlacedProblem("\(path):\(line)", "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      return PlacedProblem(
        "\(path):\(context.mark.line)",
        "\(keys.sorted().joined(separator: ", ")) stands more than once in this map; keep one")
    default: return PlacedProblem(path, "is not YAML")
    }
  }
}
