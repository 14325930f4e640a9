/// `betterbot.yml`: the API as a standard library for the linter selene.
///
/// It has no base: what is not in it does not exist for a rule, as in the sandbox.
public enum SeleneLibrary {
  /// The file for this program's API.
  public static let current = file(for: .current)

  /// The settings that name the library.
  public static let settings = "std = \"betterbot\"\n"

  /// The file for an API.
  static func file(for api: APIDescription) -> GeneratedFile {
    var lines = ["---", "name: betterbot", "lua_versions: [lua54]", "globals:"]
    for function in api.functions {
      lines.append("  \(function.name):")
      if let type = function.valueType {
        // A table of the rule's own may have any fields.
        lines.append(type.hasPrefix("table") ? "    any: true" : "    property: read-only")
      } else if function.arguments.isEmpty {
        lines.append("    args: []")
      } else {
        lines.append("    args:")
        for argument in function.arguments { lines += SeleneLibrary.lines(argument, in: api) }
      }
    }
    return GeneratedFile(lines.joined(separator: "\n") + "\n", comment: "#", version: api.version)
  }

  private static func lines(_ argument: APIField, in api: APIDescription) -> [String] {
    let isRest = argument.name == "..."
    var lines = ["      - type: \(isRest ? "\"...\"" : kind(argument.plainType, in: api))"]
    if isRest || argument.isOptional { lines.append("        required: false") }
    return lines
  }

  /// What selene can hold a literal against; it knows no more than kinds and lists of texts.
  private static func kind(_ type: String, in api: APIDescription) -> String {
    switch type {
    case "number", "integer": "number"
    case "string", "table", "function": type
    case "boolean": "bool"
    case "OrderField": list(api.order.map(\.name))
    case "NumberField": list(api.order.filter { $0.type == "integer" }.map(\.name))
    case _ where type.hasSuffix("Header") || type == "SignalFields": "table"
    default: "any"
    }
  }

  private static func list(_ names: [String]) -> String {
    "[" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
  }
}
