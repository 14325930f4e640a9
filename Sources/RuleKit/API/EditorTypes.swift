/// `library/betterbot.lua`: the API as annotations for lua-language-server, and for editors that read the same.
public struct EditorTypes {
  /// The file for this program's API.
  public static let current = EditorTypes.file(for: .current)

  private let api: APIDescription
  private var lines: [String] = ["---@meta"]

  private init(_ api: APIDescription) { self.api = api }

  /// The file for an API.
  static func file(for api: APIDescription) -> GeneratedFile {
    var writer = EditorTypes(api)
    writer.addAliases()
    writer.addGiven()
    writer.addDeclared()
    writer.addFunctions()
    return GeneratedFile(writer.lines.joined(separator: "\n") + "\n", comment: "--", version: api.version)
  }

  // MARK: Types

  private mutating func addAliases() {
    let numbers = api.order.filter { $0.type == "integer" }
    add(alias: "OrderField", EditorTypes.union(api.order.map(\.name)), "the name of a field of an order")
    add(alias: "NumberField", EditorTypes.union(numbers.map(\.name)), "the name of one that is a number")
    add(alias: "Severity", EditorTypes.union(api.severities), "how much a signal matters")
    for type in api.types { add(alias: type.name, type.type, type.doc) }
  }

  /// What hooks are given.
  private mutating func addGiven() {
    add(class: "Order", api.order, "a fill; the same table for every order: copy(o) what you keep")
    add(class: "Windows", [Member("[string] Group")], "the groups that an order belongs to, by window")
    let group =
      api[.group].map { Member($0) } + [Member("[string] any", "aggregates by name, and fields of by")]
    add(class: "Group", group, "what a window holds for one key")
    add(class: "Match", api[.match], "a sequence that is complete")
    add(class: "StepOrder", api[.step], "the order that made a step")
    add(class: "HeardSignal", api[.heard], "a signal of a rule in listens")
    add(class: "Gap", api[.gap], "a stretch of a feed that was lost")
  }

  /// What rules write.
  private mutating func addDeclared() {
    add(class: "RuleHeader", api[.header], "what rule{} takes")
    add(class: "Dedup", api[.dedup], "how repeats are folded")
    add(class: "ParameterOptions", api[.parameter], "the second argument of param.*")
    add(class: "WindowHeader", api[.window], "what window.* takes")
    let steps = Member("[integer] Step", "steps and nevers in their order")
    add(class: "SequenceHeader", api[.sequence].map { Member($0) } + [steps], "what sequence takes")
    add(class: "SignalFields", api[.signal], "what signal takes")
    for (name, doc) in [
      ("Parameter", "made by param.*"), ("Window", "made by window.*"), ("Sequence", "made by sequence"),
      ("Step", "made by step and never"), ("Aggregate", "made by \(api.aggregates.joined(separator: ", "))"),
      ("Condition", "made by \(api.conditions.joined(separator: ", "))"),
    ] { add(class: name, [Member](), doc) }
    let hooks = api.hooks.map { hook in
      let arguments = hook.arguments.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
      let result = hook.returns.isEmpty ? "" : ": " + hook.returns.joined(separator: ", ")
      return Member("\(hook.name)? fun(\(arguments))\(result)", hook.doc)
    }
    let own = [
      Member("params table<string, any>", "the values of the header's params"),
      Member("state_version? integer", "the version of what is in state; default 1"),
    ]
    add(class: "Rule", own + hooks, "what rule{} returns")
  }

  // MARK: Functions

  private mutating func addFunctions() {
    let tables = Set(api.functions.compactMap(\.table)).sorted()
    for table in tables {
      let values = api.functions.filter { $0.table == table && $0.valueType != nil }
      add(class: table + "lib", values.map { Member("\($0.baseName) \($0.valueType ?? "")", $0.doc) }, "")
      lines.append("\(table) = {}")
    }
    for function in api.functions {
      if let type = function.valueType {
        if function.table != nil { continue }
        lines += ["", "---" + function.doc, "---@type \(type)", "\(function.name) = {}"]
      } else {
        add(function)
      }
    }
  }

  private mutating func add(_ function: APIFunction) {
    lines += ["", "---" + function.doc]
    if let generic = function.generic { lines.append("---@generic \(generic)") }
    for argument in function.arguments {
      let mark = argument.isOptional ? "?" : ""
      lines.append("---@param \(argument.name)\(mark) \(argument.plainType)")
    }
    for type in function.returns { lines.append("---@return \(type)") }
    let names = function.arguments.map(\.name).joined(separator: ", ")
    lines.append("function \(function.name)(\(names)) end")
  }

  // MARK: Lines

  private mutating func add(alias name: String, _ type: String, _ doc: String) {
    lines += ["", "---\(doc)", "---@alias \(name) \(type)"]
  }

  /// A line of a class, and what is said about it in the line before.
  private struct Member {
    var text: String
    var doc = ""

    init(_ text: String, _ doc: String = "") {
      self.text = text
      self.doc = doc
    }

    init(_ field: APIField) {
      var exact = field
      exact.type = field.exactType
      text = "\(field.name)\(exact.isOptional ? "?" : "") \(exact.plainType)"
      doc = [field.doc, field.unit ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
    }
  }

  private mutating func add(class name: String, _ fields: [APIField], _ doc: String) {
    add(class: name, fields.map { Member($0) }, doc)
  }

  private mutating func add(class name: String, _ members: [Member], _ doc: String) {
    lines.append("")
    if !doc.isEmpty { lines.append("---\(doc)") }
    lines.append("---@class \(name)")
    for member in members {
      // A blank, since a dash more would be a part of the mark.
      if !member.doc.isEmpty { lines.append("---\(member.doc.hasPrefix("-") ? " " : "")\(member.doc)") }
      lines.append("---@field \(member.text)")
    }
  }

  private static func union(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: "|")
  }
}
