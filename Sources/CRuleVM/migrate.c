// migrate(old, from_version): the state of another version of the rule in the shape of this one.
#include "vm.h"

void crv_take_migration(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_getfield(L, -1, "state_version");
  if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) luaL_error(L, "%s.lua: state_version must be a whole number from 1 on", vm->name);
  vm->state_version = lua_tointeger(L, -1);
  lua_pop(L, 1);
  int type = lua_getfield(L, -1, "migrate");
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (type != LUA_TFUNCTION) luaL_error(L, "%s.lua: migrate must be a function, not a %s", vm->name, luaL_typename(L, -1));
  vm->ref_migrate = luaL_ref(L, LUA_REGISTRYINDEX);
}

int64_t crv_state_version(const crv_vm *vm) { return vm->state_version; }

int crv_can_migrate(const crv_vm *vm) { return vm->ref_migrate != LUA_NOREF; }

typedef struct { const uint8_t *bytes; size_t count; int64_t from; } migration;

// Moves every entry of the table at `from` to the table at `to`.
static void fill(lua_State *L, int from, int to) {
  lua_pushnil(L);
  while (lua_next(L, from)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, to);
  }
}

static int migrate(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const migration *given = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_migrate);
  size_t used = crv_decode_tree(L, given->bytes, given->count);
  if (used != given->count || !lua_istable(L, -1)) return luaL_error(L, "the saved state is damaged");
  lua_pushinteger(L, given->from);
  lua_call(L, 2, 1);
  if (!lua_istable(L, -1)) return luaL_error(L, "%s.lua: migrate must return the new state, a table, not a %s", vm->name, luaL_typename(L, -1));
  // What cannot be kept is found before anything is changed.
  vm->state.count = 0;
  crv_encode_tree(L, -1, &vm->state, "state", vm->limits.memory_limit);
  int made = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_state);
  int state = made + 1;
  if (lua_rawequal(L, made, state)) return 0;
  // The table itself stays: the rule may have taken it into a local. What the file put into it goes.
  for (lua_pushnil(L); lua_next(L, state); ) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, state);
  }
  fill(L, made, state);
  return 0;
}

int crv_migrate(crv_vm *vm, const uint8_t *bytes, size_t count, int64_t from_version) {
  migration given = {bytes, count, from_version};
  vm->order = NULL;
  vm->host = NULL;
  crv_begin_call(vm);
  crv_watch_begin(vm, vm->limits.call_budget_ms);
  int status = crv_protected(vm, migrate, &given, "migrate");
  crv_watch_end(vm);
  return status;
}
