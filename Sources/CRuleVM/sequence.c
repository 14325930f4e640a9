// A match of a sequence as a rule sees it: a table of its own for each call, so that it may be put into `data`.
#include "vm.h"

static const char members[] = "key\0steps\0first\0last\0truncated\0orders\0";

// match:orders(): the journal numbers of the match's orders, ascending.
static int match_orders(lua_State *L) {
  enum { LIMIT = 64 };
  lua_Integer orders[LIMIT];
  int count = 0;
  if (!lua_istable(L, 1)) return luaL_error(L, "call it with a colon: match:orders()");
  lua_pushliteral(L, "steps");
  if (lua_rawget(L, 1) != LUA_TTABLE) return luaL_error(L, "call it with a colon: match:orders()");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (!lua_istable(L, -1) || count == LIMIT) return luaL_error(L, "the steps of the match were changed");
    lua_pushliteral(L, "seq");
    lua_rawget(L, -2);
    if (!lua_isinteger(L, -1)) return luaL_error(L, "the steps of the match were changed");
    lua_Integer seq = lua_tointeger(L, -1);
    int at = count++;
    for (; at > 0 && orders[at - 1] > seq; at--) orders[at] = orders[at - 1];
    orders[at] = seq;
    lua_pop(L, 2);
  }
  lua_createtable(L, count, 0);
  int place = 0;
  for (int i = 0; i < count; i++) {
    if (i > 0 && orders[i] == orders[i - 1]) continue;
    lua_pushinteger(L, orders[i]);
    lua_rawseti(L, -2, ++place);
  }
  return 1;
}

// Only asked for what the table itself lacks.
static int match_index(lua_State *L) {
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
  if (lua_type(L, 2) == LUA_TSTRING && lua_rawequal(L, 2, lua_upvalueindex(1))) {
    lua_pushcfunction(L, match_orders);
    return 1;
  }
  const char *near = crv_suggest(name, members);
  if (near) return luaL_error(L, "a match has no '%s' (did you mean '%s'?)", name, near);
  return luaL_error(L, "a match has no '%s'", name);
}

static int match_newindex(lua_State *L) { return luaL_error(L, "a match is read-only"); }

static const char metatable_name[] = "match";

void crv_match_open(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_pushliteral(L, "orders");
  lua_pushcclosure(L, match_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, match_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "match");
  lua_setfield(L, -2, "__name");
  lua_setfield(L, LUA_REGISTRYINDEX, metatable_name);
}

static void set_integer(lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_value(lua_State *L, const char *name, const crv_value *value) {
  crv_push_value(L, value);
  lua_setfield(L, -2, name);
}

static void push_step(lua_State *L, const crv_step *step) {
  lua_createtable(L, 0, 10);
  set_integer(L, "seq", step->seq);
  set_integer(L, "t", step->time);
  set_integer(L, "price", step->price);
  set_integer(L, "shares", step->shares);
  set_integer(L, "usd", step->usd);
  set_integer(L, "usd_floor", step->usd_floor);
  if (step->side == BB_SIDE_BUY) lua_pushliteral(L, "BUY");
  else lua_pushliteral(L, "SELL");
  lua_setfield(L, -2, "side");
  set_value(L, "user", &step->user);
  set_value(L, "token_id", &step->token);
  set_value(L, "market_slug", &step->market);
}

void crv_match_push(lua_State *L, const crv_match *match) {
  luaL_checkstack(L, 10, "the match");
  lua_createtable(L, 0, 5);
  lua_createtable(L, 0, (int)match->key_count);
  for (size_t i = 0; i < match->key_count; i++) set_value(L, match->key_names[i], &match->key[i]);
  lua_setfield(L, -2, "key");
  lua_createtable(L, 0, (int)match->step_count);
  for (size_t i = 0; i < match->step_count; i++) {
    push_step(L, &match->steps[i]);
    lua_setfield(L, -2, match->steps[i].name);
  }
  lua_setfield(L, -2, "steps");
  set_integer(L, "first", match->steps[0].time);
  set_integer(L, "last", match->steps[match->step_count - 1].time);
  lua_pushboolean(L, match->truncated);
  lua_setfield(L, -2, "truncated");
  lua_getfield(L, LUA_REGISTRYINDEX, metatable_name);
  lua_setmetatable(L, -2);
}
