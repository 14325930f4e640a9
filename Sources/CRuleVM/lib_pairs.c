// pairs, next and ipairs. Keys come in one order on every run: integers, floats, strings by bytes,
// booleans. Lua's own order follows string hashes, which differ from process to process.
#include "library.h"

enum { FEW = 32, FIXED_UPVALUES = 4 };

// How a walk goes: first the `before` of the other keys that are below 1, then 1...sequence, then the rest.
typedef struct { lua_Integer sequence, others, before; } walk;

// MARK: The iterators

// Upvalues: the last place visited, the length.
static int next_in_sequence(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer place = lua_tointeger(L, lua_upvalueindex(1));
  lua_Integer count = lua_tointeger(L, lua_upvalueindex(2));
  while (place < count) {
    lua_pushinteger(L, ++place);
    if (lua_rawgeti(L, 1, place) != LUA_TNIL) {
      lua_pushvalue(L, -2);
      lua_replace(L, lua_upvalueindex(1));
      return 2;
    }
    lua_pop(L, 2);
    crv_charge(L, 1);
  }
  lua_pushinteger(L, count);
  lua_replace(L, lua_upvalueindex(1));
  return 0;
}

// Pushes the key at a place of the walk. Upvalues: the last place visited, before, sequence, others; then
// the other keys themselves, or a table of them.
static void push_key(lua_State *L, lua_Integer place, bool few) {
  lua_Integer before = lua_tointeger(L, lua_upvalueindex(2));
  lua_Integer sequence = lua_tointeger(L, lua_upvalueindex(3));
  if (place > before && place <= before + sequence) {
    lua_pushinteger(L, place - before);
    return;
  }
  if (place > before) place -= sequence;
  if (few) {
    lua_pushvalue(L, lua_upvalueindex(FIXED_UPVALUES + (int)place));
  } else {
    lua_rawgeti(L, lua_upvalueindex(FIXED_UPVALUES + 1), place);
  }
}

static int next_in_order(lua_State *L, bool few) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_Integer place = lua_tointeger(L, lua_upvalueindex(1));
  lua_Integer count = lua_tointeger(L, lua_upvalueindex(3)) + lua_tointeger(L, lua_upvalueindex(4));
  while (place < count) {
    push_key(L, ++place, few);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) {
      lua_pushinteger(L, place);
      lua_replace(L, lua_upvalueindex(1));
      return 2;
    }
    // Removed since the walk began.
    lua_settop(L, 1);
    crv_charge(L, 1);
  }
  lua_pushinteger(L, count);
  lua_replace(L, lua_upvalueindex(1));
  return 0;
}

static int next_of_few(lua_State *L) { return next_in_order(L, true); }

static int next_of_many(lua_State *L) { return next_in_order(L, false); }

// MARK: Collecting

// Reads the key on top of the stack.
static void read_key(lua_State *L, crv_key *key, const char *function) {
  if (!crv_read_key(L, -1, key)) {
    luaL_error(L, "%s: a table key of type %s has no order", function, luaL_typename(L, -1));
  }
}

// Counts the keys of the table at index 1. The first FEW keys that are not part of the sequence stay on
// the stack, as long as there are no more of them, and are read into `few`.
static walk count_keys(lua_State *L, crv_key *few) {
  walk counts = {0};
  int base = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    crv_charge(L, 2);
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) == counts.sequence + 1) {
      counts.sequence++;
      continue;
    }
    crv_key key;
    read_key(L, &key, "pairs");
    if (key.kind == CRV_KEY_INTEGER && key.as.integer < 1) counts.before++;
    if (counts.others < FEW) {
      key.index = (uint32_t)counts.others;
      few[counts.others] = key;
      lua_pushvalue(L, -1);   // one stays, the other leads to the next
    }
    counts.others++;
  }
  if (counts.others > FEW) lua_settop(L, base);
  return counts;
}

// Pushes a table of the keys that are not part of the sequence, sorted.
static void push_sorted_keys(lua_State *L, const walk *counts) {
  size_t count = (size_t)counts->others, used = 0;
  crv_key *keys = lua_newuserdatauv(L, count * sizeof(crv_key), 0);
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, 1) && used < count) {
    lua_pop(L, 1);
    crv_charge(L, 2);
    if (lua_isinteger(L, -1)) {
      lua_Integer key = lua_tointeger(L, -1);
      if (key >= 1 && key <= counts->sequence) continue;
    }
    read_key(L, &keys[used], "pairs");
    keys[used].index = (uint32_t)used;
    lua_pushvalue(L, -1);
    lua_rawseti(L, table, (lua_Integer)++used);
  }
  lua_settop(L, table);
  crv_sort_keys(L, keys, used);
  crv_permute(L, table, keys, used);
}

static void push_iterator(lua_State *L) {
  crv_key few[FEW];
  luaL_checkstack(L, 2 * FEW + 8, "too many keys");
  int base = lua_gettop(L);
  walk counts = count_keys(L, few);
  lua_pushinteger(L, 0);
  if (counts.others == 0) {
    lua_pushinteger(L, counts.sequence);
    lua_pushcclosure(L, next_in_sequence, 2);
    return;
  }
  lua_pushinteger(L, counts.before);
  lua_pushinteger(L, counts.sequence);
  lua_pushinteger(L, counts.others);
  if (counts.others > FEW) {
    push_sorted_keys(L, &counts);
    lua_remove(L, -2);   // the userdata it sorted in
    lua_pushcclosure(L, next_of_many, FIXED_UPVALUES + 1);
    return;
  }
  crv_sort_keys(L, few, (size_t)counts.others);
  for (lua_Integer i = 0; i < counts.others; i++) lua_pushvalue(L, base + 1 + (int)few[i].index);
  lua_pushcclosure(L, next_of_few, FIXED_UPVALUES + (int)counts.others);
}

int crv_base_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (crv_push_order_copy(L, 1)) lua_replace(L, 1);
  push_iterator(L);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

// MARK: next

int crv_base_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (crv_push_order_copy(L, 1)) lua_replace(L, 1);
  bool first = lua_isnil(L, 2), found = false;
  crv_key after, key, best;
  if (!first && !crv_read_key(L, 2, &after)) {
    return luaL_error(L, "next: a table key of type %s has no order", luaL_typename(L, 2));
  }
  lua_pushnil(L);   // the best so far, at 3
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    crv_charge(L, 2);
    read_key(L, &key, "next");
    if (!first && crv_compare_keys(L, &key, &after) <= 0) continue;
    if (found && crv_compare_keys(L, &key, &best) >= 0) continue;
    best = key;
    found = true;
    lua_pushvalue(L, -1);
    lua_replace(L, 3);
  }
  if (!found) {
    lua_pushnil(L);
    return 1;
  }
  lua_settop(L, 3);
  lua_pushvalue(L, 3);
  lua_rawget(L, 1);
  return 2;
}

// MARK: ipairs

static int next_index(lua_State *L) {
  lua_Integer index = (lua_Integer)((lua_Unsigned)luaL_checkinteger(L, 2) + 1);
  lua_pushinteger(L, index);
  return lua_geti(L, 1, index) == LUA_TNIL ? 1 : 2;
}

int crv_base_ipairs(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, next_index);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}
