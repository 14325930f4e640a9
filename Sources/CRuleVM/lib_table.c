// The functions of `table`. They see the table itself and never its metamethods, so that no loop in here
// is as long as a rule says it is; the length is the raw one, and every loop is charged before it starts.
#include "library.h"

void crv_check_writable(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  if (!lua_getmetatable(L, index)) return;
  lua_pushliteral(L, "__metatable");
  lua_rawget(L, -2);
  luaL_argcheck(L, lua_isnil(L, -1), index, "the table is read-only: its metatable is protected");
  lua_pop(L, 2);
}

// Moves table[from...to] by one place up or down.
static void shift(lua_State *L, lua_Integer from, lua_Integer to, int step) {
  if (from > to) return;
  crv_charge(L, ((lua_Unsigned)to - (lua_Unsigned)from + 1) * 2);
  lua_Integer count = to - from + 1;
  for (lua_Integer i = 0; i < count; i++) {
    lua_Integer at = step > 0 ? to - i : from + i;
    lua_rawgeti(L, 1, at);
    lua_rawseti(L, 1, at + step);
  }
}

static int table_insert(lua_State *L) {
  crv_check_writable(L, 1);
  lua_Integer end = (lua_Integer)lua_rawlen(L, 1) + 1;
  lua_Integer position = end;
  crv_charge(L, 1);
  switch (lua_gettop(L)) {
    case 2: break;
    case 3:
      position = luaL_checkinteger(L, 2);
      luaL_argcheck(L, position >= 1 && position <= end, 2, "position out of bounds");
      shift(L, position, end - 1, 1);
      break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(L, 1, position);
  return 0;
}

static int table_remove(lua_State *L) {
  crv_check_writable(L, 1);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  lua_Integer position = luaL_optinteger(L, 2, count);
  if (lua_gettop(L) > 1) {
    bool inside = position >= 1 && position <= count + 1;
    luaL_argcheck(L, inside || (count == 0 && position == 0), 2, "position out of bounds");
  }
  crv_charge(L, 1);
  if (lua_rawgeti(L, 1, position) == LUA_TNIL && position >= count) return 1;
  shift(L, position + 1, count, -1);
  lua_pushnil(L);
  lua_rawseti(L, 1, position > count ? position : count);
  return 1;
}

static int table_move(lua_State *L) {
  lua_Integer from = luaL_checkinteger(L, 2);
  lua_Integer to = luaL_checkinteger(L, 3);
  lua_Integer target = luaL_checkinteger(L, 4);
  int other = lua_isnoneornil(L, 5) ? 1 : 5;
  luaL_checktype(L, 1, LUA_TTABLE);
  crv_check_writable(L, other);
  if (to >= from) {
    luaL_argcheck(L, from > 0 || to < LUA_MAXINTEGER + from, 3, "too many elements to move");
    lua_Integer count = to - from + 1;
    luaL_argcheck(L, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    crv_charge(L, (lua_Unsigned)count > UINT64_MAX / 4 ? UINT64_MAX : (uint64_t)count * 4);
    bool upwards = target > to || target <= from || (other != 1 && !lua_rawequal(L, 1, other));
    for (lua_Integer i = 0; i < count; i++) {
      lua_Integer offset = upwards ? i : count - 1 - i;
      lua_rawgeti(L, 1, from + offset);
      lua_rawseti(L, other, target + offset);
    }
  }
  lua_pushvalue(L, other);
  return 1;
}

static int table_concat(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t gap;
  const char *separator = luaL_optlstring(L, 2, "", &gap);
  lua_Integer from = luaL_optinteger(L, 3, 1);
  lua_Integer to = luaL_optinteger(L, 4, (lua_Integer)lua_rawlen(L, 1));
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  // Positions without a value end the walk with an error: it is never longer than the table.
  for (lua_Integer i = from; i <= to; i++) {
    lua_rawgeti(L, 1, i);
    if (!lua_isstring(L, -1)) {
      return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1),
                        (LUAI_UACINT)i);
    }
    bool number = lua_type(L, -1) == LUA_TNUMBER;
    crv_charge(L, number ? 64 : 4 + (lua_rawlen(L, -1) + gap) / 16);
    luaL_addvalue(&buffer);
    if (i == to) break;
    luaL_addlstring(&buffer, separator, gap);
  }
  luaL_pushresult(&buffer);
  return 1;
}

static int table_pack(lua_State *L) {
  int count = lua_gettop(L);
  crv_charge(L, (uint64_t)count + 1);
  lua_createtable(L, count, 1);
  lua_insert(L, 1);
  for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_pushinteger(L, count);
  lua_setfield(L, 1, "n");
  return 1;
}

static int table_unpack(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer from = luaL_optinteger(L, 2, 1);
  lua_Integer to = luaL_optinteger(L, 3, (lua_Integer)lua_rawlen(L, 1));
  if (from > to) return 0;
  lua_Unsigned count = (lua_Unsigned)to - (lua_Unsigned)from;
  if (count >= CRV_RESULT_LIMIT || !lua_checkstack(L, (int)count + 1)) {
    return luaL_error(L, "too many results to unpack");
  }
  crv_charge(L, count + 1);
  for (lua_Unsigned i = 0; i <= count; i++) lua_rawgeti(L, 1, (lua_Integer)((lua_Unsigned)from + i));
  return (int)count + 1;
}

int crv_open_table(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"concat", table_concat}, {"insert", table_insert}, {"move", table_move}, {"pack", table_pack},
    {"remove", table_remove}, {"sort", crv_table_sort}, {"unpack", table_unpack}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
