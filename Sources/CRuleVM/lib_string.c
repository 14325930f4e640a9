// The plain functions of `string`, and the list of all of them.
#include "library.h"

#include <string.h>

static int string_len(lua_State *L) {
  size_t count;
  luaL_checklstring(L, 1, &count);
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

static int string_sub(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  size_t first = crv_range_start(luaL_checkinteger(L, 2), count);
  size_t last = crv_range_end(luaL_optinteger(L, 3, -1), count);
  if (first > last) {
    lua_pushliteral(L, "");
    return 1;
  }
  crv_charge_bytes(L, last - first);
  lua_pushlstring(L, text + first - 1, last - first + 1);
  return 1;
}

static int string_byte(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  lua_Integer position = luaL_optinteger(L, 2, 1);
  size_t first = crv_range_start(position, count);
  size_t last = crv_range_end(luaL_optinteger(L, 3, position), count);
  if (first > last) return 0;
  size_t results = last - first + 1;
  if (results > CRV_RESULT_LIMIT) return luaL_error(L, "string slice too long");
  crv_charge(L, results / 4 + 1);
  luaL_checkstack(L, (int)results, "string slice too long");
  for (size_t i = 0; i < results; i++) lua_pushinteger(L, (unsigned char)text[first - 1 + i]);
  return (int)results;
}

static int string_char(lua_State *L) {
  int count = lua_gettop(L);
  crv_charge(L, (uint64_t)count / 4 + 1);
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, (size_t)count);
  for (int i = 1; i <= count; i++) {
    lua_Integer value = luaL_checkinteger(L, i);
    luaL_argcheck(L, value >= 0 && value <= 255, i, "value out of range");
    bytes[i - 1] = (char)value;
  }
  luaL_pushresultsize(&buffer, (size_t)count);
  return 1;
}

static char lower_byte(char byte) { return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte; }

static char upper_byte(char byte) { return byte >= 'a' && byte <= 'z' ? byte - 32 : byte; }

static int string_lower(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  crv_charge_bytes(L, count);
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, count);
  for (size_t i = 0; i < count; i++) bytes[i] = lower_byte(text[i]);
  luaL_pushresultsize(&buffer, count);
  return 1;
}

static int string_upper(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  crv_charge_bytes(L, count);
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, count);
  for (size_t i = 0; i < count; i++) bytes[i] = upper_byte(text[i]);
  luaL_pushresultsize(&buffer, count);
  return 1;
}

static int string_reverse(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  crv_charge_bytes(L, count);
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, count);
  for (size_t i = 0; i < count; i++) bytes[i] = text[count - 1 - i];
  luaL_pushresultsize(&buffer, count);
  return 1;
}

// Fills `total` bytes with one unit over and over, in copies that double.
static void fill_repeating(char *bytes, size_t unit, size_t total) {
  size_t filled = unit;
  while (filled < total) {
    size_t next = filled < total - filled ? filled : total - filled;
    memcpy(bytes + filled, bytes, next);
    filled += next;
  }
}

static int string_rep(lua_State *L) {
  size_t count, gap;
  const char *text = luaL_checklstring(L, 1, &count);
  lua_Integer times = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &gap);
  if (times <= 0 || count + gap == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  size_t unit = count + gap;
  if (unit > CRV_SIZE_LIMIT / (size_t)times) return luaL_error(L, "resulting string too large");
  size_t total = unit * (size_t)times - gap;
  if (total > crv_self(L)->limits.allocation_limit) {
    return crv_limit_error(L, "string.rep would give more bytes than a single allocation may have");
  }
  crv_charge_bytes(L, total);
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, total);
  memcpy(bytes, text, count);
  if (times > 1) {
    memcpy(bytes + count, separator, gap);
    fill_repeating(bytes, unit, total);
  }
  luaL_pushresultsize(&buffer, total);
  return 1;
}

int crv_open_string(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"byte", string_byte}, {"char", string_char}, {"find", crv_string_find},
    {"format", crv_string_format}, {"gmatch", crv_string_gmatch}, {"gsub", crv_string_gsub},
    {"len", string_len}, {"lower", string_lower}, {"match", crv_string_match},
    {"pack", crv_string_pack}, {"packsize", crv_string_packsize}, {"rep", string_rep},
    {"reverse", string_reverse}, {"sub", string_sub}, {"unpack", crv_string_unpack},
    {"upper", string_upper}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
