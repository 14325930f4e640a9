// The order as a rule sees it: one reused table that a generated trampoline fills with the fields the rule
// reads; the other known fields come through __index, and become fields to fill when they are read often.
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { SOURCE_INTEGER, SOURCE_TEXT, SOURCE_SIDE, SOURCE_VENUE, SOURCE_ROLE, SOURCE_LATE } source_kind;

typedef struct {
  const char *name;
  source_kind kind;
  size_t place;   // offset of an integer, number of a text
} order_field;

#define INTEGER(name, member) {name, SOURCE_INTEGER, offsetof(bb_order, member)}
#define TEXT(name, number) {name, SOURCE_TEXT, number}

// In the order of api.json; the number of a field is its place here.
static const order_field fields[] = {
  INTEGER("seq", seq), INTEGER("t", time), {"venue", SOURCE_VENUE, 0}, TEXT("user", BB_USER),
  TEXT("label", BB_LABEL), TEXT("taker", BB_TAKER), {"role", SOURCE_ROLE, 0}, {"side", SOURCE_SIDE, 0},
  TEXT("token_id", BB_TOKEN_ID), TEXT("token_label", BB_TOKEN_LABEL), TEXT("market_slug", BB_MARKET_SLUG),
  TEXT("condition_id", BB_CONDITION_ID), TEXT("title", BB_TITLE), INTEGER("price", price),
  INTEGER("shares", shares), INTEGER("usd", usd), INTEGER("usd_floor", usd_floor), TEXT("tx_hash", BB_TX_HASH),
  TEXT("order_hash", BB_ORDER_HASH), {"late", SOURCE_LATE, 0},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

// The same names, each ended by a NUL, the list by another: for suggestions.
static const char field_list[] =
  "seq\0t\0venue\0user\0label\0taker\0role\0side\0token_id\0token_label\0market_slug\0condition_id\0title\0"
  "price\0shares\0usd\0usd_floor\0tx_hash\0order_hash\0late\0";

const char *crv_order_field_names(void) {
  return "seq\nt\nvenue\nuser\nlabel\ntaker\nrole\nside\ntoken_id\ntoken_label\nmarket_slug\ncondition_id\ntitle\n"
         "price\nshares\nusd\nusd_floor\ntx_hash\norder_hash\nlate\n";
}

// Pushes a text through the cache of strings by symbol: creating a 42-byte string costs more than the rest
// of handing over an order, and a fresh one has to be hashed again when it becomes a table key. `cache` is
// the place of the cache's table on the stack.
static void push_cached(lua_State *L, int cache, const bb_text *text) {
  crv_vm *vm = crv_self(L);
  if (text->symbol == 0) {
    lua_pushlstring(L, (const char *)text->bytes, text->count);
    return;
  }
  uint32_t slot = text->symbol & (vm->cache_size - 1);
  vm->cache_lookups++;
  if (vm->cache_ids[slot] == text->symbol) {
    lua_rawgeti(L, cache, slot + 1);
    return;
  }
  vm->cache_misses++;
  lua_pushlstring(L, (const char *)text->bytes, text->count);
  lua_pushvalue(L, -1);
  lua_rawseti(L, cache, slot + 1);
  vm->cache_ids[slot] = text->symbol;
}

void crv_push_symbol(lua_State *L, const uint8_t *bytes, size_t count, uint32_t symbol) {
  const bb_text text = {bytes, (uint32_t)count, symbol};
  lua_rawgeti(L, LUA_REGISTRYINDEX, crv_self(L)->ref_cache);
  push_cached(L, lua_gettop(L), &text);
  lua_remove(L, -2);
}

// `cache` is the place of the string cache's table on the stack, 0 when it is not there.
static void push_field(lua_State *L, const bb_order *order, const order_field *field, int cache) {
  switch (field->kind) {
    case SOURCE_INTEGER: {
      int64_t value;
      memcpy(&value, (const char *)order + field->place, sizeof value);
      lua_pushinteger(L, value);
      return;
    }
    case SOURCE_TEXT: {
      const bb_text *text = &order->text[field->place];
      if (text->count == 0) lua_pushnil(L);
      else if (cache) push_cached(L, cache, text);
      else crv_push_symbol(L, text->bytes, text->count, text->symbol);
      return;
    }
    case SOURCE_SIDE:
      if (order->side == BB_SIDE_BUY) lua_pushliteral(L, "BUY");
      else lua_pushliteral(L, "SELL");
      return;
    case SOURCE_VENUE:
      if (order->venue == BB_VENUE_POLYMARKET) lua_pushliteral(L, "polymarket");
      else lua_pushliteral(L, "kalshi");
      return;
    case SOURCE_ROLE:
      if (order->role == BB_ROLE_TAKER) lua_pushliteral(L, "taker");
      else if (order->role == BB_ROLE_MAKER) lua_pushliteral(L, "maker");
      else lua_pushnil(L);
      return;
    case SOURCE_LATE:
      lua_pushboolean(L, order->late);
      return;
  }
}

// Upvalue 1: name → field number + 1.
static int order_index(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  lua_Integer number = lua_tointeger(L, -1);
  if (number == 0) {
    if (lua_type(L, 2) != LUA_TSTRING) return luaL_error(L, "an order has no field of type %s", luaL_typename(L, 2));
    const char *near = crv_suggest(lua_tostring(L, 2), field_list);
    if (near) return luaL_error(L, "an order has no field '%s' (did you mean '%s'?)", lua_tostring(L, 2), near);
    return luaL_error(L, "an order has no field '%s'", lua_tostring(L, 2));
  }
  if (!vm->order) return luaL_error(L, "an order is only readable during on_order: keep copy(o) instead of o");
  vm->cold_reads[number - 1]++;
  push_field(L, vm->order, &fields[number - 1], 0);
  return 1;
}

// Filling a hot field that was nil before also ends here, hence the check of which fields are hot.
static int order_newindex(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  lua_Integer number = lua_tointeger(L, -1);
  for (uint32_t i = 0; number && i < vm->hot_count; i++) {
    if (vm->hot[i] + 1 != (uint32_t)number) continue;
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 0;
  }
  return luaL_error(L, "an order is read-only");
}

void crv_order_open(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_newtable(L);
  vm->order_table = (void *)lua_topointer(L, -1);
  lua_createtable(L, 0, 3);
  lua_createtable(L, 0, FIELD_COUNT);
  for (int i = 0; i < FIELD_COUNT; i++) {
    lua_pushinteger(L, i + 1);
    lua_setfield(L, -2, fields[i].name);
  }
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, order_index, 1);
  lua_setfield(L, -3, "__index");
  lua_pushcclosure(L, order_newindex, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  vm->ref_order = luaL_ref(L, LUA_REGISTRYINDEX);

  vm->cache_size = CRV_CACHE_MIN;
  vm->cache_ids = calloc(CRV_CACHE_MAX, sizeof *vm->cache_ids);
  if (!vm->cache_ids) luaL_error(L, "out of memory");
  lua_createtable(L, CRV_CACHE_MIN, 0);
  vm->ref_cache = luaL_ref(L, LUA_REGISTRYINDEX);
  vm->ref_trampoline = LUA_NOREF;
}

// Generates `function(a1, …) o.first = a1 … return on_order(o, w) end` for the hot fields: an assignment in
// Lua to a constant key is several times cheaper than lua_setfield.
void crv_order_compile(lua_State *L) {
  crv_vm *vm = crv_self(L);
  char text[4096];
  size_t used = (size_t)snprintf(text, sizeof text, "local on_order, o, w = ...\nreturn function(");
  for (uint32_t i = 0; i < vm->hot_count; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%sa%u", i ? "," : "", i);
  }
  used += (size_t)snprintf(text + used, sizeof text - used, ")\n");
  for (uint32_t i = 0; i < vm->hot_count; i++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "o.%s=a%u ", fields[vm->hot[i]].name, i);
  }
  used += (size_t)snprintf(text + used, sizeof text - used, "on_order(o, w) end\n");
  if (luaL_loadbufferx(L, text, used, "=trampoline", "t") != LUA_OK) lua_error(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_on_order);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_order);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_w);
  lua_call(L, 3, 1);
  luaL_unref(L, LUA_REGISTRYINDEX, vm->ref_trampoline);
  vm->ref_trampoline = luaL_ref(L, LUA_REGISTRYINDEX);
}

int crv_order_push_arguments(lua_State *L, const bb_order *order, int cache) {
  crv_vm *vm = crv_self(L);
  for (uint32_t i = 0; i < vm->hot_count; i++) push_field(L, order, &fields[vm->hot[i]], cache);
  return (int)vm->hot_count;
}

static int recompile(lua_State *L) {
  crv_order_compile(L);
  return 0;
}

static int grow_cache(lua_State *L) {
  crv_vm *vm = crv_self(L);
  uint32_t size = vm->cache_size * 2;
  lua_createtable(L, (int)size, 0);
  luaL_unref(L, LUA_REGISTRYINDEX, vm->ref_cache);
  vm->ref_cache = luaL_ref(L, LUA_REGISTRYINDEX);
  memset(vm->cache_ids, 0, size * sizeof *vm->cache_ids);
  vm->cache_size = size;
  return 0;
}

static bool is_hot(const crv_vm *vm, uint32_t number) {
  for (uint32_t i = 0; i < vm->hot_count; i++) {
    if (vm->hot[i] == number) return true;
  }
  return false;
}

// Between orders: a field read through __index on at least one call in four becomes hot, and a cache that
// misses more than one look-up in eight grows. A hot field that the venue did not send is still read
// through __index. Without memory for a new trampoline the old one goes on, and the fields stay cold.
void crv_order_learn(lua_State *L) {
  crv_vm *vm = crv_self(L);
  uint32_t before = vm->hot_count;
  for (uint32_t i = 0; i < FIELD_COUNT; i++) {
    bool often = vm->cold_reads[i] * 4ull >= vm->reads_since;
    if (often && !is_hot(vm, i)) vm->hot[vm->hot_count++] = i;
    vm->cold_reads[i] = 0;
  }
  vm->reads_since = 0;
  int top = lua_gettop(L);
  if (vm->hot_count != before) {
    lua_pushcfunction(L, recompile);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) vm->hot_count = before;
  }
  if (vm->cache_lookups >= 8192) {
    bool poor = vm->cache_misses > vm->cache_lookups / 16;
    vm->cache_lookups = vm->cache_misses = 0;
    lua_pushcfunction(L, grow_cache);
    if (poor && vm->cache_size < CRV_CACHE_MAX) (void)lua_pcall(L, 0, 0, 0);
  }
  lua_settop(L, top);
}

uint32_t crv_hot_texts(const crv_vm *vm) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < vm->hot_count; i++) {
    const order_field *field = &fields[vm->hot[i]];
    if (field->kind == SOURCE_TEXT) bits |= 1u << field->place;
  }
  return bits;
}

void crv_forget_symbols(crv_vm *vm) { memset(vm->cache_ids, 0, CRV_CACHE_MAX * sizeof *vm->cache_ids); }

static void push_copy(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (!vm->order) luaL_error(L, "an order is only readable during on_order: keep copy(o) instead of o");
  lua_createtable(L, 0, FIELD_COUNT);
  for (int i = 0; i < FIELD_COUNT; i++) {
    push_field(L, vm->order, &fields[i], 0);
    lua_setfield(L, -2, fields[i].name);
  }
}

bool crv_push_order_copy(lua_State *L, int index) {
  if (lua_topointer(L, index) != crv_self(L)->order_table) return false;
  push_copy(L);
  return true;
}

// copy(t): a plain table with the same fields; of the order, all that the venue sent.
int crv_order_copy(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (crv_push_order_copy(L, 1)) return 1;
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    crv_charge(L, 1);
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 2);
  }
  return 1;
}
