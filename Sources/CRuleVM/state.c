// `state`: the rule's own table that outlives reloads and restarts, as a tagged tree; and the API's names.
#include "vm.h"

#include <string.h>

static int save(lua_State *L) {
  crv_vm *vm = crv_self(L);
  crv_begin_call(vm);
  vm->state.count = 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_state);
  crv_encode_tree(L, -1, &vm->state, "state", vm->limits.memory_limit);
  return 0;
}

const uint8_t *crv_save_state(crv_vm *vm, size_t *count) {
  *count = 0;
  if (crv_protected(vm, save, NULL, "state") != CRV_OK) return NULL;
  *count = vm->state.count;
  return (const uint8_t *)vm->state.bytes;
}

// The table itself stays: the rule may have taken it into a local.
static int load(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const crv_text *saved = lua_touserdata(L, 1);
  crv_begin_call(vm);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_state);
  size_t used = crv_decode_tree(L, (const uint8_t *)saved->bytes, saved->count);
  if (used != saved->count || !lua_istable(L, -1)) return luaL_error(L, "the saved state is damaged");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -5);
  }
  return 0;
}

int crv_load_state(crv_vm *vm, const uint8_t *bytes, size_t count) {
  crv_text saved = {(const char *)bytes, count};
  return crv_protected(vm, load, &saved, "state");
}

// Adds "prefix.name" for every function, number and text of the table on top.
static void list(lua_State *L, crv_buffer *out, const char *prefix) {
  int table = lua_gettop(L);
  lua_pushcfunction(L, crv_base_pairs);
  lua_pushvalue(L, table);
  lua_call(L, 1, 3);
  int walk = lua_gettop(L) - 2;
  for (;;) {
    lua_pushvalue(L, walk);
    lua_pushvalue(L, walk + 1);
    lua_pushvalue(L, walk + 2);
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) break;
    const char *name = lua_tostring(L, -2);
    // Sealed libraries are empty tables that read through to the real one.
    if (*prefix == '\0' && lua_istable(L, -1) && luaL_getmetafield(L, -1, "__index") == LUA_TTABLE) {
      list(L, out, name);
      lua_pop(L, 1);
    } else {
      if (*prefix && (!crv_buffer_add(out, prefix, strlen(prefix)) || !crv_buffer_add(out, ".", 1))) break;
      if (!crv_buffer_add(out, name, strlen(name)) || !crv_buffer_add(out, "\n", 1)) break;
    }
    lua_pop(L, 1);
    lua_replace(L, walk + 2);
  }
  lua_settop(L, table);
}

static int names(lua_State *L) {
  crv_vm *vm = crv_self(L);
  crv_begin_call(vm);
  vm->scratch.count = 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_names);
  list(L, &vm->scratch, "");
  if (!crv_buffer_add(&vm->scratch, "", 1)) return luaL_error(L, "out of memory");
  return 0;
}

const char *crv_api_names(crv_vm *vm) {
  return crv_protected(vm, names, NULL, "names") == CRV_OK ? vm->scratch.bytes : "";
}
