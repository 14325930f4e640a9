// string.format.
#include "library.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Room for the longest number: %99.99f of the largest double has 309 digits, a dot, 99 more and a sign.
enum { NUMBER_ROOM = 512, SPEC_MAX = 22 };

typedef struct {
  char text[SPEC_MAX + 8];   // as printf wants it, with room for a length modifier
  int width, precision;      // precision -1: none given
  bool left;
  char conversion;
} specification;

// Two digits at most; the place after them.
static const char *read_digits(const char *at, int *value) {
  *value = 0;
  for (int i = 0; i < 2 && isdigit((unsigned char)*at); i++) *value = *value * 10 + (*at++ - '0');
  return at;
}

// Splits what stands after '%' into flags, width, precision and the letter, and refuses what the letter
// does not allow. `from` is at the first byte after '%', `letter` at the conversion.
static void check_specification(lua_State *L, specification *spec, const char *flags, bool precision) {
  const char *at = spec->text + 1;
  spec->left = false;
  spec->width = 0;
  spec->precision = -1;
  for (; *at && strchr(flags, *at); at++) spec->left |= *at == '-';
  if (*at != '0') {
    at = read_digits(at, &spec->width);
    if (*at == '.' && precision) at = read_digits(at + 1, &spec->precision);
  }
  if (!isalpha((unsigned char)*at)) {
    luaL_error(L, "invalid conversion '%s' to 'format'", spec->text);
  }
}

// Copies a specification that begins at '%'; returns the place after its letter.
static const char *read_specification(lua_State *L, specification *spec, const char *from) {
  size_t count = 1 + strspn(from + 1, "-+#0 .123456789") + 1;
  if (count > SPEC_MAX + 1) luaL_error(L, "invalid format string to 'format'");
  memcpy(spec->text, from, count);
  spec->text[count] = '\0';
  spec->conversion = spec->text[count - 1];
  return from + count;
}

// Puts the length modifier of a lua_Integer before the letter.
static void lengthen(specification *spec) {
  size_t count = strlen(spec->text);
  memcpy(spec->text + count - 1, "ll", 2);
  spec->text[count + 1] = spec->conversion;
  spec->text[count + 2] = '\0';
}

// MARK: Conversions

static void add_integer(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  const char *flags = strchr("di", spec->conversion) ? "-+0 " : spec->conversion == 'u' ? "-0" : "-#0";
  lua_Integer value = luaL_checkinteger(L, argument);
  check_specification(L, spec, flags, true);
  lengthen(spec);
  char *room = luaL_prepbuffsize(buffer, NUMBER_ROOM);
  int wrote = snprintf(room, NUMBER_ROOM, spec->text, (long long)value);
  luaL_addsize(buffer, (size_t)wrote);
}

static void add_float(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  lua_Number value = luaL_checknumber(L, argument);
  check_specification(L, spec, "-+#0 ", true);
  // A large value printed with %f, or many digits, is arithmetic on hundreds of digits.
  crv_charge(L, spec->precision > 16 || fabs(value) > 1e20 ? 1024 : 64);
  char *room = luaL_prepbuffsize(buffer, NUMBER_ROOM);
  int wrote = snprintf(room, NUMBER_ROOM, spec->text, value);
  luaL_addsize(buffer, (size_t)wrote);
}

static void add_character(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  int value = (int)luaL_checkinteger(L, argument);
  check_specification(L, spec, "-", false);
  char *room = luaL_prepbuffsize(buffer, NUMBER_ROOM);
  int wrote = snprintf(room, NUMBER_ROOM, spec->text, value);
  luaL_addsize(buffer, (size_t)wrote);
}

static void add_spaces(luaL_Buffer *buffer, size_t count) {
  memset(luaL_prepbuffsize(buffer, count), ' ', count);
  luaL_addsize(buffer, count);
}

static void add_string(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  size_t count;
  const char *text = crv_tolstring(L, argument, &count);
  crv_charge_bytes(L, count);
  if (spec->text[2] == '\0') {
    luaL_addvalue(buffer);
    return;
  }
  luaL_argcheck(L, count == strlen(text), argument, "string contains zeros");
  check_specification(L, spec, "-", true);
  if (spec->precision >= 0 && count > (size_t)spec->precision) count = (size_t)spec->precision;
  size_t blanks = (size_t)spec->width > count ? (size_t)spec->width - count : 0;
  // The text stays below the buffer on the stack, where nothing can collect it.
  lua_replace(L, argument);
  if (!spec->left) add_spaces(buffer, blanks);
  luaL_addlstring(buffer, text, count);
  if (spec->left) add_spaces(buffer, blanks);
}

static void add_quoted_text(luaL_Buffer *buffer, const char *text, size_t count) {
  luaL_addchar(buffer, '"');
  for (size_t i = 0; i < count; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte == '"' || byte == '\\' || byte == '\n') {
      luaL_addchar(buffer, '\\');
      luaL_addchar(buffer, (char)byte);
    } else if (iscntrl(byte)) {
      // Three digits when a digit follows, which would otherwise be read as part of the number.
      bool digit = i + 1 < count && isdigit((unsigned char)text[i + 1]);
      luaL_addchar(buffer, '\\');
      if (digit || byte >= 100) luaL_addchar(buffer, (char)('0' + byte / 100));
      if (digit || byte >= 10) luaL_addchar(buffer, (char)('0' + byte / 10 % 10));
      luaL_addchar(buffer, (char)('0' + byte % 10));
    } else {
      luaL_addchar(buffer, (char)byte);
    }
  }
  luaL_addchar(buffer, '"');
}

// A number as a literal that reads back as exactly the same number.
static void add_quoted_number(lua_State *L, luaL_Buffer *buffer, int argument) {
  char text[64];
  if (lua_isinteger(L, argument)) {
    lua_Integer value = lua_tointeger(L, argument);
    snprintf(text, sizeof text, value == LUA_MININTEGER ? "0x%llx" : "%lld", (long long)value);
  } else {
    lua_Number value = lua_tonumber(L, argument);
    if (isinf(value)) {
      snprintf(text, sizeof text, value > 0 ? "1e9999" : "-1e9999");
    } else if (isnan(value)) {
      snprintf(text, sizeof text, "(0/0)");
    } else {
      snprintf(text, sizeof text, "%a", value);
    }
  }
  luaL_addstring(buffer, text);
}

static void add_quoted(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  if (spec->text[2] != '\0') luaL_error(L, "specifier '%%q' cannot have modifiers");
  switch (lua_type(L, argument)) {
    case LUA_TSTRING: {
      size_t count;
      const char *text = lua_tolstring(L, argument, &count);
      crv_charge(L, count + 1);
      add_quoted_text(buffer, text, count);
      break;
    }
    case LUA_TNUMBER: add_quoted_number(L, buffer, argument); break;
    case LUA_TNIL: luaL_addstring(buffer, "nil"); break;
    case LUA_TBOOLEAN: luaL_addstring(buffer, lua_toboolean(L, argument) ? "true" : "false"); break;
    default: luaL_argerror(L, argument, "value has no literal form");
  }
}

// MARK: The function

static void add_conversion(lua_State *L, luaL_Buffer *buffer, specification *spec, int argument) {
  switch (spec->conversion) {
    case 'c': add_character(L, buffer, spec, argument); break;
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
      add_integer(L, buffer, spec, argument);
      break;
    case 'a': case 'A': case 'e': case 'E': case 'f': case 'g': case 'G':
      add_float(L, buffer, spec, argument);
      break;
    case 'q': add_quoted(L, buffer, spec, argument); break;
    case 's': add_string(L, buffer, spec, argument); break;
    case 'p': luaL_error(L, "invalid conversion '%%p' to 'format': a rule sees no addresses"); break;
    default: luaL_error(L, "invalid conversion '%s' to 'format'", spec->text);
  }
}

int crv_string_format(lua_State *L) {
  int top = lua_gettop(L), argument = 1;
  size_t count;
  const char *at = luaL_checklstring(L, 1, &count);
  const char *end = at + count;
  crv_charge_bytes(L, count);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  while (at < end) {
    const char *percent = memchr(at, '%', (size_t)(end - at));
    if (!percent) percent = end;
    luaL_addlstring(&buffer, at, (size_t)(percent - at));
    if (percent == end) break;
    if (percent[1] == '%') {
      crv_charge(L, 1);
      luaL_addchar(&buffer, '%');
      at = percent + 2;
      continue;
    }
    specification spec;
    crv_charge(L, 8);
    if (++argument > top) return luaL_argerror(L, argument, "no value");
    at = read_specification(L, &spec, percent);
    add_conversion(L, &buffer, &spec, argument);
  }
  luaL_pushresult(&buffer);
  return 1;
}
