/// Looks for what is wrong, or probably not meant, in rules and their libraries, without running them.
public enum Lint {
  /// What a file is.
  public enum FileKind: Sendable {
    /// `rules/NAME.lua`
    case rule
    /// `rules/lib/NAME.lua`
    case library
  }

  /// What is found in a file, by place: at most 200 findings, errors before warnings. `name` is the file's
  /// without `.lua`.
  public static func check(_ name: String, source: [UInt8], kind: FileKind = .rule) -> [LintFinding] {
    let file = (kind == .library ? "lib/" : "") + name + ".lua"
    let chunk: LuaChunk
    do throws(LuaSyntaxError) {
      chunk = try LuaParser.parse(source, isFile: true)
    } catch {
      return [
        LintFinding(
          check: .syntax, file: file, line: error.line, column: error.column, message: error.message)
      ]
    }
    var report = LintReport(file: file, chunk: chunk)
    let text = RuleText(chunk, kind: kind)
    FieldCheck.run(text, &report)
    GlobalCheck.run(text, &report)
    DecimalMoneyCheck.run(text, &report)
    KeptOrderCheck.run(text, &report)
    UnusedLocalCheck.run(text, &report)
    ShadowCheck.run(text, &report)
    KeyOrderCheck.run(text, &report)
    UnreachableCodeCheck.run(text, &report)
    DeclarationCheck.run(text, &report)
    ComparisonIndexCheck.run(text, &report)
    return report.finish()
  }
}
