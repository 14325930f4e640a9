public import Wire

extension MutationReport {
  /// The survivors as questions, by line, with the line itself.
  public var questions: [String] {
    let texts = String(decoding: source, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    var lines: [String] = []
    var last = 0
    for result in survivors {
      let mutant = result.mutant
      if mutant.line != last {
        last = mutant.line
        let text = texts.indices.contains(last - 1) ? texts[last - 1] : ""
        lines.append("  \(rule).lua:\(last): \(text.drop { $0 == " " || $0 == "\t" })")
      }
      lines.append("    ? \(mutant.question)")
      var how = mutant.change
      if case .survived(ran: 0) = result.outcome { how += "; no test comes by" }
      lines.append("      [\(mutant.kind.rawValue)] \(how)")
    }
    return lines
  }

  /// `sweep: 93.5 % (43 of 46 noticed, 3 not; 1 allowed, 2 do not load; 5 tests)`
  public var summary: String {
    var text = "\(rule): \(score.text) (\(killed) of \(score.total) noticed"
    if !survivors.isEmpty { text += ", \(survivors.count) not" }
    if allowed > 0 { text += "; \(allowed) allowed" }
    if invalid > 0 { text += "; \(invalid) \(invalid == 1 ? "does" : "do") not load" }
    return text + "; \(tests) \(tests == 1 ? "test" : "tests"))"
  }

  /// Writes the report as an object.
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("rule", rule)
      json.member("tests", Int64(tests))
      json.member("killed", Int64(killed))
      json.member("survived", Int64(survivors.count))
      json.member("allowed", Int64(allowed))
      json.member("invalid", Int64(invalid))
      json.key("score")
      json.raw("\(score.perMille / 10).\(score.perMille % 10)")
      json.key("mutants")
      json.array { json in
        for result in results { MutationReport.write(result, to: &json) }
      }
    }
  }

  private static func write(_ result: Result, to json: inout JSONWriter) {
    json.object { json in
      json.member("id", result.mutant.id)
      json.member("line", Int64(result.mutant.line))
      json.member("column", Int64(result.mutant.column))
      json.member("kind", result.mutant.kind.rawValue)
      json.member("change", result.mutant.change)
      json.member("outcome", result.outcome.name)
      switch result.outcome {
      case .killed(let test), .overtime(let test): json.member("by", test)
      case .invalid(let reason): json.member("reason", reason)
      case .survived:
        if result.mutant.isAllowed {
          json.key("allowed")
          json.value(true)
        } else {
          json.member("question", result.mutant.question)
        }
      }
    }
  }
}
