// Canonical JSON back into Lua values: only what encode.c wrote comes here, so that it is short and strict.
#include "vm.h"

#include <stdlib.h>
#include <string.h>

enum { MAXIMUM_DEPTH = 80 };

typedef struct { lua_State *L; const char *at, *end; } reader;

static void value(reader *r, int depth);

static int damaged(reader *r) { return luaL_error(r->L, "the data of a signal is damaged"); }

static char next(reader *r) {
  if (r->at == r->end) damaged(r);
  return *r->at++;
}

static void expect(reader *r, const char *word) {
  size_t count = strlen(word);
  if ((size_t)(r->end - r->at) < count || memcmp(r->at, word, count) != 0) damaged(r);
  r->at += count;
}

static unsigned hex(reader *r) {
  unsigned result = 0;
  for (int i = 0; i < 4; i++) {
    char digit = next(r);
    unsigned low = digit >= '0' && digit <= '9' ? (unsigned)(digit - '0') : (unsigned)((digit | 32) - 'a') + 10;
    if (low > 15) damaged(r);
    result = result * 16 + low;
  }
  return result;
}

// What follows the opening quote. Only control characters are escaped by number.
static void text(reader *r) {
  luaL_Buffer buffer;
  luaL_buffinit(r->L, &buffer);
  for (char byte; (byte = next(r)) != '"'; ) {
    if (byte != '\\') {
      luaL_addchar(&buffer, byte);
      continue;
    }
    byte = next(r);
    switch (byte) {
    case 'n': luaL_addchar(&buffer, '\n'); break;
    case 't': luaL_addchar(&buffer, '\t'); break;
    case 'r': luaL_addchar(&buffer, '\r'); break;
    case 'b': luaL_addchar(&buffer, '\b'); break;
    case 'f': luaL_addchar(&buffer, '\f'); break;
    case 'u': luaL_addchar(&buffer, (char)(hex(r) & 0x7F)); break;
    default: luaL_addchar(&buffer, byte);
    }
  }
  luaL_pushresult(&buffer);
}

static void number(reader *r) {
  char digits[64];
  size_t count = 0;
  while (r->at < r->end && strchr("+-0123456789.eE", *r->at) && *r->at && count + 1 < sizeof digits) digits[count++] = *r->at++;
  digits[count] = '\0';
  if (lua_stringtonumber(r->L, digits) != count + 1) damaged(r);
}

static void list(reader *r, int depth) {
  lua_newtable(r->L);
  if (r->at < r->end && *r->at == ']') { r->at++; return; }
  for (lua_Integer place = 1;; place++) {
    value(r, depth + 1);
    lua_rawseti(r->L, -2, place);
    char byte = next(r);
    if (byte == ']') return;
    if (byte != ',') damaged(r);
  }
}

static void object(reader *r, int depth) {
  lua_newtable(r->L);
  if (r->at < r->end && *r->at == '}') { r->at++; return; }
  for (;;) {
    expect(r, "\"");
    text(r);
    expect(r, ":");
    value(r, depth + 1);
    lua_rawset(r->L, -3);
    char byte = next(r);
    if (byte == '}') return;
    if (byte != ',') damaged(r);
  }
}

static void value(reader *r, int depth) {
  if (depth > MAXIMUM_DEPTH) damaged(r);
  luaL_checkstack(r->L, 4, "the data of a signal");
  char byte = next(r);
  switch (byte) {
  case '{': object(r, depth); return;
  case '[': list(r, depth); return;
  case '"': text(r); return;
  case 't': expect(r, "rue"); lua_pushboolean(r->L, 1); return;
  case 'f': expect(r, "alse"); lua_pushboolean(r->L, 0); return;
  case 'n': expect(r, "ull"); lua_pushnil(r->L); return;
  default: r->at--; number(r);
  }
}

void crv_push_json(lua_State *L, const char *bytes, size_t count) {
  reader r = {L, bytes, bytes + count};
  value(&r, 0);
  if (r.at != r.end) damaged(&r);
}
