import OrderFlow
import Testing

@testable import RuleEngine

/// A header of which `text` is the third line, the line that is to be named, and the whole message.
private struct Wrong: Sendable, CustomTestStringConvertible {
  var text: String
  var message: String
  var line = 3
  var hook = "function R.on_sequence(name, m) end"
  var testDescription: String { message }

  /// A sequence; `text` is its second line.
  static func sequence(_ text: String, _ message: String, line: Int = 4) -> Wrong {
    let by = text.contains("by =") ? "" : "by = { 'user' }, "
    let within = text.contains("within =") ? "" : "within = '5m', "
    return Wrong(
      text: "sequences = { x = sequence { \(by)\(within)\n    \(text) } },", message: message, line: line)
  }
}

@Suite("Headers of sequences")
struct SequenceHeaderTests {
  fileprivate static let headers: [Wrong] = [
    Wrong(text: "sequences = 5,", message: "sequences must be a table of one to 16 sequences"),
    Wrong(text: "sequences = {},", message: "sequences must be a table of one to 16 sequences"),
    Wrong(
      text: "sequences = { x = {} },",
      message: "a sequence is made by sequence { by = { … }, within = \"15m\", step \"name\" { … }, … }"),
    Wrong(
      text: "sequences = { sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } },",
      message: "a sequence is made by sequence { by = { … }, within = \"15m\", step \"name\" { … }, … }"),
    Wrong(
      text: "sequences = { ['a b'] = sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } },",
      message: "the name of a sequence is made of letters, digits and _, at most 64"),
    Wrong(
      text: "sequences = { x = sequence 'y' },",
      message:
        "sequence takes a table: sequence { by = { ... }, within = \"15m\", step \"name\" { ... }, ... }"),
    Wrong(
      text: "sequences = { x = sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } },",
      message: "sequences are declared but there is no on_sequence", hook: "function R.on_order(o) end"),
    Wrong(
      text: "", message: "on_sequence is never called: the header declares no sequences", line: 1),
    .sequence(
      "wthin = '1m', step 'a' {}, step 'b' {}", "unknown key 'wthin' in sequence 'x' (did you mean 'within'?)"
    ),
    .sequence(
      "where = {}, step 'a' {}, step 'b' {}",
      "unknown key 'where' in sequence 'x'; there are by, within, max_keys"),
    .sequence(
      "by = 'user', step 'a' {}, step 'b' {}", "by must be a list of one to eight order fields"),
    .sequence(
      "by = { 'usr' }, step 'a' {}, step 'b' {}", "an order has no field 'usr' (did you mean 'user'?)"),
    .sequence(
      "within = 'long', step 'a' {}, step 'b' {}",
      "within must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .sequence(
      "max_keys = 0, step 'a' {}, step 'b' {}", "max_keys must be a whole number from 1 to 10000000"),
    .sequence(
      "step 'a' {}",
      "sequence 'x' needs a step and at least one more step or never: a single order is what on_order is for",
      line: 3),
    .sequence(
      "never 'a' {}, step 'b' {}",
      "a sequence begins with a step: what must never come counts from the step before it, and before 'a' there is none"
    ),
    .sequence(
      "step 'a' {}, step 'a' {}", "sequence 'x' has 'a' twice: give each step and never its own name"),
    .sequence(
      "step 'a b' {}, step 'a' {}", "the name of a step is made of letters, digits and _, at most 64"),
    .sequence("step 'a' {}, never '' {}", "the name of a never is made of letters, digits and _, at most 64"),
    .sequence(
      "step 'a', step 'b'", "sequence: a step or never lacks its table of conditions: step \"name\" { ... }",
      line: 3),
    .sequence(
      "step { side = 'BUY' }", "step takes a name, then a table of conditions: step \"name\" { ... }"),
    .sequence("never 'a' 'b'", "never takes a name, then a table of conditions: never \"name\" { ... }"),
    .sequence(
      "step 'a' {}, { side = 'BUY' }",
      "sequence 'x' consists of step \"name\" { … } and never \"name\" { … }", line: 3),
    .sequence(
      "step 'a' {}, [3] = step 'b' {}", "the steps of sequence 'x' must be a list without a gap", line: 3),
    .sequence(
      "[true] = 1, step 'a' {}, step 'b' {}",
      "rule.spec.sequences.x.spec[boolean]: keys are names or integers",
      line: 1),
    .sequence("step 'a' { sid = 'BUY' }, step 'b' {}", "an order has no field 'sid' (did you mean 'side'?)"),
    .sequence("step 'a' { side = 'buy' }, step 'b' {}", "'side' is \"BUY\" or \"SELL\""),
    .sequence(
      "step 'a' {}, step 'b' { usd = at_least(0.5) }",
      "'usd' is an integer in millionths and is compared with a fraction: write usd(…), cents(…) or shares(…)"
    ),
    .sequence("step 'a' {}, step 'b' { user = at_least(5) }", "'user' is text: compare it with = or one_of"),
    .sequence("step 'a' {}, step 'b' { ['x.n'] = 5 }", "there is no window 'x'"),
    .sequence("step 'a' {}, step 'b' { usd = at_least 'least' }", "there is no parameter 'least'"),
    .sequence(
      (1...9).map { "step 's\($0)' {}" }.joined(separator: ", "),
      "sequence 'x' has more than 8 steps, or more than 16 steps and nevers", line: 3),
  ]

  @Test("what is wrong is named with file, line and advice", arguments: headers)
  fileprivate func wrong(_ wrong: Wrong) throws {
    let source = """
      local R = rule {
        title = "t",
        \(wrong.text)
      }
      \(wrong.hook)
      return R
      """
    let problem = try #require(TestEngine(source).problem())
    #expect(problem.message == wrong.message)
    #expect(problem.line == wrong.line && problem.file == "rule.lua")
  }

  @Test("a definition is the same whatever its name and line, and differs in everything else")
  func equality() {
    func identity(_ change: (inout SequenceDefinition) -> Void = { _ in }) -> String {
      var result = SequenceDefinition(
        name: "a", line: 1, keys: [("user", .text(.user))], within: 10,
        elements: [
          .init(
            name: "x", isNever: false, conditions: [Condition(subject: .field(.side), test: .oneOf([0]))]),
          .init(name: "y", isNever: true, conditions: []),
        ])
      change(&result)
      return result.identity
    }
    #expect(
      identity()
        == identity {
          $0.name = "b"
          $0.line = 7
        })
    #expect(identity() != identity { $0.within = 11 })
    #expect(identity() != identity { $0.keys = [("token_id", .text(.tokenID))] })
    #expect(identity() != identity { $0.elements[1].isNever = false })
    #expect(identity() != identity { $0.elements[1].name = "z" })
    #expect(identity() != identity { $0.elements[0].conditions[0].test = .oneOf([1]) })
    #expect(identity() != identity { $0.maximumKeys = 5 })
  }
}
