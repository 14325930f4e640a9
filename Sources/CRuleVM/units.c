// Money, sizes, durations and addresses: from what people write to exact integers, and back.
#include "vm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Reads decimal text times `scale` (a power of ten); false when it is malformed, finer than a unit or too big.
static bool parse_scaled(const char *text, size_t count, int64_t scale, int64_t *out) {
  size_t at = 0;
  bool negative = count > 0 && text[0] == '-';
  bool point = false, digits = false;
  int64_t value = 0;
  for (at = negative; at < count; at++) {
    if (text[at] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') return false;
    digits = true;
    if (point && scale == 1) {
      if (text[at] != '0') return false;
      continue;
    }
    if (point) scale /= 10;
    if (__builtin_mul_overflow(value, 10, &value)) return false;
    if (__builtin_add_overflow(value, text[at] - '0', &value)) return false;
  }
  if (!digits || __builtin_mul_overflow(value, scale, &value)) return false;
  *out = negative ? -value : value;
  return true;
}

// The number at `index` times `scale`, exact: an integer, a float that is within half a unit, or decimal text.
int64_t crv_check_micros(lua_State *L, int index, int64_t scale) {
  int64_t result = 0;
  if (lua_isinteger(L, index)) {
    if (!__builtin_mul_overflow((int64_t)lua_tointeger(L, index), scale, &result)) return result;
    luaL_argerror(L, index, "the amount is too big");
  }
  if (lua_type(L, index) == LUA_TNUMBER) {
    double scaled = lua_tonumber(L, index) * (double)scale;
    if (!(fabs(scaled) < 9.2e18)) luaL_argerror(L, index, "the amount is not finite or too big");
    return (int64_t)nearbyint(scaled);
  }
  if (lua_type(L, index) == LUA_TSTRING) {
    size_t count;
    const char *text = lua_tolstring(L, index, &count);
    if (parse_scaled(text, count, scale, &result)) return result;
  }
  luaL_argerror(L, index, "a number, or decimal text with at most six places, is expected");
  return 0;
}

int crv_usd(lua_State *L) { return lua_pushinteger(L, crv_check_micros(L, 1, 1000000)), 1; }
int crv_cents(lua_State *L) { return lua_pushinteger(L, crv_check_micros(L, 1, 10000)), 1; }
int crv_shares(lua_State *L) { return lua_pushinteger(L, crv_check_micros(L, 1, 1000000)), 1; }

int crv_parse_duration(const char *text, size_t count, int64_t *milliseconds) {
  int64_t total = 0;
  size_t at = 0;
  if (count == 0) return 0;
  while (at < count) {
    int64_t value = 0, unit;
    size_t first = at;
    while (at < count && text[at] >= '0' && text[at] <= '9') {
      if (__builtin_mul_overflow(value, 10, &value)) return 0;
      if (__builtin_add_overflow(value, text[at++] - '0', &value)) return 0;
    }
    if (at == first || at == count) return 0;
    if (text[at] == 'm' && at + 1 < count && text[at + 1] == 's') unit = 1, at += 2;
    else if (text[at] == 's') unit = 1000, at++;
    else if (text[at] == 'm') unit = 60 * 1000, at++;
    else if (text[at] == 'h') unit = 60 * 60 * 1000, at++;
    else if (text[at] == 'd') unit = 24 * 60 * 60 * 1000, at++;
    else return 0;
    if (__builtin_mul_overflow(value, unit, &value)) return 0;
    if (__builtin_add_overflow(total, value, &total)) return 0;
  }
  *milliseconds = total;
  return 1;
}

int crv_duration(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  int64_t result = 0;
  if (lua_type(L, 1) != LUA_TSTRING || !crv_parse_duration(text, count, &result)) {
    return luaL_argerror(L, 1, "a duration such as \"30s\", \"10m\", \"1h30m\" or \"7d\" is expected");
  }
  lua_pushinteger(L, result);
  return 1;
}

static int64_t rounded_argument(lua_State *L) {
  if (lua_isinteger(L, 1)) return lua_tointeger(L, 1);
  double value = luaL_checknumber(L, 1);
  if (!(fabs(value) < 9.2e18)) luaL_argerror(L, 1, "the amount is not finite or too big");
  return (int64_t)nearbyint(value);
}

// Writes digits with a comma every three.
static int grouped(char *out, size_t size, uint64_t value) {
  char digits[32], text[48];
  int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value), wrote = 0;
  for (int i = 0; i < count; i++) {
    if (i && (count - i) % 3 == 0) text[wrote++] = ',';
    text[wrote++] = digits[i];
  }
  text[wrote] = '\0';
  return snprintf(out, size, "%s", text);
}

// value / unit, rounded half to even.
static uint64_t divide_half_even(uint64_t value, uint64_t unit) {
  uint64_t quotient = value / unit, rest = value % unit;
  return quotient + (rest * 2 > unit || (rest * 2 == unit && (quotient & 1)));
}

static uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

int crv_fmt_usd(lua_State *L) {
  int64_t value = rounded_argument(L);
  uint64_t cents = divide_half_even(magnitude(value), 10000);
  char whole[48], text[80];
  grouped(whole, sizeof whole, cents / 100);
  snprintf(text, sizeof text, "%s$%s.%02llu", value < 0 && cents ? "-" : "", whole, (unsigned long long)(cents % 100));
  lua_pushstring(L, text);
  return 1;
}

// Writes `part` of `places` digits behind a point, without trailing zeros.
static void append_fraction(char *text, size_t size, uint64_t part, int places) {
  if (part == 0) return;
  size_t used = strlen(text);
  snprintf(text + used, size - used, ".%0*llu", places, (unsigned long long)part);
  for (size_t end = strlen(text); text[end - 1] == '0'; end--) text[end - 1] = '\0';
}

static int push_trimmed(lua_State *L, uint64_t unit, int places, const char *suffix) {
  int64_t value = rounded_argument(L);
  char whole[48], text[112];
  grouped(whole, sizeof whole, magnitude(value) / unit);
  snprintf(text, sizeof text - 8, "%s%s", value < 0 ? "-" : "", whole);
  append_fraction(text, sizeof text - 8, magnitude(value) % unit, places);
  lua_pushfstring(L, "%s%s", text, suffix);
  return 1;
}

int crv_fmt_cents(lua_State *L) { return push_trimmed(L, 10000, 4, "\xC2\xA2"); }
int crv_fmt_shares(lua_State *L) { return push_trimmed(L, 1000000, 6, ""); }

// "0x6031b6ee…f96d": the first six and the last four characters.
int crv_short(lua_State *L) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  if (count <= 12) {
    lua_pushvalue(L, 1);
    return 1;
  }
  char shortened[16];
  memcpy(shortened, text, 6);
  memcpy(shortened + 6, "\xE2\x80\xA6", 3);
  memcpy(shortened + 9, text + count - 4, 4);
  lua_pushlstring(L, shortened, 13);
  return 1;
}
