import CLua
import RuleKit

// What must hold for any bytes: nothing traps, what Lua's compiler accepts is accepted and nothing else, and
// the lint comes to an end.

nonisolated(unsafe) private let state = luaL_newstate()
// ^ libFuzzer calls from one thread.

/// Compares with Lua; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzParser(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let status = bytes.withUnsafeBytes { buffer in
    luaL_loadbufferx(state, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count, "=t", "t")
  }
  lua_settop(state, 0)
  let isAccepted: Bool
  do throws(LuaSyntaxError) {
    let chunk = try LuaParser.parse(bytes, callDepth: 0)
    for whole in chunk.expressions {
      for part in whole.parts { precondition(whole.range.contains(chunk[part].range)) }
    }
    isAccepted = true
  } catch {
    isAccepted = false
  }
  precondition(isAccepted == (status == LUA_OK), "Lua and the parser disagree")
  _ = Lint.check("r", source: bytes)
  _ = OrderFieldUse.read(by: bytes)
  return 0
}
