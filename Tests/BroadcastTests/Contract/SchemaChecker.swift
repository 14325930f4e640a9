/// Holds values to the part of JSON Schema (2020-12) that our document uses; any other word is an error of ours.
struct SchemaChecker {
  /// What `$ref` leads into.
  let document: JSONValue

  private static let annotations: Set<String> = [
    "description", "examples", "example", "default", "format", "title", "x-item-schema",
  ]

  /// What is wrong with a value, each with its place; empty when nothing is.
  func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
    guard let words = schema.members else { return ["\(place): the schema is no object"] }
    var problems: [String] = []
    for (word, rule) in words.sorted(by: { $0.key < $1.key }) where !SchemaChecker.annotations.contains(word)
    {
      problems += check(value, word, rule, words, place)
    }
    return problems
  }

  /// What `#/a/b` stands for.
  func target(_ reference: String) -> JSONValue? {
    var found: JSONValue? = document
    for part in reference.split(separator: "/").dropFirst() { found = found?[String(part)] }
    return found
  }

  private func check(
    _ value: JSONValue, _ word: String, _ rule: JSONValue, _ words: [String: JSONValue], _ place: String
  ) -> [String] {
    switch word {
    case "$ref":
      guard let schema = rule.text.flatMap(target) else { return ["\(place): nothing at \(rule)"] }
      return problems(value, schema, at: place)
    case "type":
      let types = rule.items?.compactMap(\.text) ?? [rule.text ?? ""]
      return types.contains { SchemaChecker.isType(value, $0) } ? [] : ["\(place): not of type \(types)"]
    case "enum": return rule.items?.contains(value) == true ? [] : ["\(place): \(value) is not in the list"]
    case "const": return rule == value ? [] : ["\(place): \(value) is not \(rule)"]
    case "anyOf", "oneOf":
      let count = (rule.items ?? []).count { problems(value, $0, at: place).isEmpty }
      return count == 1 || (word == "anyOf" && count > 1) ? [] : ["\(place): \(count) of \(word) match"]
    case "properties", "required", "additionalProperties": return members(value, word, rule, words, place)
    case "items":
      return (value.items ?? []).enumerated().flatMap { problems($1, rule, at: "\(place)[\($0)]") }
    case "maxItems":
      return Int64(value.items?.count ?? 0) <= rule.whole ?? -1 ? [] : ["\(place): too many items"]
    case "minimum", "maximum":
      guard let number = value.double, let limit = rule.double else { return [] }
      return (word == "minimum" ? number >= limit : number <= limit)
        ? [] : ["\(place): \(number), \(word) \(limit)"]
    case "minLength", "maxLength":
      guard let count = value.text?.unicodeScalars.count, let limit = rule.whole else { return [] }
      return (word == "minLength" ? count >= limit : count <= limit) ? [] : ["\(place): \(word) \(limit)"]
    case "pattern":
      guard let text = value.text, let pattern = rule.text else { return [] }
      guard let regex = try? Regex(pattern) else { return ["\(place): \(pattern) is no pattern"] }
      return text.contains(regex) ? [] : ["\(place): \(text) does not match \(pattern)"]
    default: return ["\(place): \(word) is not known here"]
    }
  }

  private func members(
    _ value: JSONValue, _ word: String, _ rule: JSONValue, _ words: [String: JSONValue], _ place: String
  ) -> [String] {
    guard let members = value.members else { return [] }
    switch word {
    case "properties":
      return (rule.members ?? [:]).sorted { $0.key < $1.key }.flatMap { name, schema in
        members[name].map { problems($0, schema, at: "\(place).\(name)") } ?? []
      }
    case "required":
      return (rule.items ?? []).compactMap(\.text).filter { members[$0] == nil }.map { "\(place): no \($0)" }
    default:
      let others = members.filter { words["properties"]?[$0.key] == nil }.sorted { $0.key < $1.key }
      if rule == .flag(false) { return others.map { "\(place): \($0.key) is not in the schema" } }
      return others.flatMap { problems($0.value, rule, at: "\(place).\($0.key)") }
    }
  }

  private static func isType(_ value: JSONValue, _ type: String) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .text), ("boolean", .flag), ("null", .null),
      ("integer", .whole), ("number", .whole), ("number", .number):
      true
    default: false
    }
  }
}
