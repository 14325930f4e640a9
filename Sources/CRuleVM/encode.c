// Lua values as bytes: canonical JSON for a signal's data, and a tagged tree for headers and `state`.
#include "vm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAXIMUM_DEPTH = 64, MAXIMUM_PATH = 256 };

typedef struct {
  lua_State *L;
  crv_buffer *out;
  const char *what;            // what is encoded, for messages
  size_t limit, used;          // bytes
  int depth;
  char path[MAXIMUM_PATH];
  size_t path_used;
} encoder;

static void add(encoder *e, const void *bytes, size_t count) {
  if (count > e->limit - e->used) crv_limit_error(e->L, "%s is over %d bytes", e->what, (int)e->limit);
  e->used += count;
  if (!crv_buffer_add(e->out, bytes, count)) luaL_error(e->L, "out of memory");
}

static void add_byte(encoder *e, char byte) { add(e, &byte, 1); }

static void reject(encoder *e, const char *why) { luaL_error(e->L, "%s: %s", e->path, why); }

static size_t push_path(encoder *e, int key) {
  size_t before = e->path_used;
  lua_State *L = e->L;
  char text[96];
  if (lua_isinteger(L, key)) snprintf(text, sizeof text, "[%lld]", (long long)lua_tointeger(L, key));
  else if (lua_type(L, key) == LUA_TSTRING) snprintf(text, sizeof text, ".%.80s", lua_tostring(L, key));
  else snprintf(text, sizeof text, "[%s]", luaL_typename(L, key));
  int wrote = snprintf(e->path + before, sizeof e->path - before, "%s", text);
  e->path_used = before + (size_t)wrote < sizeof e->path ? before + (size_t)wrote : sizeof e->path - 1;
  return before;
}

static void pop_path(encoder *e, size_t before) {
  e->path_used = before;
  e->path[before] = '\0';
}

bool crv_valid_utf8(const char *bytes, size_t count) {
  const unsigned char *at = (const unsigned char *)bytes, *end = at + count;
  while (at < end) {
    if (*at < 0x80) {
      at++;
      continue;
    }
    int more = *at >= 0xC2 && *at <= 0xDF ? 1 : (*at & 0xF0) == 0xE0 ? 2 : *at >= 0xF0 && *at <= 0xF4 ? 3 : 0;
    if (more == 0 || end - at <= more) return false;
    unsigned low = 0x80, high = 0xBF;
    if (*at == 0xE0) low = 0xA0;
    if (*at == 0xED) high = 0x9F;
    if (*at == 0xF0) low = 0x90;
    if (*at == 0xF4) high = 0x8F;
    if (at[1] < low || at[1] > high) return false;
    for (int i = 2; i <= more; i++) {
      if ((at[i] & 0xC0) != 0x80) return false;
    }
    at += more + 1;
  }
  return true;
}

static void add_json_text(encoder *e, const char *text, size_t count) {
  crv_charge(e->L, count / 16 + 1);
  if (!crv_valid_utf8(text, count)) reject(e, "not valid UTF-8");
  add_byte(e, '"');
  size_t start = 0;
  for (size_t i = 0; i < count; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    add(e, text + start, i - start);
    start = i + 1;
    char escape[8];
    const char *simple = byte == '"' ? "\\\"" : byte == '\\' ? "\\\\" : byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : byte == '\r' ? "\\r" : NULL;
    if (!simple) snprintf(escape, sizeof escape, "\\u%04x", byte);
    add(e, simple ? simple : escape, strlen(simple ? simple : escape));
  }
  add(e, text + start, count - start);
  add_byte(e, '"');
}

// The shortest of 15, 16 and 17 digits that reads back as the same number; always with a point or exponent.
static void add_json_number(encoder *e, double value) {
  if (!isfinite(value)) reject(e, "not a finite number");
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  if (!strpbrk(text, ".e")) strcat(text, ".0");
  add(e, text, strlen(text));
}

static int compare_keys(const void *a, const void *b) {
  const crv_text *left = a, *right = b;
  size_t shared = left->count < right->count ? left->count : right->count;
  int order = memcmp(left->bytes, right->bytes, shared);
  return order ? order : (left->count > right->count) - (left->count < right->count);
}

static void encode_value(encoder *e, int index);

// A table with keys 1…n is an array, one with string keys an object, the empty one an object.
static void encode_table(encoder *e, int index) {
  lua_State *L = e->L;
  if (++e->depth > MAXIMUM_DEPTH) reject(e, "deeper than 64 levels, or a cycle");
  luaL_checkstack(L, 8, "data is too deep");
  size_t length = lua_rawlen(L, index), strings = 0, integers = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    crv_charge(L, 1);
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) strings++;
    else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && (size_t)lua_tointeger(L, -1) <= length) integers++;
    else reject(e, "keys are names, or 1 to n without a gap");
  }
  if (strings && integers) reject(e, "names and numbers are mixed as keys");
  if (integers != length && !strings) reject(e, "the list has a gap");
  if (!strings && length) {
    add_byte(e, '[');
    for (size_t i = 1; i <= length; i++) {
      if (i > 1) add_byte(e, ',');
      lua_pushinteger(L, (lua_Integer)i);
      size_t before = push_path(e, -1);
      lua_rawget(L, index);
      encode_value(e, lua_gettop(L));
      pop_path(e, before);
      lua_pop(L, 1);
    }
    add_byte(e, ']');
  } else {
    // The keys stay in the table, so their bytes stay where they are while they are sorted.
    crv_charge(L, strings * 8);
    crv_text *keys = lua_newuserdatauv(L, (strings + 1) * sizeof *keys, 0);
    size_t at = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
      lua_pop(L, 1);
      keys[at].bytes = lua_tolstring(L, -1, &keys[at].count);
      at++;
    }
    qsort(keys, strings, sizeof *keys, compare_keys);
    add_byte(e, '{');
    for (size_t i = 0; i < strings; i++) {
      if (i) add_byte(e, ',');
      lua_pushlstring(L, keys[i].bytes, keys[i].count);
      size_t before = push_path(e, -1);
      add_json_text(e, keys[i].bytes, keys[i].count);
      add_byte(e, ':');
      lua_rawget(L, index);
      encode_value(e, lua_gettop(L));
      pop_path(e, before);
      lua_pop(L, 1);
    }
    add_byte(e, '}');
    lua_pop(L, 1);
  }
  e->depth--;
}

static void encode_value(encoder *e, int index) {
  lua_State *L = e->L;
  char text[32];
  size_t count;
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      add(e, lua_toboolean(L, index) ? "true" : "false", lua_toboolean(L, index) ? 4 : 5);
      return;
    case LUA_TNUMBER:
      if (!lua_isinteger(L, index)) {
        add_json_number(e, lua_tonumber(L, index));
        return;
      }
      snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, index));
      add(e, text, strlen(text));
      return;
    case LUA_TSTRING: {
      const char *bytes = lua_tolstring(L, index, &count);
      add_json_text(e, bytes, count);
      return;
    }
    case LUA_TTABLE: {
      if (crv_push_order_copy(L, index)) {
        encode_table(e, lua_gettop(L));
        lua_pop(L, 1);
        return;
      }
      encode_table(e, index);
      return;
    }
    default:
      snprintf(text, sizeof text, "a %s cannot be stored", luaL_typename(L, index));
      reject(e, text);
  }
}

void crv_encode_json(lua_State *L, int index, crv_buffer *out, size_t limit) {
  encoder e = {.L = L, .out = out, .what = "data", .limit = limit, .path = "data", .path_used = 4};
  encode_value(&e, lua_absindex(L, index));
}

// MARK: Trees: 'n' nil, 'f' 't' booleans, 'i' + 8 bytes, 'd' + 8 bytes, 's' + 4 bytes + text,
// '{' + 4 bytes (pairs) + key, value… in the order of pairs (integers ascending, then strings).

static int compare_integers(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static void tree_value(encoder *e, int index);

static void tree_table(encoder *e, int index) {
  lua_State *L = e->L;
  if (++e->depth > MAXIMUM_DEPTH) reject(e, "deeper than 64 levels, or a cycle");
  luaL_checkstack(L, 8, "too deep");
  if (lua_getmetatable(L, index)) reject(e, "a table with a metatable cannot be kept");
  size_t strings = 0, integers = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    crv_charge(L, 1);
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) strings++;
    else if (lua_isinteger(L, -1)) integers++;
    else {
      push_path(e, lua_gettop(L));
      reject(e, "keys are names or integers");
    }
  }
  int64_t *numbers = lua_newuserdatauv(L, (integers + 1) * sizeof *numbers, 0);
  crv_text *names = lua_newuserdatauv(L, (strings + 1) * sizeof *names, 0);
  size_t number = 0, name = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1)) numbers[number++] = lua_tointeger(L, -1);
    else names[name].bytes = lua_tolstring(L, -1, &names[name].count), name++;
  }
  crv_charge(L, (strings + integers) * 8);
  qsort(numbers, integers, sizeof *numbers, compare_integers);
  qsort(names, strings, sizeof *names, compare_keys);
  uint32_t count = (uint32_t)(strings + integers);
  add_byte(e, '{');
  add(e, &count, sizeof count);
  for (size_t i = 0; i < integers + strings; i++) {
    if (i < integers) lua_pushinteger(L, numbers[i]);
    else lua_pushlstring(L, names[i - integers].bytes, names[i - integers].count);
    size_t before = push_path(e, -1);
    tree_value(e, lua_gettop(L));
    lua_rawget(L, index);
    tree_value(e, lua_gettop(L));
    pop_path(e, before);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  e->depth--;
}

static void tree_value(encoder *e, int index) {
  lua_State *L = e->L;
  char text[48];
  switch (lua_type(L, index)) {
    case LUA_TNIL: add_byte(e, 'n'); return;
    case LUA_TBOOLEAN: add_byte(e, lua_toboolean(L, index) ? 't' : 'f'); return;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        int64_t value = lua_tointeger(L, index);
        add_byte(e, 'i');
        add(e, &value, sizeof value);
      } else {
        double value = lua_tonumber(L, index);
        add_byte(e, 'd');
        add(e, &value, sizeof value);
      }
      return;
    case LUA_TSTRING: {
      size_t count;
      const char *bytes = lua_tolstring(L, index, &count);
      uint32_t size = (uint32_t)count;
      add_byte(e, 's');
      crv_charge(L, count / 16 + 1);
      add(e, &size, sizeof size);
      add(e, bytes, count);
      return;
    }
    case LUA_TTABLE:
      if (lua_topointer(L, index) == crv_self(L)->order_table) reject(e, "the order itself cannot be kept; keep copy(o)");
      tree_table(e, index);
      return;
    default:
      snprintf(text, sizeof text, "a %s cannot be kept", luaL_typename(L, index));
      reject(e, text);
  }
}

// A table that occurs twice is written twice: without a limit a few tables could be any number of bytes.
void crv_encode_tree(lua_State *L, int index, crv_buffer *out, const char *root, size_t limit) {
  encoder e = {.L = L, .out = out, .what = root, .limit = limit};
  e.path_used = (size_t)snprintf(e.path, sizeof e.path, "%s", root);
  tree_value(&e, lua_absindex(L, index));
}

static size_t decode(lua_State *L, const uint8_t *bytes, size_t count, int depth) {
  if (count == 0 || depth > MAXIMUM_DEPTH) luaL_error(L, "the saved state is damaged");
  luaL_checkstack(L, 4, "too deep");
  uint32_t size;
  switch (bytes[0]) {
    case 'n': lua_pushnil(L); return 1;
    case 't': lua_pushboolean(L, 1); return 1;
    case 'f': lua_pushboolean(L, 0); return 1;
    case 'i': case 'd': {
      if (count < 9) break;
      int64_t integer;
      double number;
      memcpy(&integer, bytes + 1, 8);
      memcpy(&number, bytes + 1, 8);
      if (bytes[0] == 'i') lua_pushinteger(L, integer);
      else lua_pushnumber(L, number);
      return 9;
    }
    case 's':
      if (count < 5) break;
      memcpy(&size, bytes + 1, 4);
      if (count - 5 < size) break;
      lua_pushlstring(L, (const char *)bytes + 5, size);
      return 5 + (size_t)size;
    case '{': {
      if (count < 5) break;
      memcpy(&size, bytes + 1, 4);
      size_t at = 5;
      lua_newtable(L);
      for (uint32_t i = 0; i < size; i++) {
        at += decode(L, bytes + at, count - at, depth + 1);
        if (lua_type(L, -1) != LUA_TSTRING && !lua_isinteger(L, -1)) luaL_error(L, "the saved state is damaged");
        at += decode(L, bytes + at, count - at, depth + 1);
        lua_rawset(L, -3);
      }
      return at;
    }
  }
  luaL_error(L, "the saved state is damaged");
  return 0;
}

size_t crv_decode_tree(lua_State *L, const uint8_t *bytes, size_t count) { return decode(L, bytes, count, 0); }
