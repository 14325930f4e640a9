// Windows as a rule sees them: `w.NAME` is the current order's group, `group` and `groups` reach the others.
// A group answers its aggregates, the fields of `by`, `orders` and `truncated`.
#include "vm.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBER_ORDERS = -1, MEMBER_TRUNCATED = -2, MEMBER_KEY = 1000 };

static const crv_host *host_of(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (!vm->host) luaL_error(L, "windows can be read in a hook only");
  return vm->host;
}

void crv_push_value(lua_State *L, const crv_value *value) {
  switch (value->kind) {
    case CRV_BOOLEAN: lua_pushboolean(L, value->as.integer != 0); return;
    case CRV_INTEGER: lua_pushinteger(L, value->as.integer); return;
    case CRV_NUMBER: lua_pushnumber(L, value->as.number); return;
    case CRV_TEXT: crv_push_symbol(L, value->as.text.bytes, value->as.text.count, value->symbol); return;
    default: lua_pushnil(L); return;
  }
}

// The pairs of a `top` as { { user = "0x…", usd = 123 }, … }.
static void push_top(lua_State *L, const crv_value *list, const char *names) {
  const char *label = names, *weight = names + strlen(names) + 1;
  lua_createtable(L, (int)list->as.list.count, 0);
  for (size_t i = 0; i < list->as.list.count; i++) {
    lua_createtable(L, 0, 2);
    crv_push_value(L, &list->as.list.items[2 * i]);
    lua_setfield(L, -2, label);
    crv_push_value(L, &list->as.list.items[2 * i + 1]);
    lua_setfield(L, -2, weight);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static int group_orders(lua_State *L) {
  crv_group *group = lua_touserdata(L, 1);
  if (!group || lua_rawlen(L, 1) != sizeof *group) return luaL_error(L, "call it with a colon: b:orders()");
  size_t count = 0;
  const int64_t *orders = host_of(L)->orders(crv_self(L)->host->context, *group, &count);
  crv_charge(L, count);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, orders[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

// Upvalue 1: name → member; 2: the names for a suggestion, as one string.
static int group_index(lua_State *L) {
  crv_vm *vm = crv_self(L);
  crv_group *group = lua_touserdata(L, 1);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER) {
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    const char *window = vm->windows[group->window].name;
    const char *near = crv_suggest(name, lua_tostring(L, lua_upvalueindex(2)));
    if (near) return luaL_error(L, "window '%s' has no '%s' (did you mean '%s'?)", window, name, near);
    return luaL_error(L, "window '%s' has no '%s'", window, name);
  }
  int member = (int)lua_tointeger(L, -1);
  const crv_host *host = host_of(L);
  if (member == MEMBER_ORDERS) {
    lua_pushcfunction(L, group_orders);
    return 1;
  }
  if (member == MEMBER_TRUNCATED) {
    lua_pushboolean(L, host->truncated(host->context, *group));
    return 1;
  }
  crv_value value = {.kind = CRV_NIL};
  bool is_key = member >= MEMBER_KEY;
  const char *why = is_key ? host->key(host->context, *group, (uint32_t)(member - MEMBER_KEY), &value)
                           : host->aggregate(host->context, *group, (uint32_t)member, &value);
  if (why) return luaL_error(L, "%s.%s: %s", vm->windows[group->window].name, lua_tostring(L, 2), why);
  if (value.kind == CRV_LIST) push_top(L, &value, vm->windows[group->window].top_fields[member]);
  else crv_push_value(L, &value);
  return 1;
}

static int group_newindex(lua_State *L) { return luaL_error(L, "a group is read-only"); }

void crv_group_push(lua_State *L, crv_group group) {
  crv_group *box = lua_newuserdatauv(L, sizeof group, 0);
  *box = group;
  lua_rawgeti(L, LUA_REGISTRYINDEX, crv_self(L)->ref_windows);
  lua_rawgeti(L, -1, (lua_Integer)group.window + 1);
  lua_setmetatable(L, -3);
  lua_pop(L, 1);
}

static int window_number(lua_State *L, int index) {
  crv_vm *vm = crv_self(L);
  const char *name = luaL_checkstring(L, index);
  for (size_t i = 0; i < vm->window_count; i++) {
    if (strcmp(vm->windows[i].name, name) == 0) return (int)i;
  }
  return luaL_error(L, "there is no window '%s'", name);
}

// w.NAME. Upvalue 1: name → window number + 1.
static int current_index(lua_State *L) {
  const crv_host *host = host_of(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  lua_Integer number = lua_tointeger(L, -1);
  if (number == 0) {
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    return luaL_error(L, "there is no window '%s'", name);
  }
  crv_group group;
  if (!host->current(host->context, (uint32_t)(number - 1), &group)) lua_pushnil(L);
  else crv_group_push(L, group);
  return 1;
}

static crv_value check_key(lua_State *L, int index) {
  crv_value value = {.kind = CRV_NIL};
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: value.kind = CRV_BOOLEAN; value.as.integer = lua_toboolean(L, index); break;
    case LUA_TNUMBER:
      value.kind = CRV_INTEGER;
      value.as.integer = luaL_checkinteger(L, index);
      break;
    case LUA_TSTRING:
      value.kind = CRV_TEXT;
      value.as.text.bytes = (const uint8_t *)lua_tolstring(L, index, &value.as.text.count);
      break;
    case LUA_TNIL: break;
    default: luaL_argerror(L, index, "a field of a key is text, an integer or a boolean");
  }
  return value;
}

int crv_group_find(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const crv_host *host = host_of(L);
  int window = window_number(L, 1);
  size_t count = (size_t)(lua_gettop(L) - 1);
  if (count != vm->windows[window].key_count) {
    return luaL_error(L, "window '%s' is keyed by %d fields, not %d", vm->windows[window].name,
                      (int)vm->windows[window].key_count, (int)count);
  }
  crv_value key[16];
  if (count > 16) return luaL_error(L, "too many fields");
  for (size_t i = 0; i < count; i++) key[i] = check_key(L, (int)i + 2);
  crv_group group;
  if (!host->find(host->context, (uint32_t)window, key, count, &group)) lua_pushnil(L);
  else crv_group_push(L, group);
  return 1;
}

// Upvalues: the groups as one string of crv_group, the place of the next.
static int next_group(lua_State *L) {
  size_t bytes;
  const char *all = lua_tolstring(L, lua_upvalueindex(1), &bytes);
  lua_Integer place = lua_tointeger(L, lua_upvalueindex(2));
  if ((size_t)place * sizeof(crv_group) >= bytes) return 0;
  crv_group group;
  memcpy(&group, all + (size_t)place * sizeof group, sizeof group);
  lua_pushinteger(L, place + 1);
  lua_replace(L, lua_upvalueindex(2));
  crv_group_push(L, group);
  return 1;
}

int crv_groups(lua_State *L) {
  const crv_host *host = host_of(L);
  size_t count = 0;
  const crv_group *list = host->list(host->context, (uint32_t)window_number(L, 1), &count);
  crv_charge(L, count);
  lua_pushlstring(L, (const char *)list, count * sizeof *list);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_group, 2);
  return 1;
}

// The key of on_close: key[1], key[2]… and by field name.
void crv_push_key_table(lua_State *L, crv_group group) {
  crv_vm *vm = crv_self(L);
  const crv_host *host = host_of(L);
  const crv_window_names *window = &vm->windows[group.window];
  lua_createtable(L, (int)window->key_count, (int)window->key_count);
  for (size_t i = 0; i < window->key_count; i++) {
    crv_value value = {.kind = CRV_NIL};
    const char *why = host->key(host->context, group, (uint32_t)i, &value);
    if (why) luaL_error(L, "%s: %s", window->name, why);
    crv_push_value(L, &value);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, (lua_Integer)i + 1);
    lua_setfield(L, -2, window->keys[i]);
  }
}

static void add_member(lua_State *L, const char *name, int member) {
  lua_pushinteger(L, member);
  lua_setfield(L, -2, name);
}

static void push_metatable(lua_State *L, const crv_window_names *window) {
  char names[4096];
  size_t used = 0;
  lua_createtable(L, 0, 3);
  lua_newtable(L);
  for (size_t i = 0; i < window->aggregate_count; i++) add_member(L, window->aggregates[i], (int)i);
  for (size_t i = 0; i < window->key_count; i++) add_member(L, window->keys[i], MEMBER_KEY + (int)i);
  add_member(L, "orders", MEMBER_ORDERS);
  add_member(L, "truncated", MEMBER_TRUNCATED);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    size_t count;
    const char *name = lua_tolstring(L, -2, &count);
    if (used + count + 2 < sizeof names) {
      memcpy(names + used, name, count + 1);
      used += count + 1;
    }
    lua_pop(L, 1);
  }
  names[used++] = '\0';
  lua_pushlstring(L, names, used);
  lua_pushcclosure(L, group_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, group_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "group");
  lua_setfield(L, -2, "__name");
}

// `w`, and a metatable a window at the registry's `ref_windows`.
void crv_group_open(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_createtable(L, (int)vm->window_count, 0);
  lua_createtable(L, 0, (int)vm->window_count);
  for (size_t i = 0; i < vm->window_count; i++) {
    push_metatable(L, &vm->windows[i]);
    lua_rawseti(L, -3, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_setfield(L, -2, vm->windows[i].name);
  }
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, current_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, group_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  luaL_unref(L, LUA_REGISTRYINDEX, vm->ref_w);
  vm->ref_w = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pop(L, 1);
  luaL_unref(L, LUA_REGISTRYINDEX, vm->ref_windows);
  vm->ref_windows = luaL_ref(L, LUA_REGISTRYINDEX);
}
