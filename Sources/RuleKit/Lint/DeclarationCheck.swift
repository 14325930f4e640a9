/// Windows, sequences, parameters and timers of the header that nothing reads.
enum DeclarationCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    guard text.kind == .rule, text.isPlain else { return }
    let uses = DeclarationUses(text)
    for window in text.header.windows
    where uses.isUnused(window: window, closes: text.hooks["on_close"] != nil) {
      add(window, "window", "it costs memory for every order", &report)
    }
    for parameter in text.header.params where uses.isUnused(parameter: parameter) {
      add(parameter, "parameter", "setting it does nothing", &report)
    }
    if text.hooks["on_sequence"] == nil {
      for sequence in text.header.sequences { add(sequence, "sequence", "there is no on_sequence", &report) }
    }
    if text.hooks["on_timer"] == nil {
      for timer in text.header.timers { add(timer, "timer", "there is no on_timer", &report) }
    }
  }

  private static func add(
    _ entry: RuleHeaderText.Entry, _ what: String, _ reason: String, _ report: inout LintReport
  ) {
    report.add(
      .unusedDeclaration, at: entry.name.range, line: entry.name.line,
      "nothing reads the \(what) '\(entry.name.text)', \(reason): remove it")
  }
}
