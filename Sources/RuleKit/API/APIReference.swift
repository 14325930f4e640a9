/// `docs/reference.md`: the API for people.
public struct APIReference {
  /// The page for this program's API.
  public static var text: String {
    var writer = APIReference(.current)
    writer.write()
    return writer.lines.joined(separator: "\n") + "\n"
  }

  private let api: APIDescription
  private var lines: [String] = []

  private init(_ api: APIDescription) { self.api = api }

  private mutating func write() {
    lines = [
      "# Reference of the rule API", "",
      "Every name of version \(api.version), as `betterbot debug reference` prints it. [Writing rules](rules.md)",
      "goes by task; this page is for looking things up. A `?` behind a type means that it may be `nil`, or be left",
      "out.", "",
      "[Order](#order) · [Functions](#functions) · [Header](#header) · [Windows](#windows) · "
        + "[Sequences](#sequences) · [Hooks](#hooks) · [Signals](#signals) · [Limits](#limits)",
    ]
    writeOrder()
    writeFunctions()
    writeHeader()
    writeWindows()
    writeSequences()
    writeHooks()
    writeSignals()
    writeLimits()
  }

  // MARK: Sections

  private mutating func writeOrder() {
    section(
      "Order", "`o` in `on_order`. Read-only, and the same table for every order: `copy(o)` what you keep.")
    table(["field", "type", "unit", "meaning"], api.order) { field in
      [Self.code(field.name), Self.code(field.exactType), field.unit ?? "", field.doc]
    }
  }

  private mutating func writeFunctions() {
    section("Functions", "")
    functions("While the file loads", api.functions.filter { $0.time == .load })
    functions("In hooks", api.functions.filter { $0.time == .hook })
    functions("Always", api.functions.filter { $0.time == .always && !Self.isLua($0) })
    functions(
      "Of Lua, each bounded in time and memory", api.functions.filter { $0.time == .always && Self.isLua($0) }
    )
  }

  /// Whether Lua's own manual describes a function.
  static func isLua(_ function: APIFunction) -> Bool {
    if let table = function.table { return ["math", "string", "table", "utf8"].contains(table) }
    return basics.contains(function.name)
  }

  private static let basics: Set<String> = [
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "select", "setmetatable",
    "tonumber",
    "tostring", "type", "xpcall",
  ]

  private mutating func writeHeader() {
    section("Header", "The keys of `rule { … }`; any other is an error.")
    fields(api[.header])
    lines += ["", "`dedup` has these keys:", ""]
    fields(api[.dedup])
    lines += ["", "The second argument of `param.*` has these:", ""]
    fields(api[.parameter])
    lines += ["", "Two types have names of their own:", ""]
    table(["type", "is", "meaning"], api.types) { [Self.code($0.name), Self.code($0.type), $0.doc] }
  }

  private mutating func writeWindows() {
    section("Windows", "")
    table(["window", "holds the orders of", "keys"], api.windows) { window in
      [Self.code("window." + window.name), window.doc, window.keys.map(Self.code).joined(separator: " ")]
    }
    lines += ["", "The keys:", ""]
    fields(api[.window])
    lines += [
      "", "Aggregates: \(api.aggregates.map(Self.code).joined(separator: " ")).", "",
      "Conditions: \(api.conditions.map(Self.code).joined(separator: " ")), or a plain value: equal to it.",
      "",
      "A group (`w.NAME`, `group(…)`, `groups(…)`) has its aggregates by name, the fields of `by`, and:", "",
    ]
    fields(api[.group])
  }

  private mutating func writeSequences() {
    section("Sequences", "`sequence { by = …, within = …, step \"…\" { … }, never \"…\" { … } }`")
    fields(api[.sequence])
    lines += ["", "A match, in `on_sequence`:", ""]
    fields(api[.match])
    lines += [
      "", "The order of a step has " + api[.step].map { Self.code($0.name) }.joined(separator: " ") + ".",
    ]
  }

  private mutating func writeHooks() {
    section("Hooks", "All are optional; a rule has at least one whose name begins with `on_`.")
    table(["hook", "with", "called"], api.hooks) { hook in
      [
        Self.code(hook.signature),
        hook.arguments.map { Self.code("\($0.name): \($0.type)") }.joined(separator: " "),
        hook.doc,
      ]
    }
    lines += ["", "A signal that a rule hears:", ""]
    fields(api[.heard])
    lines += ["", "A gap:", ""]
    fields(api[.gap])
  }

  private mutating func writeSignals() {
    let names = api.severities.map(Self.code).joined(separator: " ")
    section("Signals", "The fields of `signal { … }`. Severities, the least first: \(names).")
    fields(api[.signal])
  }

  private mutating func writeLimits() {
    section("Limits", "Numbers whose name ends with `_ms` are milliseconds, with `_bytes` bytes.")
    table(["limit", "value"], api.limits) { [Self.code($0.name), ValueText.grouped(Int64($0.value))] }
  }

  // MARK: Lines

  private mutating func section(_ title: String, _ text: String) {
    lines += ["", "## \(title)", ""]
    if !text.isEmpty { lines += [text, ""] }
  }

  private mutating func functions(_ title: String, _ list: [APIFunction]) {
    if lines.last != "" { lines.append("") }
    lines += ["### \(title)", ""]
    table(["function", "gives", "what it does"], list) { function in
      let results = function.valueType.map { [$0] } ?? function.returns
      return [
        Self.code(function.signature.split(separator: " -> ").first.map(String.init) ?? ""),
        results.map(Self.code).joined(separator: ", "), function.doc,
      ]
    }
  }

  private mutating func fields(_ fields: [APIField]) {
    table(["name", "type", "meaning"], fields) { [Self.code($0.name), Self.code($0.exactType), $0.doc] }
  }

  private mutating func table<Row>(_ titles: [String], _ rows: [Row], _ cells: (Row) -> [String]) {
    lines.append("| " + titles.joined(separator: " | ") + " |")
    lines.append("|" + String(repeating: "---|", count: titles.count))
    for row in rows { lines.append("| " + cells(row).joined(separator: " | ") + " |") }
  }

  /// A name or type as code; a bar would end the cell.
  private static func code(_ text: String) -> String {
    if text.isEmpty { return "" }
    return "`" + text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") + "`"
  }
}
