// One order over keys and over lists of plain values: the same on every run and machine.
#include "library.h"

#include <string.h>

bool crv_read_key(lua_State *L, int index, crv_key *key) {
  key->index = 0;
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        key->kind = CRV_KEY_INTEGER;
        key->as.integer = lua_tointeger(L, index);
        return true;
      }
      key->kind = CRV_KEY_FLOAT;
      key->as.number = lua_tonumber(L, index);
      return key->as.number == key->as.number;
    case LUA_TSTRING:
      key->kind = CRV_KEY_STRING;
      key->as.text.bytes = lua_tolstring(L, index, &key->as.text.count);
      return true;
    case LUA_TBOOLEAN:
      key->kind = CRV_KEY_BOOLEAN;
      key->as.integer = lua_toboolean(L, index);
      return true;
    default: return false;
  }
}

static int compare_texts(lua_State *L, const crv_key *left, const crv_key *right) {
  const char *a = left->as.text.bytes, *b = right->as.text.bytes;
  size_t m = left->as.text.count, n = right->as.text.count;
  if (a == b) return 0;
  size_t shared = m < n ? m : n;
  if (shared >= 64) crv_charge(L, shared / 16);
  int order = memcmp(a, b, shared);
  return order ? order : (m > n) - (m < n);
}

int crv_compare_keys(lua_State *L, const crv_key *left, const crv_key *right) {
  if (left->kind != right->kind) return left->kind < right->kind ? -1 : 1;
  switch (left->kind) {
    case CRV_KEY_FLOAT: return (left->as.number > right->as.number) - (left->as.number < right->as.number);
    case CRV_KEY_STRING: return compare_texts(L, left, right);
    default: return (left->as.integer > right->as.integer) - (left->as.integer < right->as.integer);
  }
}

static bool is_before(lua_State *L, const crv_key *left, const crv_key *right) {
  int order = crv_compare_keys(L, left, right);
  return order ? order < 0 : left->index < right->index;
}

// Shell's sort: in place, a few lines, and without a bad case worth fearing at these sizes.
void crv_sort_keys(lua_State *L, crv_key *keys, size_t count) {
  static const size_t first_gaps[] = {1, 4, 10, 23, 57, 132, 301, 701};
  enum { FIRST = sizeof first_gaps / sizeof first_gaps[0] };
  size_t gaps[48];
  int last = -1;
  for (size_t gap = 1; gap < count && last < 47; last++) {
    gaps[last + 1] = gap;
    gap = last + 2 < FIRST ? first_gaps[last + 2] : gap * 9 / 4;
  }
  for (int g = last; g >= 0; g--) {
    size_t gap = gaps[g];
    crv_charge(L, count);
    for (size_t i = gap; i < count; i++) {
      crv_key moving = keys[i];
      size_t at = i;
      for (; at >= gap && is_before(L, &moving, &keys[at - gap]); at -= gap) keys[at] = keys[at - gap];
      keys[at] = moving;
      crv_charge(L, (i - at) / gap);
    }
  }
}

void crv_permute(lua_State *L, int table, crv_key *keys, size_t count) {
  crv_charge(L, count);
  for (size_t i = 0; i < count; i++) {
    if (keys[i].index == i) continue;
    // Follows the ring of places that begins here; its first value waits on the stack.
    lua_rawgeti(L, table, (lua_Integer)i + 1);
    size_t place = i;
    for (;;) {
      size_t from = keys[place].index;
      keys[place].index = (uint32_t)place;
      if (from == i) break;
      lua_rawgeti(L, table, (lua_Integer)from + 1);
      lua_rawseti(L, table, (lua_Integer)place + 1);
      place = from;
    }
    lua_rawseti(L, table, (lua_Integer)place + 1);
  }
}
