/// A function while it is being read.
final class FunctionFrame {
  /// An entry of the function's constants.
  enum Constant: Hashable {
    case `nil`
    case boolean(Bool)
    case integer(Int64)
    case float(bits: UInt64)
    case string([UInt8])
  }

  /// How a variable may be used.
  enum VariableKind: Equatable {
    case regular, constant, toBeClosed, compileTime
  }

  /// A declared variable, those that `for` needs for itself included.
  struct Variable {
    var name: String
    var local: LuaLocal.ID?
    var kind = VariableKind.regular
    var register = 0
    /// The value of a compile-time constant.
    var value = Operand.Place.void
  }

  /// A variable of a function around that this one uses.
  struct Upvalue {
    var name: String
    var local: LuaLocal.ID?
    var kind: VariableKind
  }

  /// A block of statements that has not ended.
  struct Block {
    var isLoop: Bool
    /// Active variables of the function outside of the block.
    var activeOutside: Int
    var firstLabel: Int
    var firstGoto: Int
  }

  let id: LuaFunction.ID
  /// Line where it was declared, 0 for the chunk: as errors name it.
  let line: Int
  /// Place of its first variable among all active ones.
  let firstVariable: Int
  /// Place of its first label among all visible ones.
  let firstLabel: Int
  var parameters: [LuaLocal.ID] = []
  var isVararg = false
  /// Variables whose scope has begun.
  var activeCount = 0
  var freeRegister = 0
  /// Registers 0 and 1 always exist.
  var stackSize = 2
  var constants: [Constant] = []
  var upvalues: [Upvalue] = []
  var blocks: [Block] = []
  /// Functions directly in it.
  var innerFunctions = 0
  /// Variables that ever had a register.
  var registered = 0

  init(id: LuaFunction.ID, line: Int, firstVariable: Int, firstLabel: Int) {
    self.id = id
    self.line = line
    self.firstVariable = firstVariable
    self.firstLabel = firstLabel
  }
}
