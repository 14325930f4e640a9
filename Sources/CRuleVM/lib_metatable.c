// getmetatable and setmetatable.
//
// The collector looks for `__mode` in a metatable each time it passes by, so refusing the field when the
// metatable is set is not enough: a rule could add it later and have a table that forgets by memory, which
// no replay could repeat. What Lua gets as the metatable is therefore a shadow, with the fields that it knows
// and no others. It follows the rule's own table whenever that is set again, and once when the file is loaded.
#include "library.h"

static const char *const events[] = {
  "__call", "__index", "__newindex", "__tostring", "__name", "__len", "__eq", "__lt", "__le", "__concat", "__add",
  "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr",
  "__bnot", "__close", "__metatable",
};
enum { EVENT_COUNT = sizeof events / sizeof *events, CALL_EVENT = 1, OWN_TABLE = 1 };

// The table of shadows does not keep a metatable alive that no object has any more.
static void open(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_createtable(L, EVENT_COUNT, 0);
  for (int i = 0; i < EVENT_COUNT; i++) {
    lua_pushstring(L, events[i]);
    lua_rawseti(L, -2, i + 1);
  }
  vm->ref_events = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  vm->ref_shadows = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void refresh(lua_State *L, int own, int shadow) {
  crv_charge(L, EVENT_COUNT / 4);
  lua_rawgeti(L, LUA_REGISTRYINDEX, crv_self(L)->ref_events);
  int names = lua_gettop(L);
  for (int i = 1; i <= EVENT_COUNT; i++) {
    lua_rawgeti(L, names, i);
    lua_pushvalue(L, -1);
    int type = lua_rawget(L, own);
    // Lua follows a chain of callable tables in one go, and moves all arguments up by one for each: a table
    // that is its own __call would keep it busy for minutes, where nothing can stop it.
    if (i == CALL_EVENT && type != LUA_TNIL && type != LUA_TFUNCTION) {
      luaL_error(L, "setmetatable: '__call' must be a function, not a %s", lua_typename(L, type));
    }
    lua_pushvalue(L, -2);
    lua_rawget(L, shadow);
    if (!lua_rawequal(L, -1, -2)) {
      lua_pop(L, 1);
      lua_rawset(L, shadow);
    }
    lua_settop(L, names);
  }
  lua_settop(L, names - 1);
}

// Pushes the shadow of the table at `own`.
static void push_shadow(lua_State *L, int own) {
  if (crv_self(L)->ref_shadows == 0) open(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, crv_self(L)->ref_shadows);
  lua_pushvalue(L, own);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 1, 4);
    lua_pushvalue(L, own);
    lua_rawseti(L, -2, OWN_TABLE);
    lua_pushvalue(L, own);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
  refresh(L, own, lua_gettop(L));
}

void crv_refresh_metatables(lua_State *L) {
  if (crv_self(L)->ref_shadows == 0) return;
  luaL_checkstack(L, 16, "too many metatables");
  int top = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, crv_self(L)->ref_shadows);
  lua_pushnil(L);
  while (lua_next(L, top + 1)) {
    refresh(L, top + 2, top + 3);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
}

int crv_base_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (!lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  // Strings and the core's own objects share their metatable: a rule gets no hand on it.
  if (lua_type(L, 1) != LUA_TTABLE) {
    lua_pushboolean(L, 0);
    return 1;
  }
  lua_pushliteral(L, "__metatable");
  if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  if (lua_rawgeti(L, -2, OWN_TABLE) != LUA_TTABLE) lua_pushboolean(L, 0);
  return 1;
}

static void refuse_field(lua_State *L, const char *field, const char *why) {
  lua_pushstring(L, field);
  if (lua_rawget(L, 2) != LUA_TNIL) {
    luaL_error(L, "setmetatable: '%s' is not allowed in a rule: %s", field, why);
  }
  lua_pop(L, 1);
}

int crv_base_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int type = lua_type(L, 2);
  if (type != LUA_TNIL && type != LUA_TTABLE) return luaL_typeerror(L, 2, "nil or table");
  lua_settop(L, 2);
  crv_charge(L, 1);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
    return luaL_error(L, "cannot change a protected metatable");
  }
  if (type == LUA_TTABLE) {
    refuse_field(L, "__gc", "when it would run depends on memory, and replay must not");
    refuse_field(L, "__mode", "what it keeps depends on memory, and replay must not");
    push_shadow(L, 2);
  }
  lua_setmetatable(L, 1);
  lua_settop(L, 1);
  return 1;
}
