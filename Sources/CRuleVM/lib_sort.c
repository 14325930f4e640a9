// table.sort: stable, and safe with any comparator. It works on a copy of the list, so that a comparator
// that contradicts itself, raises or changes the table cannot make it read elsewhere or run on.
#include "library.h"

enum { LIST = 1, COMPARATOR = 2, SOURCE = 3, TARGET = 4, RUN = 16 };

// MARK: Numbers only, or strings only, in their natural order

// Sorts outside of Lua; false when the values are of several kinds, or too many for one allocation.
static bool sort_plain(lua_State *L, size_t count) {
  if (count > crv_self(L)->limits.allocation_limit / sizeof(crv_key)) return false;
  crv_key few[RUN], *keys = few;
  if (count > RUN) keys = lua_newuserdatauv(L, count * sizeof(crv_key), 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, LIST, (lua_Integer)i + 1);
    bool plain = crv_read_key(L, -1, &keys[i]) && keys[i].kind == keys[0].kind;
    lua_pop(L, 1);
    if (!plain || keys[i].kind == CRV_KEY_BOOLEAN) {
      crv_charge(L, i + 1);
      lua_settop(L, COMPARATOR);
      return false;
    }
    keys[i].index = (uint32_t)i;
  }
  crv_sort_keys(L, keys, count);
  crv_permute(L, LIST, keys, count);
  return true;
}

// MARK: Any values, by comparator or by `<`

// Whether the value at stack index `left` comes before the one at `right`.
static bool is_less(lua_State *L, int left, int right) {
  crv_charge(L, 4);
  if (lua_isnil(L, COMPARATOR)) {
    if (lua_type(L, left) == LUA_TSTRING && lua_type(L, right) == LUA_TSTRING) {
      size_t m = lua_rawlen(L, left), n = lua_rawlen(L, right);
      crv_charge(L, (m < n ? m : n) / 16);
    }
    return lua_compare(L, left, right, LUA_OPLT);
  }
  lua_pushvalue(L, COMPARATOR);
  lua_pushvalue(L, left);
  lua_pushvalue(L, right);
  lua_call(L, 2, 1);
  bool less = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return less;
}

// Leaves the values table[from...to] on the stack, sorted by binary insertion.
static void push_sorted_run(lua_State *L, int table, lua_Integer from, lua_Integer to) {
  int base = lua_gettop(L);
  for (lua_Integer i = from; i <= to; i++) lua_rawgeti(L, table, i);
  int top = lua_gettop(L), value = top + 1;
  for (int i = base + 2; i <= top; i++) {
    lua_pushvalue(L, i);
    int low = base + 1, high = i;
    while (low < high) {
      int middle = low + (high - low) / 2;
      if (is_less(L, value, middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    for (int j = i; j > low; j--) lua_copy(L, j - 1, j);
    lua_replace(L, low);
  }
}

// Takes the values from the stack and puts them at table[from...to].
static void pop_run(lua_State *L, int table, lua_Integer from, lua_Integer to) {
  for (lua_Integer i = to; i >= from; i--) lua_rawseti(L, table, i);
}

// Merges the neighbours source[low...middle] and source[middle + 1...high] into the target.
static void merge(lua_State *L, int source, int target, lua_Integer low, lua_Integer middle,
                  lua_Integer high) {
  lua_Integer left = low, right = middle + 1, place = low;
  crv_charge(L, (uint64_t)(high - low + 1) * 2);
  lua_rawgeti(L, source, left);
  lua_rawgeti(L, source, right);
  int left_value = lua_gettop(L) - 1, right_value = left_value + 1;
  for (;;) {
    bool take_right = is_less(L, right_value, left_value);
    lua_pushvalue(L, take_right ? right_value : left_value);
    lua_rawseti(L, target, place++);
    if (take_right ? ++right > high : ++left > middle) break;
    lua_rawgeti(L, source, take_right ? right : left);
    lua_replace(L, take_right ? right_value : left_value);
  }
  lua_settop(L, left_value - 1);
  for (; left <= middle; left++) {
    lua_rawgeti(L, source, left);
    lua_rawseti(L, target, place++);
  }
  for (; right <= high; right++) {
    lua_rawgeti(L, source, right);
    lua_rawseti(L, target, place++);
  }
}

static void copy_values(lua_State *L, int source, int target, lua_Integer from, lua_Integer to) {
  if (from > to) return;
  crv_charge(L, (uint64_t)(to - from + 1) * 2);
  for (lua_Integer i = from; i <= to; i++) {
    lua_rawgeti(L, source, i);
    lua_rawseti(L, target, i);
  }
}

static void merge_runs(lua_State *L, lua_Integer count) {
  int source = SOURCE, target = TARGET;
  for (lua_Integer width = RUN; width < count; width *= 2) {
    for (lua_Integer low = 1; low <= count; low += 2 * width) {
      lua_Integer middle = low + width - 1;
      lua_Integer high = count - width < middle ? count : middle + width;
      if (middle >= count) {
        copy_values(L, source, target, low, count);
      } else {
        merge(L, source, target, low, middle, high);
      }
    }
    int swap = source;
    source = target;
    target = swap;
  }
  copy_values(L, source, LIST, 1, count);
}

static void sort_any(lua_State *L, lua_Integer count) {
  luaL_checkstack(L, RUN + 16, "too much to sort");
  if (count <= RUN) {
    push_sorted_run(L, LIST, 1, count);
    pop_run(L, LIST, 1, count);
    return;
  }
  lua_createtable(L, (int)count, 0);
  lua_createtable(L, (int)count, 0);
  copy_values(L, LIST, SOURCE, 1, count);
  for (lua_Integer from = 1; from <= count; from += RUN) {
    lua_Integer to = count - from < RUN ? count : from + RUN - 1;
    push_sorted_run(L, SOURCE, from, to);
    pop_run(L, SOURCE, from, to);
  }
  merge_runs(L, count);
}

int crv_table_sort(lua_State *L) {
  crv_check_writable(L, LIST);
  if (!lua_isnoneornil(L, COMPARATOR)) luaL_checktype(L, COMPARATOR, LUA_TFUNCTION);
  lua_settop(L, COMPARATOR);
  lua_Unsigned count = lua_rawlen(L, LIST);
  luaL_argcheck(L, count < INT32_MAX, 1, "array too big");
  if (count < 2) return 0;
  crv_charge(L, count);
  if (!lua_isnil(L, COMPARATOR) || !sort_plain(L, count)) sort_any(L, (lua_Integer)count);
  return 0;
}
