// The environment of a rule: an allow-list of names, read-only libraries, and helpful errors for the rest.
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_LIMIT = 64 * 1024, LOG_LINES = 200 };

// MARK: print, now, require

// Lines go to the rule's log; past 200 lines or 64 KiB between two looks at it they are counted only.
static int base_print(lua_State *L) {
  crv_vm *vm = crv_self(L);
  int count = lua_gettop(L);
  if (vm->log_lines >= LOG_LINES || vm->log.count >= LOG_LIMIT) {
    vm->log_dropped++;
    return 0;
  }
  for (int i = 1; i <= count; i++) {
    size_t size;
    const char *text = crv_tolstring(L, i, &size);
    crv_charge(L, size / 16 + 1);
    size_t room = vm->log.count < LOG_LIMIT ? LOG_LIMIT - vm->log.count : 0;
    if (i > 1) (void)crv_buffer_add(&vm->log, "\t", 1);
    (void)crv_buffer_add(&vm->log, text, size < room ? size : room);
    lua_pop(L, 1);
  }
  (void)crv_buffer_add(&vm->log, "\n", 1);
  vm->log_lines++;
  return 0;
}

static int base_now(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (vm->loading) return luaL_error(L, "now() is event time: it exists in hooks, not while the file loads");
  lua_pushinteger(L, vm->now);
  return 1;
}

// Upvalue 1: name → what the library returned. A library sees the same sandbox as the rule.
static int base_require(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  int known = lua_getfield(L, lua_upvalueindex(1), name);
  if (known == LUA_TLIGHTUSERDATA) {
    return luaL_error(L, "rules/lib/%s.lua has not finished loading: the libraries require each other in a circle, "
                         "or it raised an error before", name);
  }
  if (known != LUA_TNIL) return 1;
  for (size_t i = 0; i < vm->library_count; i++) {
    struct crv_library *library = &vm->libraries[i];
    if (strcmp(library->name, name) != 0) continue;
    char chunk[160];
    snprintf(chunk, sizeof chunk, "@lib/%.128s.lua", name);
    size_t mark = library->count >= 3 && memcmp(library->source, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (library->count > CRV_SOURCE_LIMIT) {
      return luaL_error(L, "rules/lib/%s.lua is over %d KiB", name, CRV_SOURCE_LIMIT / 1024);
    }
    if (luaL_loadbufferx(L, library->source + mark, library->count - mark, chunk, "t") != LUA_OK) return lua_error(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_environment);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    // Marked before it runs, so that a circle of libraries is an error and not a recursion.
    lua_pushlightuserdata(L, vm);
    lua_setfield(L, lua_upvalueindex(1), name);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
  }
  char names[2048] = {0};
  size_t used = 0;
  for (size_t i = 0; i < vm->library_count; i++) {
    size_t size = strlen(vm->libraries[i].name) + 1;
    if (used + size + 1 >= sizeof names) break;
    memcpy(names + used, vm->libraries[i].name, size);
    used += size;
  }
  const char *near = crv_suggest(name, names);
  if (near) return luaL_error(L, "there is no rules/lib/%s.lua (did you mean '%s'?)", name, near);
  return luaL_error(L, "there is no rules/lib/%s.lua", name);
}

// MARK: Read-only tables and unknown names

// Upvalues: the table's name, its keys as a list for suggestions.
static int unknown_member(lua_State *L) {
  const char *table = lua_tostring(L, lua_upvalueindex(1));
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  if (!*table && crv_push_probe(L, name)) return 1;
  const char *near = crv_suggest(name, lua_tostring(L, lua_upvalueindex(2)));
  const char *dot = *table ? "." : "";
  if (near) return luaL_error(L, "'%s%s%s' does not exist (did you mean '%s%s%s'?)", table, dot, name, table, dot, near);
  return luaL_error(L, "'%s%s%s' does not exist in a rule", table, dot, name);
}

static int read_only(lua_State *L) {
  const char *table = lua_tostring(L, lua_upvalueindex(1));
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  if (*table) return luaL_error(L, "'%s' is read-only", table);
  return luaL_error(L, "assignment to '%s', which is not declared: write 'local %s', or use 'state.%s' to keep it", name, name, name);
}

// Pushes the keys of the table at `index` as one string, each ended by a NUL.
static void push_names(lua_State *L, int index) {
  index = lua_absindex(L, index);
  luaL_Buffer names;
  lua_newtable(L);
  int list = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
  }
  luaL_buffinit(L, &names);
  for (size_t i = 1; i <= lua_rawlen(L, list); i++) {
    lua_rawgeti(L, list, (lua_Integer)i);
    luaL_addvalue(&names);
    luaL_addchar(&names, '\0');
  }
  luaL_addchar(&names, '\0');
  luaL_pushresult(&names);
  lua_remove(L, list);
}

// Replaces the table on top by an empty one that reads through to it and cannot be written.
static void seal(lua_State *L, const char *name) {
  int real = lua_gettop(L);
  lua_createtable(L, 0, 1);   // what the real table answers for a name it lacks
  lua_pushstring(L, name);
  push_names(L, real);
  lua_pushcclosure(L, unknown_member, 2);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, real);
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, real);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, read_only, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_remove(L, real);
}

// MARK: The environment

static const luaL_Reg base_functions[] = {
  {"assert", crv_base_assert}, {"error", crv_base_error}, {"getmetatable", crv_base_getmetatable},
  {"setmetatable", crv_base_setmetatable}, {"ipairs", crv_base_ipairs}, {"next", crv_base_next},
  {"pairs", crv_base_pairs}, {"pcall", crv_base_pcall}, {"xpcall", crv_base_xpcall},
  {"select", crv_base_select}, {"tonumber", crv_base_tonumber}, {"tostring", crv_base_tostring},
  {"type", crv_base_type}, {"print", base_print}, {"now", base_now}, {"copy", crv_order_copy},
  {"signal", crv_signal_emit}, {"group", crv_group_find}, {"groups", crv_groups}, {"usd", crv_usd},
  {"cents", crv_cents}, {"shares", crv_shares}, {"duration", crv_duration}, {"short", crv_short},
  {NULL, NULL},
};

static const luaL_Reg fmt_functions[] = {
  {"usd", crv_fmt_usd}, {"cents", crv_fmt_cents}, {"shares", crv_fmt_shares}, {NULL, NULL},
};

static void add_library(lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_call(L, 0, 1);
  if (strcmp(name, "string") == 0) {
    // ("x"):upper() goes to the real table: one step less, and nothing can be written there.
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
  }
  seal(L, name);
  lua_setfield(L, -2, name);
}

// Copies the prelude's constructors (a table on top) into the environment below it, and pops it.
static void add_constructors(lua_State *L) {
  int api = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, api)) {
    const char *name = lua_tostring(L, -2);
    if (lua_istable(L, -1)) seal(L, name);
    if (strcmp(name, "is_rule") != 0) lua_setfield(L, api - 1, name);
    else lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

// Expects the prelude's table on top; replaces it by the environment.
void crv_push_environment(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_newtable(L);
  lua_insert(L, -2);
  add_constructors(L);
  luaL_setfuncs(L, base_functions, 0);
  add_library(L, "string", crv_open_string);
  add_library(L, "table", crv_open_table);
  add_library(L, "math", crv_open_math);
  add_library(L, "utf8", crv_open_utf8);
  luaL_newlib(L, fmt_functions);
  seal(L, "fmt");
  lua_setfield(L, -2, "fmt");
  lua_newtable(L);
  lua_pushcclosure(L, base_require, 1);
  lua_setfield(L, -2, "require");
  lua_newtable(L);
  lua_pushvalue(L, -1);
  vm->ref_state = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_setfield(L, -2, "state");
  lua_pushvalue(L, -1);
  vm->ref_names = luaL_ref(L, LUA_REGISTRYINDEX);
  seal(L, "");
}
