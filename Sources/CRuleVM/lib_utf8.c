// The functions of `utf8`.
#include "library.h"

enum { UNICODE_MAX = 0x10ffff, ENCODED_MAX = 6 };

static const uint32_t code_max = 0x7fffffff;   // what six bytes can carry, as in the first UTF-8

// Strings end with a NUL, which is no continuation: one byte past the end may be looked at.
static bool is_continuation(const char *at) { return ((unsigned char)*at & 0xc0) == 0x80; }

// Reads one code; returns the place after it, or NULL for what is not UTF-8. Strict also refuses
// surrogates and codes past U+10FFFF.
static const char *decode(const char *at, uint32_t *code, bool strict) {
  static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
  unsigned char first = (unsigned char)*at;
  if (first < 0x80) {
    *code = first;
    return at + 1;
  }
  int ones = __builtin_clz((unsigned)(unsigned char)~first | 1u) - 24;
  int more = ones - 1;   // bytes that follow
  if (more < 1 || more > 5) return NULL;
  uint32_t value = first & (0x3fu >> more);
  for (int i = 1; i <= more; i++) {
    if (!is_continuation(at + i)) return NULL;
    value = value << 6 | ((unsigned char)at[i] & 0x3f);
  }
  if (value < smallest[more]) return NULL;
  if (strict && (value > UNICODE_MAX || (value >= 0xd800 && value <= 0xdfff))) return NULL;
  *code = value;
  return at + more + 1;
}

static size_t encode(uint32_t code, char *bytes) {
  if (code < 0x80) {
    bytes[0] = (char)code;
    return 1;
  }
  size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : code < 0x200000 ? 3 : code < 0x4000000 ? 4 : 5;
  for (size_t i = more; i > 0; i--) {
    bytes[i] = (char)(0x80 | (code & 0x3f));
    code >>= 6;
  }
  bytes[0] = (char)((0xff00u >> (more + 1) & 0xff) | code);
  return more + 1;
}

// Negative positions count from the end; 0 for what lies before the string.
static lua_Integer place(lua_Integer position, size_t count) {
  if (position >= 0) return position;
  return position < -(lua_Integer)count ? 0 : (lua_Integer)count + position + 1;
}

static int utf8_len(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  lua_Integer from = place(luaL_optinteger(L, 2, 1), count);
  lua_Integer to = place(luaL_optinteger(L, 3, -1), count);
  bool strict = !lua_toboolean(L, 4);
  luaL_argcheck(L, from >= 1 && from <= (lua_Integer)count + 1, 2, "initial position out of bounds");
  luaL_argcheck(L, to <= (lua_Integer)count, 3, "final position out of bounds");
  if (to >= from) crv_charge(L, (uint64_t)(to - from) / 2 + 1);
  const char *at = text + from - 1, *last = text + to;
  lua_Integer length = 0;
  while (at < last) {
    uint32_t code;
    const char *next = decode(at, &code, strict);
    if (!next) {
      lua_pushnil(L);
      lua_pushinteger(L, at - text + 1);
      return 2;
    }
    at = next;
    length++;
  }
  lua_pushinteger(L, length);
  return 1;
}

static int utf8_codepoint(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  lua_Integer from = place(luaL_optinteger(L, 2, 1), count);
  lua_Integer to = place(luaL_optinteger(L, 3, from), count);
  bool strict = !lua_toboolean(L, 4);
  luaL_argcheck(L, from >= 1, 2, "out of bounds");
  luaL_argcheck(L, to <= (lua_Integer)count, 3, "out of bounds");
  if (from > to) return 0;
  if (to - from >= CRV_RESULT_LIMIT) return luaL_error(L, "string slice too long");
  crv_charge(L, (uint64_t)(to - from) + 1);
  luaL_checkstack(L, (int)(to - from) + 1, "string slice too long");
  const char *at = text + from - 1, *last = text + to;
  int results = 0;
  while (at < last) {
    uint32_t code;
    at = decode(at, &code, strict);
    if (!at) return luaL_error(L, "invalid UTF-8 code");
    lua_pushinteger(L, code);
    results++;
  }
  return results;
}

static int utf8_char(lua_State *L) {
  int count = lua_gettop(L);
  crv_charge(L, (uint64_t)count + 1);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (int i = 1; i <= count; i++) {
    lua_Unsigned code = (lua_Unsigned)luaL_checkinteger(L, i);
    luaL_argcheck(L, code <= code_max, i, "value out of range");
    luaL_addsize(&buffer, encode((uint32_t)code, luaL_prepbuffsize(&buffer, ENCODED_MAX)));
  }
  luaL_pushresult(&buffer);
  return 1;
}

static int utf8_offset(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_Integer count = (lua_Integer)size, steps = luaL_checkinteger(L, 2);
  lua_Integer at = place(luaL_optinteger(L, 3, steps >= 0 ? 1 : count + 1), size) - 1;
  luaL_argcheck(L, at >= 0 && at <= count, 3, "position out of bounds");
  lua_Integer began = at;
  if (steps == 0) {
    while (at > 0 && is_continuation(text + at)) at--;
  } else {
    if (is_continuation(text + at)) return luaL_error(L, "initial position is a continuation byte");
    for (; steps < 0 && at > 0; steps++) {
      do at--;
      while (at > 0 && is_continuation(text + at));
    }
    for (; steps > 1 && at < count; steps--) {
      do at++;
      while (is_continuation(text + at));
    }
    if (steps == 1) steps = 0;
  }
  crv_charge(L, (uint64_t)(at > began ? at - began : began - at) / 2 + 1);
  if (steps == 0) {
    lua_pushinteger(L, at + 1);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static int next_code(lua_State *L, bool strict) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_Unsigned began = (lua_Unsigned)lua_tointeger(L, 2), at = began;
  if (at > 0) {
    while (at < size && is_continuation(text + at)) at++;
  }
  crv_charge(L, (at - began) / 2 + 1);
  if (at >= size) return 0;
  uint32_t code;
  const char *next = decode(text + at, &code, strict);
  if (!next || is_continuation(next)) return luaL_error(L, "invalid UTF-8 code");
  lua_pushinteger(L, (lua_Integer)at + 1);
  lua_pushinteger(L, code);
  return 2;
}

static int next_strict(lua_State *L) { return next_code(L, true); }

static int next_lax(lua_State *L) { return next_code(L, false); }

static int utf8_codes(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  luaL_argcheck(L, !is_continuation(text), 1, "invalid UTF-8 code");
  lua_pushcfunction(L, lua_toboolean(L, 2) ? next_lax : next_strict);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

int crv_open_utf8(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"char", utf8_char}, {"codepoint", utf8_codepoint}, {"codes", utf8_codes}, {"len", utf8_len},
    {"offset", utf8_offset}, {NULL, NULL},
  };
  static const char pattern[] = "[\0-\x7F\xC2-\xFD][\x80-\xBF]*";
  luaL_newlib(L, functions);
  lua_pushlstring(L, pattern, sizeof pattern - 1);
  lua_setfield(L, -2, "charpattern");
  return 1;
}
