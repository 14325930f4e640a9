// string.pack, packsize and unpack.
#include "library.h"

#include <string.h>

enum { INTEGER_MAX = 16, NATIVE_ALIGNMENT = 8, INTEGER_SIZE = sizeof(lua_Integer) };

typedef enum {
  SIGNED, UNSIGNED, FLOAT, DOUBLE, FIXED, COUNTED, TERMINATED, PADDING, ALIGNMENT, NOTHING
} item_kind;

typedef struct {
  lua_State *L;
  const char *at;        // in the format, which ends with a NUL
  bool little;
  size_t max_alignment;
} format_reader;

typedef struct {
  item_kind kind;
  size_t size;           // bytes, without a counted string's text
  size_t padding;        // bytes before it
} item;

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

// Stops before it could pass CRV_SIZE_LIMIT; what is left of a longer number is then no valid option.
static size_t read_number(format_reader *reader, size_t otherwise) {
  if (!is_digit(*reader->at)) return otherwise;
  size_t value = 0;
  do {
    value = value * 10 + (size_t)(*reader->at++ - '0');
  } while (is_digit(*reader->at) && value <= (CRV_SIZE_LIMIT - 9) / 10);
  return value;
}

static size_t read_integer_size(format_reader *reader, size_t otherwise) {
  size_t size = read_number(reader, otherwise);
  if (size < 1 || size > INTEGER_MAX) {
    luaL_error(reader->L, "integral size (%d) out of limits [1,%d]", (int)size, INTEGER_MAX);
  }
  return size;
}

static item make(item_kind kind, size_t size) { return (item){.kind = kind, .size = size}; }

static item read_option(format_reader *reader) {
  char letter = *reader->at++;
  switch (letter) {
    case 'b': return make(SIGNED, 1);
    case 'B': return make(UNSIGNED, 1);
    case 'h': return make(SIGNED, sizeof(short));
    case 'H': return make(UNSIGNED, sizeof(short));
    case 'i': return make(SIGNED, read_integer_size(reader, sizeof(int)));
    case 'I': return make(UNSIGNED, read_integer_size(reader, sizeof(int)));
    case 'l': return make(SIGNED, sizeof(long));
    case 'L': return make(UNSIGNED, sizeof(long));
    case 'j': return make(SIGNED, INTEGER_SIZE);
    case 'J': return make(UNSIGNED, INTEGER_SIZE);
    case 'T': return make(UNSIGNED, sizeof(size_t));
    case 'f': return make(FLOAT, sizeof(float));
    case 'd': case 'n': return make(DOUBLE, sizeof(double));
    case 's': return make(COUNTED, read_integer_size(reader, sizeof(size_t)));
    case 'c': {
      size_t size = read_number(reader, SIZE_MAX);
      if (size == SIZE_MAX) luaL_error(reader->L, "missing size for format option 'c'");
      return make(FIXED, size);
    }
    case 'z': return make(TERMINATED, 0);
    case 'x': return make(PADDING, 1);
    case 'X': return make(ALIGNMENT, 0);
    case ' ': break;
    case '<': reader->little = true; break;
    case '>': reader->little = false; break;
    case '=': reader->little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__; break;
    case '!': reader->max_alignment = read_integer_size(reader, NATIVE_ALIGNMENT); break;
    default: luaL_error(reader->L, "invalid format option '%c'", letter);
  }
  return make(NOTHING, 0);
}

// The next item, aligned for a place `offset` bytes after the start.
static item read_item(format_reader *reader, size_t offset) {
  crv_charge(reader->L, 2);
  item result = read_option(reader);
  size_t alignment = result.size;
  if (result.kind == ALIGNMENT) {
    item next = make(FIXED, 0);
    if (*reader->at) next = read_option(reader);
    alignment = next.size;
    bool aligns = next.kind != FIXED && alignment > 0;
    luaL_argcheck(reader->L, aligns, 1, "invalid next option for option 'X'");
  }
  if (alignment <= 1 || result.kind == FIXED) return result;
  if (alignment > reader->max_alignment) alignment = reader->max_alignment;
  if (alignment & (alignment - 1)) luaL_argerror(reader->L, 1, "format asks for alignment not power of 2");
  result.padding = (alignment - (offset & (alignment - 1))) & (alignment - 1);
  return result;
}

static format_reader begin(lua_State *L) {
  return (format_reader){
    .L = L, .at = luaL_checkstring(L, 1), .little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    .max_alignment = 1,
  };
}

// MARK: Writing

static void add_zeros(lua_State *L, luaL_Buffer *buffer, size_t count) {
  crv_charge_bytes(L, count);
  memset(luaL_prepbuffsize(buffer, count), 0, count);
  luaL_addsize(buffer, count);
}

static void add_integer(luaL_Buffer *buffer, lua_Unsigned value, bool little, size_t size, bool negative) {
  char *bytes = luaL_prepbuffsize(buffer, INTEGER_MAX);
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = i < INTEGER_SIZE ? (unsigned char)(value >> (8 * i)) : negative ? 0xff : 0;
    bytes[little ? i : size - 1 - i] = (char)byte;
  }
  luaL_addsize(buffer, size);
}

// Copies a number's bytes, turned round when the order is not the machine's.
static void copy_ordered(char *to, const char *from, size_t size, bool little) {
  bool native = little == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  for (size_t i = 0; i < size; i++) to[i] = from[native ? i : size - 1 - i];
}

static void add_signed(lua_State *L, luaL_Buffer *buffer, const item *it, bool little, int argument) {
  lua_Integer value = luaL_checkinteger(L, argument);
  if (it->size < INTEGER_SIZE) {
    lua_Integer limit = (lua_Integer)1 << (it->size * 8 - 1);
    luaL_argcheck(L, -limit <= value && value < limit, argument, "integer overflow");
  }
  add_integer(buffer, (lua_Unsigned)value, little, it->size, value < 0);
}

static void add_unsigned(lua_State *L, luaL_Buffer *buffer, const item *it, bool little, int argument) {
  lua_Unsigned value = (lua_Unsigned)luaL_checkinteger(L, argument);
  bool fits = it->size >= INTEGER_SIZE || value < (lua_Unsigned)1 << (it->size * 8);
  luaL_argcheck(L, fits, argument, "unsigned overflow");
  add_integer(buffer, value, little, it->size, false);
}

static void add_float(lua_State *L, luaL_Buffer *buffer, const item *it, bool little, int argument) {
  double wide = luaL_checknumber(L, argument);
  float narrow = (float)wide;
  const char *bytes = it->kind == FLOAT ? (const char *)&narrow : (const char *)&wide;
  copy_ordered(luaL_prepbuffsize(buffer, it->size), bytes, it->size, little);
  luaL_addsize(buffer, it->size);
}

// Returns how many bytes the string adds beyond the item's own size.
static size_t add_string(lua_State *L, luaL_Buffer *buffer, const item *it, bool little, int argument) {
  size_t count;
  const char *text = luaL_checklstring(L, argument, &count);
  crv_charge_bytes(L, count);
  if (it->kind == FIXED) {
    luaL_argcheck(L, count <= it->size, argument, "string longer than given size");
    luaL_addlstring(buffer, text, count);
    add_zeros(L, buffer, it->size - count);
    return 0;
  }
  if (it->kind == COUNTED) {
    bool fits = it->size >= sizeof(size_t) || count < (size_t)1 << (it->size * 8);
    luaL_argcheck(L, fits, argument, "string length does not fit in given size");
    add_integer(buffer, count, little, it->size, false);
    luaL_addlstring(buffer, text, count);
    return count;
  }
  luaL_argcheck(L, strlen(text) == count, argument, "string contains zeros");
  luaL_addlstring(buffer, text, count);
  luaL_addchar(buffer, '\0');
  return count + 1;
}

int crv_string_pack(lua_State *L) {
  format_reader reader = begin(L);
  luaL_Buffer buffer;
  int argument = 1;
  size_t total = 0;
  lua_pushnil(L);   // marks the end of the arguments: the buffer may use the stack above it
  luaL_buffinit(L, &buffer);
  while (*reader.at) {
    item it = read_item(&reader, total);
    total += it.padding + it.size;
    add_zeros(L, &buffer, it.padding);
    switch (it.kind) {
      case SIGNED: add_signed(L, &buffer, &it, reader.little, ++argument); break;
      case UNSIGNED: add_unsigned(L, &buffer, &it, reader.little, ++argument); break;
      case FLOAT: case DOUBLE: add_float(L, &buffer, &it, reader.little, ++argument); break;
      case FIXED: case COUNTED: case TERMINATED:
        total += add_string(L, &buffer, &it, reader.little, ++argument);
        break;
      case PADDING: luaL_addchar(&buffer, '\0'); break;
      case ALIGNMENT: case NOTHING: break;
    }
  }
  luaL_pushresult(&buffer);
  return 1;
}

int crv_string_packsize(lua_State *L) {
  format_reader reader = begin(L);
  size_t total = 0;
  while (*reader.at) {
    item it = read_item(&reader, total);
    luaL_argcheck(L, it.kind != COUNTED && it.kind != TERMINATED, 1, "variable-length format");
    size_t size = it.size + it.padding;
    luaL_argcheck(L, total <= CRV_SIZE_LIMIT - size, 1, "format result too large");
    total += size;
  }
  lua_pushinteger(L, (lua_Integer)total);
  return 1;
}

// MARK: Reading

static lua_Integer read_integer(lua_State *L, const char *bytes, bool little, size_t size, bool is_signed) {
  lua_Unsigned value = 0;
  size_t used = size < INTEGER_SIZE ? size : INTEGER_SIZE;
  for (size_t i = used; i-- > 0;) {
    value = value << 8 | (unsigned char)bytes[little ? i : size - 1 - i];
  }
  if (size < INTEGER_SIZE && is_signed) {
    lua_Unsigned sign = (lua_Unsigned)1 << (size * 8 - 1);
    value = (value ^ sign) - sign;
  }
  // A wider number must say no more than its low bytes do.
  unsigned char filler = is_signed && (lua_Integer)value < 0 ? 0xff : 0;
  for (size_t i = used; i < size; i++) {
    if ((unsigned char)bytes[little ? i : size - 1 - i] != filler) {
      luaL_error(L, "%d-byte integer does not fit into Lua Integer", (int)size);
    }
  }
  return (lua_Integer)value;
}

static void push_float(lua_State *L, const item *it, const char *bytes, bool little) {
  float narrow;
  double wide;
  if (it->kind == FLOAT) {
    copy_ordered((char *)&narrow, bytes, sizeof narrow, little);
    wide = narrow;
  } else {
    copy_ordered((char *)&wide, bytes, sizeof wide, little);
  }
  lua_pushnumber(L, wide);
}

// Pushes a string whose item begins at data[at]; returns how far it reaches beyond the item's size.
static size_t push_string(lua_State *L, const item *it, const char *data, size_t at, size_t count,
                          bool little) {
  const char *text = data + at;
  size_t size = it->size, beyond = 0;
  if (it->kind == COUNTED) {
    size = (size_t)read_integer(L, text, little, it->size, false);
    luaL_argcheck(L, size <= count - at - it->size, 2, "data string too short");
    text += it->size;
    beyond = size;
  } else if (it->kind == TERMINATED) {
    const char *end = memchr(text, '\0', count - at);
    luaL_argcheck(L, end != NULL, 2, "unfinished string for format 'z'");
    size = (size_t)(end - text);
    beyond = size + 1;
  }
  crv_charge_bytes(L, size);
  lua_pushlstring(L, text, size);
  return beyond;
}

int crv_string_unpack(lua_State *L) {
  format_reader reader = begin(L);
  size_t count;
  const char *data = luaL_checklstring(L, 2, &count);
  size_t at = crv_range_start(luaL_optinteger(L, 3, 1), count) - 1;
  int results = 0;
  luaL_argcheck(L, at <= count, 3, "initial position out of string");
  while (*reader.at) {
    item it = read_item(&reader, at);
    luaL_argcheck(L, it.padding + it.size <= count - at, 2, "data string too short");
    at += it.padding;
    if (results >= CRV_RESULT_LIMIT) return luaL_error(L, "too many results");
    luaL_checkstack(L, 2, "too many results");
    results++;
    switch (it.kind) {
      case SIGNED: case UNSIGNED:
        lua_pushinteger(L, read_integer(L, data + at, reader.little, it.size, it.kind == SIGNED));
        break;
      case FLOAT: case DOUBLE: push_float(L, &it, data + at, reader.little); break;
      case FIXED: case COUNTED: case TERMINATED:
        at += push_string(L, &it, data, at, count, reader.little);
        break;
      case PADDING: case ALIGNMENT: case NOTHING: results--; break;
    }
    at += it.size;
  }
  lua_pushinteger(L, (lua_Integer)at + 1);
  return results + 1;
}
