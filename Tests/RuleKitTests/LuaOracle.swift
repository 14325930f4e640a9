import CLua

/// Lua's own compiler, to be compared with.
struct LuaOracle: ~Copyable {
  private let state: OpaquePointer?

  init() { state = luaL_newstate() }

  deinit { if let state { lua_close(state) } }

  /// Lua's error for a text, without the name of the chunk; nil when it compiles.
  func error(_ bytes: [UInt8]) -> String? {
    let status = bytes.withUnsafeBytes { buffer in
      luaL_loadbufferx(state, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count, "=t", "t")
    }
    defer { lua_settop(state, 0) }
    if status == LUA_OK { return nil }
    guard let text = lua_tolstring(state, -1, nil) else { return "no message" }
    let message = String(cString: text)
    return message.hasPrefix("t:") ? String(message.dropFirst(2)) : message
  }

  /// Lua's error for a file; nil when it compiles.
  func error(inFile path: String) -> String? {
    let status = luaL_loadfilex(state, path, "t")
    defer { lua_settop(state, 0) }
    if status == LUA_OK { return nil }
    return lua_tolstring(state, -1, nil).map { String(cString: $0) } ?? "no message"
  }
}
