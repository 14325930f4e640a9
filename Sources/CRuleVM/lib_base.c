// The base functions: what Lua gives every program, without a way to see addresses, to keep garbage
// alive, or to swallow the end of a call that broke its budget.
#include "library.h"

#include <ctype.h>
#include <string.h>

// MARK: Text of a value

const char *crv_tolstring(lua_State *L, int index, size_t *count) {
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TSTRING: lua_pushvalue(L, index); break;
    case LUA_TNIL: lua_pushliteral(L, "nil"); break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TNUMBER:
      crv_charge(L, 32);
      if (lua_isinteger(L, index)) {
        lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, index));
      } else {
        crv_charge(L, 64);
        lua_pushfstring(L, "%f", (LUAI_UACNUMBER)lua_tonumber(L, index));
      }
      break;
    default:
      if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
      } else if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING) {
        lua_pushstring(L, luaL_typename(L, index));
      }
  }
  return lua_tolstring(L, -1, count);
}

int crv_base_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  crv_tolstring(L, 1, NULL);
  return 1;
}

int crv_base_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

// MARK: tonumber

static int digit_value(char letter) {
  if (isdigit((unsigned char)letter)) return letter - '0';
  if (isalpha((unsigned char)letter)) return toupper((unsigned char)letter) - 'A' + 10;
  return 36;
}

// Reads a whole string as an integer in a base; a long one wraps around, as in Lua.
static bool read_integer(const char *text, size_t count, int base, lua_Integer *value) {
  static const char blanks[] = " \f\n\r\t\v";
  const char *at = text + strspn(text, blanks);
  bool negative = *at == '-';
  if (*at == '-' || *at == '+') at++;
  if (digit_value(*at) >= base) return false;
  lua_Unsigned total = 0;
  for (; digit_value(*at) < base; at++) total = total * (lua_Unsigned)base + (lua_Unsigned)digit_value(*at);
  at += strspn(at, blanks);
  *value = (lua_Integer)(negative ? 0u - total : total);
  return at == text + count;
}

static bool push_integer_of(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  size_t count;
  const char *text = lua_tolstring(L, 1, &count);
  lua_Integer base = luaL_checkinteger(L, 2), value;
  luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
  crv_charge(L, count + 1);
  if (!read_integer(text, count, (int)base, &value)) return false;
  lua_pushinteger(L, value);
  return true;
}

int crv_base_tonumber(lua_State *L) {
  if (!lua_isnoneornil(L, 2)) {
    if (push_integer_of(L)) return 1;
  } else if (lua_type(L, 1) == LUA_TNUMBER) {
    lua_settop(L, 1);
    return 1;
  } else {
    luaL_checkany(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING) {
      size_t count;
      const char *text = lua_tolstring(L, 1, &count);
      crv_charge(L, count + 1);
      if (lua_stringtonumber(L, text) == count + 1) return 1;
    }
  }
  lua_pushnil(L);
  return 1;
}

// MARK: select

int crv_base_select(lua_State *L) {
  int top = lua_gettop(L);
  if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#') {
    lua_pushinteger(L, top - 1);
    return 1;
  }
  lua_Integer which = luaL_checkinteger(L, 1);
  if (which < 0) {
    which = top + which;
  } else if (which > top) {
    which = top;
  }
  luaL_argcheck(L, which >= 1, 1, "index out of range");
  return top - (int)which;
}

// MARK: Errors

int crv_base_error(lua_State *L) {
  lua_Integer level = luaL_optinteger(L, 2, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0 && level < 1000) {
    luaL_where(L, (int)level);
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

int crv_base_assert(lua_State *L) {
  if (lua_toboolean(L, 1)) return lua_gettop(L);
  luaL_checkany(L, 1);
  if (lua_gettop(L) == 1) return luaL_error(L, "assertion failed!");
  lua_settop(L, 2);
  return lua_error(L);
}

// Goes on unwinding when the call is over: no pcall of the rule's may keep a stopped call alive.
static void pass_on(lua_State *L, int status) {
  crv_vm *vm = crv_self(L);
  if (status == LUA_ERRMEM || vm->refused) vm->memory_refused = true;
  if (vm->killed || vm->limit_hit || vm->memory_refused) lua_error(L);
}

int crv_base_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  crv_charge(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  if (status == LUA_OK) return lua_gettop(L);
  pass_on(L, status);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

// The handler runs after the stack has been unwound: inside the failing call no hook could stop it.
int crv_base_xpcall(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  crv_charge(L, 1);
  lua_pushvalue(L, 1);
  lua_copy(L, 2, 1);
  lua_replace(L, 2);   // now the handler comes first
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  if (status == LUA_OK) {
    lua_pushboolean(L, 1);
    lua_replace(L, 1);
    return lua_gettop(L);
  }
  pass_on(L, status);
  status = lua_pcall(L, 1, 1, 0);
  if (status != LUA_OK) pass_on(L, status);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}
