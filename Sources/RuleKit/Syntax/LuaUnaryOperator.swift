/// An operator with one operand.
public enum LuaUnaryOperator: String, Sendable {
  case not
  case minus = "-"
  case bitNot = "~"
  case length = "#"
}
