import Wire

extension TestReport {
  /// The lines of the Test Anything Protocol, version 14.
  public var tap: [String] {
    var lines = ["TAP version 14", "1..\(files.reduce(0) { $0 + max(1, $1.verdicts.count) })"]
    var number = 0
    for file in files {
      if let problem = file.problem {
        number += 1
        lines.append("not ok \(number) - \(TestReport.escaped(problem))")
      }
      for verdict in file.verdicts {
        number += 1
        let name = TestReport.escaped("\(file.rule): \(verdict.test.name)")
        lines.append("\(verdict.isPassed ? "ok" : "not ok") \(number) - \(name)")
        lines += TestReport.details(verdict).map { "# \($0)" }
      }
    }
    return lines
  }

  /// `#` and `\` mean something in a line of a test.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }

  /// What is said of a test besides its name.
  private static func details(_ verdict: TestVerdict) -> [String] {
    Array(lines(verdict, .none).dropFirst()).map { String($0.drop { $0 == " " }) }
  }

  /// The report in the form of JUnit, which most servers for tests read.
  public var junit: String {
    let seconds = files.reduce(0) { $0 + $1.seconds }
    let problems = files.count { $0.problem != nil }
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    xml +=
      "<testsuites tests=\"\(verdicts.count)\" failures=\"\(failed)\" errors=\"\(problems)\" time=\"\(seconds)\">\n"
    for file in files {
      let failures = file.verdicts.count { !$0.isPassed }
      xml += "  <testsuite name=\"\(TestReport.xml(file.rule))\" file=\"\(TestReport.xml(file.path))\" "
      xml +=
        "tests=\"\(file.verdicts.count)\" failures=\"\(failures)\" errors=\"\(file.problem == nil ? 0 : 1)\" "
      xml += "time=\"\(file.seconds)\">\n"
      if let problem = file.problem {
        xml +=
          "    <testcase name=\"\(TestReport.xml(file.path))\"><error message=\"\(TestReport.xml(problem))\"/></testcase>\n"
      }
      for verdict in file.verdicts { xml += TestReport.junit(verdict, of: file.rule) }
      xml += "  </testsuite>\n"
    }
    return xml + "</testsuites>\n"
  }

  private static func junit(_ verdict: TestVerdict, of rule: String) -> String {
    let head = "    <testcase classname=\"\(xml(rule))\" name=\"\(xml(verdict.test.name))\""
    let details = xml(details(verdict).joined(separator: "\n"))
    if verdict.isPassed {
      return details.isEmpty ? head + "/>\n" : head + "><system-out>\(details)</system-out></testcase>\n"
    }
    let message = xml(verdict.differences.first?.message ?? "")
    return head + "><failure message=\"\(message)\">\(details)</failure></testcase>\n"
  }

  /// A text as XML 1.0 takes it in an attribute.
  private static func xml(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default:
        // XML has no way to write other control characters.
        if scalar.value >= 0x20, scalar.value != 0xFFFE, scalar.value != 0xFFFF {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// The report as one JSON text, with that of what the tests cover, if that was asked for.
  public func json(coverage: [UInt8]? = nil) -> [UInt8] {
    var out = JSONWriter()
    out.object { out in
      out.member("passed", passed)
      out.member("failed", failed)
      out.key("files")
      out.array { out in
        for file in files { TestReport.write(file, to: &out) }
      }
      if let coverage {
        out.key("coverage")
        out.raw(coverage)
      }
    }
    return out.bytes
  }

  private static func write(_ file: File, to out: inout JSONWriter) {
    out.object { out in
      out.member("file", file.path)
      out.member("rule", file.rule)
      out.member("seconds", file.seconds)
      out.member("problem", file.problem)
      out.key("tests")
      out.array { out in
        for verdict in file.verdicts {
          out.object { out in
            out.member("name", verdict.test.name)
            out.member("at", verdict.test.origin)
            out.member("passed", verdict.isPassed)
            out.member("signals", verdict.result?.signals.count ?? 0)
            write("differences", verdict.differences, of: verdict.test, to: &out)
            write("known_misses", verdict.notes, of: verdict.test, to: &out)
          }
        }
      }
    }
  }

  private static func write(
    _ name: String, _ differences: [TestVerdict.Difference], of test: RuleTest, to out: inout JSONWriter
  ) {
    out.key(name)
    out.array { out in
      for difference in differences {
        out.object { out in
          let event = difference.event
          out.member(
            "order", event.map { place in Int64(test.events[..<place].count { $0.order != nil } + 1) })
          out.member("line", event.map { Int64(test.events[$0].line) })
          out.member("message", difference.message)
          out.key("reasons")
          out.array { out in difference.reasons.forEach { out.value($0) } }
        }
      }
    }
  }
}
