import CLua

/// Runs a text in a plain Lua whose globals note everything that is done to them.
enum LuaScene {
  struct Result: Equatable {
    var log: String
    /// Whether it was stopped for going on too long.
    var isCut: Bool
  }

  /// Globals `x`, `y` and `f` answer every operation, and write down which it was.
  private static let scenery = """
    local log, count = {}, 0
    local function note(...)
      count = count + 1
      if count > 400 then error('enough', 0) end
      local parts = { ... }
      for i = 1, select('#', ...) do
        local t = type(parts[i])
        parts[i] = (t == 'table' or t == 'function') and t or tostring(parts[i])
      end
      log[#log + 1] = table.concat(parts, ' ')
    end
    local meta = {}
    local function thing(n) return setmetatable({ n = n }, meta) end
    local n = 0
    local function answer(name)
      return function(a, b)
        n = n + 1
        note(name, rawequal(a, b), n)
        if name == 'lt' or name == 'le' or name == 'eq' then return n % 3 == 0 end
        if n % 5 == 0 then return nil end
        if n % 7 == 0 then return n end
        return thing(n)
      end
    end
    for _, name in ipairs { 'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'idiv', 'band', 'bor', 'bxor',
        'shl', 'shr', 'bnot', 'concat', 'len', 'eq', 'lt', 'le', 'index', 'call', 'close' } do
      meta['__' .. name] = answer(name)
    end
    meta.__newindex = function(_, k, v) note('set', type(k), type(v)) end
    x, y, f = thing(1), thing(2), function(...) note('f', select('#', ...)) return ... end
    g = f
    local function finish(ok, ...)
      local parts = { tostring(ok) }
      for i = 1, select('#', ...) do
        local v = select(i, ...)
        local t = type(v)
        parts[#parts + 1] = (t == 'table' or t == 'function') and t or tostring(v)
      end
      return table.concat(log, '\\n') .. '\\n= ' .. table.concat(parts, ' ')
    end
    local debug = debug
    return function(chunk)
      debug.sethook(function() error('stopped', 0) end, '', 200000)
      return finish(pcall(chunk))
    end
    """

  /// Runs a text; `probe` names the global that it calls with a number and a value.
  static func run(_ text: [UInt8], probe: String?) -> Result {
    guard let state = luaL_newstate() else { return Result(log: "no memory", isCut: true) }
    defer { lua_close(state) }
    luaL_openlibs(state)
    guard load(state, Array(scenery.utf8)), lua_pcallk(state, 0, 1, 0, 0, nil) == LUA_OK else {
      return Result(log: "the scenery is broken", isCut: true)
    }
    if let probe {
      lua_pushcclosure(
        state,
        { state in
          lua_settop(state, 2)
          return 1
        }, 0)
      lua_setglobal(state, probe)
    }
    guard load(state, text) else { return Result(log: "no Lua", isCut: false) }
    let status = lua_pcallk(state, 1, 1, 0, 0, nil)
    let log = lua_tolstring(state, -1, nil).map { String(cString: $0) } ?? "nothing"
    return Result(
      log: log, isCut: status != LUA_OK || log.contains("stopped") || log.contains("enough"))
  }

  private static func load(_ state: OpaquePointer, _ text: [UInt8]) -> Bool {
    text.withUnsafeBytes { bytes in
      luaL_loadbufferx(state, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, "@t", "t")
    } == LUA_OK
  }
}
