import RuleEngine
import Wire

extension WhyReport {
  /// The report as one line of JSON without its newline; money in micro-dollars, sizes in micro-shares.
  public var json: [UInt8] {
    var out = WhyJSON()
    out.object {
      $0.field("rule") { $0.text(rule) }
      $0.field("about") { $0.list(head.map { String($0.drop { $0 == " " }) }) { $0.text($1) } }
      $0.field("notes") { $0.list(notes) { $0.text($1) } }
      if let order { $0.field("order") { $0.entries(order.fields) } }
      $0.field("where") { $0.list(conditions) { $0.check($1) } }
      $0.field("not_taken_by") { $0.list(passedOver.map(\.name)) { $0.text($1) } }
      if let hook, let reading {
        $0.field("hook") { $0.text(hook) }
        $0.field("lines") {
          $0.list(reading.lines.sorted { $0.key < $1.key }) { out, line in
            out.raw("{\"line\":\(line.key),\"count\":\(line.value)}")
          }
        }
        $0.field("checks") { $0.list(reading.checks) { $0.check($1) } }
      }
      if let failure { $0.field("failure") { $0.text(failure) } }
      $0.field("match") {
        $0.list(steps) { out, step in
          out.object {
            $0.field("step") { $0.text(step.name) }
            $0.field("seq") { $0.raw("\(step.seq)") }
          }
        }
      }
      $0.field("windows") { $0.list(groups) { $0.group($1) } }
      if let search { $0.field("stopped_by") { $0.search(search) } }
    }
    return out.bytes
  }
}

/// Writes JSON in the order in which it is told.
private struct WhyJSON {
  var bytes: [UInt8] = []
  private var isFirst = true

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func text(_ text: String) { JSONText.quote(text, to: &bytes) }

  private mutating func comma() {
    if !isFirst { raw(",") }
    isFirst = false
  }

  mutating func field(_ name: String, _ value: (inout WhyJSON) -> Void) {
    comma()
    text(name)
    raw(":")
    value(&self)
  }

  mutating func object(_ body: (inout WhyJSON) -> Void) {
    let before = isFirst
    isFirst = true
    raw("{")
    body(&self)
    raw("}")
    isFirst = before
  }

  mutating func list<Item>(_ items: [Item], _ body: (inout WhyJSON, Item) -> Void) {
    raw("[")
    for (place, item) in items.enumerated() {
      if place > 0 { raw(",") }
      body(&self, item)
    }
    raw("]")
  }

  mutating func value(_ value: ProbeValue) {
    switch value {
    case .nil: raw("null")
    case .boolean(let value): raw(value ? "true" : "false")
    case .integer(let value): raw("\(value)")
    case .number(let value): value.isFinite ? raw("\(value)") : text("\(value)")
    case .text(let value, _): text(value)
    case .table: text("table")
    case .other(let type): text(type)
    }
  }

  mutating func entries(_ entries: [GroupSnapshot.Entry]) {
    object { for entry in entries { $0.field(entry.name) { $0.value(entry.value) } } }
  }

  mutating func side(_ side: Check.Side) {
    object {
      $0.field("text") { $0.text(side.text) }
      if let value = side.value { $0.field("value") { $0.value(value) } }
      $0.field("unit") { $0.text(side.unit.rawValue) }
    }
  }

  mutating func check(_ check: Check) {
    object {
      if check.line > 0 { $0.field("line") { $0.raw("\(check.line)") } }
      $0.field("left") { $0.side(check.left) }
      if let comparison = check.comparison, let right = check.right {
        $0.field("comparison") { $0.text(comparison) }
        $0.field("right") { $0.side(right) }
      }
      if let outcome = check.outcome { $0.field("outcome") { $0.raw("\(outcome)") } }
    }
  }

  mutating func group(_ group: GroupSnapshot) {
    object {
      $0.field("window") { $0.text(group.window) }
      $0.field("key") { $0.entries(group.key) }
      $0.field("aggregates") { $0.entries(group.aggregates) }
      $0.field("orders") { $0.list(group.orders) { $0.raw("\($1)") } }
      $0.field("truncated") { $0.raw("\(group.isTruncated)") }
    }
  }

  mutating func search(_ search: GuardSearch) {
    object {
      $0.field("steps") {
        $0.list(search.steps) { out, step in
          out.object {
            $0.field("line") { $0.raw("\(step.line)") }
            $0.field("check") { $0.check(step.check) }
            $0.field("wanted") { $0.raw("\(step.wanted)") }
            if let distance = step.distance { $0.field("distance") { $0.text(distance) } }
            if let line = step.returned { $0.field("returned") { $0.raw("\(line)") } }
          }
        }
      }
      $0.field("end") {
        switch search.end {
        case .fires: $0.text("fires")
        case .fails(let message): $0.text("fails: \(message)")
        case .exhausted: $0.text("exhausted")
        case .tooMany: $0.text("too many")
        }
      }
    }
  }
}
