import OrderFlow
import Wire

extension DiffReport {
  /// The report as one line of JSON without its newline; of each group at most `limit` signals.
  ///
  /// Prices and moves are in micro-dollars.
  public func json(limit: Int) -> [UInt8] {
    var out = JSONWriter()
    out.object { out in
      for (name, set) in [("before", before), ("after", after)] {
        out.key(name)
        out.object {
          $0.member("version", set.version)
          $0.member("place", set.place)
        }
      }
      out.key("flow")
      out.object {
        $0.member("place", flow.place)
        $0.member("orders", flow.orders)
        $0.member("from", flow.times?.lowerBound)
        $0.member("to", flow.times?.upperBound)
      }
      out.member("differs", differs)
      out.member("outcome_ms", horizon)
      out.key("unchanged")
      out.array { out in for id in unchanged { out.value(id) } }
      out.key("notes")
      out.array { out in for note in notes { out.value(note) } }
      out.key("rules")
      out.array { out in for rule in rules { rule.write(to: &out, limit) } }
    }
    return out.bytes
  }
}

extension DiffReport.Rule {
  fileprivate func write(to out: inout JSONWriter, _ limit: Int) {
    out.object { out in
      out.member("rule", rule)
      for kind in SignalDifference.Kind.allCases { out.member(kind.rawValue, count(kind)) }
      out.member("same", same)
      out.key("groups")
      out.array { out in for group in groups { group.write(to: &out, limit) } }
    }
  }
}

extension DiffReport.Group {
  fileprivate func write(to out: inout JSONWriter, _ limit: Int) {
    out.object { out in
      out.member("kind", kind.rawValue)
      if let decision {
        out.key("decided")
        out.object {
          $0.member("kind", decision.kind.rawValue)
          $0.member("rules", decision.side.rawValue)
          $0.member("file", decision.file)
          $0.member("line", decision.line.map(Int64.init))
          $0.member("condition", decision.text)
        }
      }
      if kind == .changed {
        out.key("fields")
        out.array { out in for field in fields { out.value(field) } }
      }
      out.member("count", differences.count)
      if let summary {
        out.key("outcome")
        out.object {
          $0.member("count", summary.count)
          $0.member("in_favour", summary.inFavour)
          $0.member("median", summary.median)
          $0.member("mean", summary.mean)
        }
      }
      out.key("signals")
      out.array { out in
        for difference in differences.prefix(max(limit, 0)) { difference.write(to: &out) }
      }
    }
  }
}

extension SignalDifference {
  fileprivate func write(to out: inout JSONWriter) {
    out.object { out in
      for (name, signal) in [("before", before), ("after", after)] {
        guard let signal else { continue }
        out.key(name)
        SignalDifference.write(signal, to: &out)
      }
      if let reading, let values = reading.values {
        out.member("values", values)
        out.member("distance", reading.distance)
      }
      if !changes.isEmpty {
        out.key("changes")
        out.array { out in
          for change in changes {
            out.object {
              $0.member("field", change.name)
              $0.member("before", change.before)
              $0.member("after", change.after)
            }
          }
        }
      }
      if let outcome {
        out.key("outcome")
        out.object {
          $0.member("price", outcome.price)
          $0.member("later", outcome.later)
          $0.member("move", outcome.move)
        }
      }
    }
  }

  private static func write(_ signal: Signal, to out: inout JSONWriter) {
    var line: [UInt8] = []
    SignalLine.append(signal, to: &line)
    out.raw(line.dropLast())
  }
}
