/// Writes programs after the grammar of Lua, close to its limits: many variables, deep nesting, jumps.
struct LuaGrammar {
  var dice: Dice
  private var text = ""
  private var budget = 0
  private var names: [String] = []

  init(seed: UInt64) { dice = Dice(state: seed) }

  /// The next program.
  mutating func next() -> [UInt8] {
    text = ""
    budget = 10 + dice.roll(dice.roll(4) == 0 ? 300 : 60)
    names = ["x", "y", "_ENV", "f"]
    let crowd = dice.roll(5)
    if crowd == 0 { declareMany(150 + dice.roll(55)) }
    block(depth: 0)
    if crowd == 1 { text += "return " + many(240 + dice.roll(20)) }
    if crowd == 2 { text += "f(" + many(240 + dice.roll(20)) + ")" }
    return Array(text.utf8)
  }

  private mutating func declareMany(_ count: Int) {
    for number in 0..<count {
      text +=
        "local a\(number)" + dice.pick(["", "", " <const> = \(number)", " = \(number)", " = x.y"]) + " "
      if dice.roll(4) == 0 { names.append("a\(number)") }
    }
  }

  private mutating func many(_ count: Int) -> String {
    (0..<count).map { _ in atom() }.joined(separator: ", ")
  }

  private mutating func block(depth: Int) {
    let known = names.count
    for _ in 0..<(1 + dice.roll(5)) where budget > 0 {
      budget -= 1
      statement(depth: depth)
      text += dice.pick([" ", "\n", "; ", " -- c\n"])
    }
    if dice.roll(6) == 0 {
      text += dice.pick(["return ", "break ", "goto l1 ", "return f(x) ", "::l2:: ", ";"])
    }
    names.removeLast(names.count - known)
  }

  private mutating func name() -> String { dice.pick(names) }

  private mutating func statement(depth: Int) {
    switch dice.roll(depth > 12 ? 7 : 16) {
    case 0, 1: declare()
    case 2: text += place() + " = " + expression(3)
    case 3: text += place() + ", " + place() + ", " + name() + " = " + list()
    case 4: text += name() + dice.pick(["(", ".m(", ":m("]) + list() + ")"
    case 5: text += dice.pick(["::l1::", "::l2::", "goto l1", "goto l2", "goto l3", "::l3:: ;"])
    case 6: text += name() + dice.pick([" 'x'", "{}", "{ x, y = 1, [2] = x; ... }"])
    case 7: nested("do ", depth, " end")
    case 8: nested("while " + expression(2) + " do ", depth, " end")
    case 9: nested("repeat ", depth, " until " + expression(2))
    case 10: nested("if " + expression(2) + " then ", depth, " end")
    case 11:
      nested("if " + expression(2) + " then ", depth, " ")
      nested(dice.pick(["elseif " + expression(1) + " then ", "else "]), depth, " end")
    case 12: nested("for i = " + expression(1) + ", " + atom() + " do ", depth, " end")
    case 13: nested("for k, v in " + list() + " do ", depth, " end")
    case 14: nested("local function f(a, ...) ", depth, " end")
    default: nested("function " + dice.pick(["x", "x.y", "x.y:z", "f"]) + "(b, c) ", depth, " end")
    }
  }

  private mutating func nested(_ opening: String, _ depth: Int, _ closing: String) {
    text += opening
    block(depth: depth + 1)
    text += closing
  }

  private mutating func declare() {
    let new = dice.pick(["x", "y", "z", "u", "w", "_ENV", "t"])
    let attribute = dice.roll(5) == 0 ? dice.pick([" <const>", " <close>", " <const>"]) : ""
    text += "local " + (dice.roll(4) == 0 ? "v, " : "") + new + attribute
    if dice.roll(5) != 0 { text += " = " + list() }
    names.append(new)
  }

  private mutating func place() -> String {
    switch dice.roll(4) {
    case 0: name() + ".k\(dice.roll(9))"
    case 1: name() + "[" + expression(1) + "]"
    default: name()
    }
  }

  private mutating func list() -> String {
    let count = dice.roll(12) == 0 ? 40 + dice.roll(40) : 1 + dice.roll(3)
    return (0..<count).map { _ in expression(2) }.joined(separator: ", ")
  }

  private mutating func atom() -> String {
    dice.pick([
      name(), name(), "1", "2.5", "0", "300", "0x10", "'s'", "nil", "true", "false", "...", "x.y", "#x",
      "1e308",
      "'k\(dice.roll(400))'", "\(dice.roll(400)).5", name() + ".p", "-1", "f()", "(x)", "(...)",
    ])
  }

  private mutating func expression(_ depth: Int) -> String {
    if depth == 0 || dice.roll(3) == 0 { return atom() }
    let operations = [
      "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|", "~",
      "<<",
      ">>", "..", "and", "or",
    ]
    switch dice.roll(9) {
    case 0: return dice.pick(["-", "not ", "#", "~"]) + expression(depth - 1)
    case 1: return "(" + expression(depth - 1) + ")"
    case 2: return "{ " + expression(depth - 1) + ", k = " + expression(depth - 1) + " }"
    case 3: return name() + "(" + expression(depth - 1) + ", " + expression(depth - 1) + ")"
    case 4: return "function(q) return q, " + expression(depth - 1) + " end"
    case 5:
      let count = dice.roll(20) == 0 ? 100 : 3
      return (0..<count).map { _ in atom() }.joined(
        separator: dice.pick([" .. ", " + ", " and ", " or ", " ^ "]))
    default: return expression(depth - 1) + " " + dice.pick(operations) + " " + expression(depth - 1)
    }
  }
}
