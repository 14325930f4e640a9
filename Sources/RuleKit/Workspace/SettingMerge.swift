import Wire

/// Adds one setting to settings that a user wrote, in the spelling that is used there.
///
/// The language server takes `"runtime.version"`, `"Lua.runtime.version"`, and objects in objects for either.
enum SettingMerge {
  enum Outcome: Equatable {
    /// It was missing, or some of its items were.
    case added
    /// All of it was there.
    case present
    /// The user has something else there, which stays.
    case differs(JSONTree)
  }

  /// Adds what is missing of a setting; nothing that is there is changed or removed.
  static func add(
    _ value: JSONTree, named name: String, to members: inout [JSONTree.Member]
  ) -> Outcome {
    if let outcome = addInPlace(value, name, &members) { return outcome }
    members.append(JSONTree.Member(name, value))
    return .added
  }

  /// Nil when neither the setting nor the object that it belongs into is there.
  private static func addInPlace(
    _ value: JSONTree, _ name: String, _ members: inout [JSONTree.Member]
  ) -> Outcome? {
    for spelling in [name, "Lua." + name] {
      if let place = members.firstIndex(where: { $0.name == spelling }) {
        return complete(&members[place].value, with: value)
      }
    }
    // The nearest object wins: "Lua": {…}, then "runtime": {…}.
    if let place = members.firstIndex(where: { $0.name == "Lua" }),
      case .object(var inner) = members[place].value
    {
      let outcome = add(value, named: name, to: &inner)
      members[place].value = .object(inner)
      return outcome
    }
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let (section, rest) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
    for spelling in [section, "Lua." + section] {
      guard let place = members.firstIndex(where: { $0.name == spelling }),
        case .object(var inner) = members[place].value
      else { continue }
      let outcome = add(value, named: rest, to: &inner)
      members[place].value = .object(inner)
      return outcome
    }
    return nil
  }

  /// Lists get the items they lack, objects the members; other values stay.
  private static func complete(_ value: inout JSONTree, with wanted: JSONTree) -> Outcome {
    switch (value, wanted) {
    case (.array(let items), .array(let more)):
      let missing = more.filter { !items.contains($0) }
      value = .array(items + missing)
      return missing.isEmpty ? .present : .added
    case (.object(let members), .object(let more)):
      let missing = more.filter { member in !members.contains { $0.name == member.name } }
      value = .object(members + missing)
      return missing.isEmpty ? .present : .added
    default: return value == wanted ? .present : .differs(value)
    }
  }
}
