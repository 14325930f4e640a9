import RuleEngine
import Wire

extension CoverageReport {
  /// The report as one line of JSON without its newline.
  public var json: [UInt8] {
    var out = JSONWriter()
    out.object { out in
      out.key("rules")
      out.array { out in for coverage in rules { coverage.write(to: &out) } }
      out.key("all")
      out.object { CoverageReport.write(totals, to: &$0) }
    }
    return out.bytes
  }

  fileprivate static func write(_ totals: CoverageTotals, to out: inout JSONWriter) {
    out.member("percentage", tenths(totals.percentage))
    for (name, share) in [
      ("lines", totals.lines), ("branches", totals.branches), ("operands", totals.operands),
    ] {
      out.key(name)
      out.object {
        $0.member("covered", share.covered)
        $0.member("total", share.total)
      }
    }
  }
}

extension RuleCoverage {
  fileprivate func write(to out: inout JSONWriter) {
    out.object { out in
      out.member("rule", rule)
      out.member("file", file)
      CoverageReport.write(totals, to: &out)
      if let note { out.member("note", note) }
      out.key("line_counts")
      out.object { out in
        for (line, count) in lines.sorted(by: { $0.key < $1.key }) { out.member("\(line)", count) }
      }
      out.key("functions")
      out.array { out in
        for function in map.functions {
          out.object {
            $0.member("name", function.name)
            $0.member("line", function.line)
            $0.member("calls", probes[function.probe].seen)
          }
        }
      }
      out.key("missing")
      out.array { out in for gap in gaps { gap.write(to: &out) } }
    }
  }
}

extension CoverageGap {
  fileprivate func write(to out: inout JSONWriter) {
    out.object {
      $0.member("kind", kind.rawValue)
      $0.member("line", line)
      if lastLine > line { $0.member("last_line", lastLine) }
      if !text.isEmpty { $0.member("text", text) }
      if !place.isEmpty { $0.member("of", place) }
      $0.member("never", never.rawValue)
    }
  }
}
