// string.find, match, gmatch and gsub.
#define _GNU_SOURCE   // memmem
#include "library.h"

#include <string.h>

void crv_push_capture(crv_matcher *matcher, int index, const char *start, const char *end) {
  lua_State *L = matcher->L;
  if (index >= matcher->level) {
    if (index != 0) luaL_error(L, "invalid capture index %%%d", index + 1);
    crv_charge_bytes(L, (size_t)(end - start));
    lua_pushlstring(L, start, (size_t)(end - start));
    return;
  }
  if (matcher->open >> index & 1) luaL_error(L, "unfinished capture");
  ptrdiff_t count = matcher->captures[index].count;
  const char *at = matcher->captures[index].start;
  if (count == CRV_CAPTURE_POSITION) {
    lua_pushinteger(L, at - matcher->subject + 1);
  } else {
    crv_charge_bytes(L, (size_t)count);
    lua_pushlstring(L, at, (size_t)count);
  }
}

int crv_push_captures(crv_matcher *matcher, const char *start, const char *end) {
  int count = matcher->level == 0 && start ? 1 : matcher->level;
  luaL_checkstack(matcher->L, count, "too many captures");
  for (int i = 0; i < count; i++) crv_push_capture(matcher, i, start, end);
  return count;
}

// MARK: find and match

static bool has_specials(const char *pattern, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (pattern[i] && strchr("^$*+?.([%-", pattern[i])) return true;
  }
  return false;
}

// Looks for the bytes as they are, in stretches, so that a long search is charged while it runs. The
// charge is that of the worst text for memmem, which compares up to 256 bytes at each place.
static const char *find_plain(lua_State *L, const char *text, size_t count, const char *part, size_t size) {
  if (size == 0) return text;
  if (size > count) return NULL;
  size_t stretch = size > 8192 ? size : 8192;
  size_t worst = 2 + (size < 256 ? size : 256) / 8;
  for (size_t from = 0; from + size <= count; from += stretch) {
    size_t window = count - from;
    if (window > stretch + size - 1) window = stretch + size - 1;
    crv_charge(L, (uint64_t)(window + size) * worst / 16 + 1);
    const char *found = memmem(text + from, window, part, size);
    if (found) return found;
  }
  return NULL;
}

static int push_positions(lua_State *L, const char *subject, const char *start, const char *end) {
  lua_pushinteger(L, start - subject + 1);
  lua_pushinteger(L, end - subject);
  return 2;
}

static int search(lua_State *L, bool find) {
  size_t count, size;
  const char *subject = luaL_checklstring(L, 1, &count);
  const char *pattern = luaL_checklstring(L, 2, &size);
  size_t from = crv_range_start(luaL_optinteger(L, 3, 1), count) - 1;
  if (from > count) {
    lua_pushnil(L);
    return 1;
  }
  if (find) crv_charge_bytes(L, size);
  if (find && (lua_toboolean(L, 4) || !has_specials(pattern, size))) {
    const char *found = find_plain(L, subject + from, count - from, pattern, size);
    if (found) return push_positions(L, subject, found, found + size);
    lua_pushnil(L);
    return 1;
  }
  crv_matcher matcher;
  crv_matcher_begin(&matcher, L, subject, count, pattern, size);
  bool anchored = *pattern == '^';
  if (anchored) pattern++;
  const char *at = subject + from;
  do {
    if (!anchored) {
      at = crv_match_candidate(&matcher, at, pattern);
      if (!at) break;
    }
    const char *end = crv_match_at(&matcher, at, pattern);
    if (end) {
      crv_matcher_settle(&matcher);
      if (!find) return crv_push_captures(&matcher, at, end);
      push_positions(L, subject, at, end);
      return crv_push_captures(&matcher, NULL, NULL) + 2;
    }
    at++;
  } while (at <= matcher.subject_end && !anchored);
  crv_matcher_settle(&matcher);
  lua_pushnil(L);
  return 1;
}

int crv_string_find(lua_State *L) { return search(L, true); }

int crv_string_match(lua_State *L) { return search(L, false); }

// MARK: gmatch

// Upvalues: subject, pattern, where to go on, where the last match ended (-1: none yet). A match may not
// be empty right at the end of the one before.
static int next_match(lua_State *L) {
  size_t count, size;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &count);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &size);
  lua_Integer from = lua_tointeger(L, lua_upvalueindex(3));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  crv_matcher matcher;
  crv_matcher_begin(&matcher, L, subject, count, pattern, size);
  if (from > (lua_Integer)count) return 0;
  for (const char *at = subject + from; at <= matcher.subject_end; at++) {
    // A caret is no anchor here, where it would stop the walk: it stands for itself.
    at = crv_match_candidate(&matcher, at, pattern);
    if (!at) break;
    const char *end = crv_match_at(&matcher, at, pattern);
    if (!end || end - subject == last) continue;
    crv_matcher_settle(&matcher);
    lua_pushinteger(L, end - subject);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return crv_push_captures(&matcher, at, end);
  }
  crv_matcher_settle(&matcher);
  lua_pushinteger(L, (lua_Integer)count + 1);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

int crv_string_gmatch(lua_State *L) {
  size_t count;
  luaL_checklstring(L, 1, &count);
  luaL_checkstring(L, 2);
  size_t from = crv_range_start(luaL_optinteger(L, 3, 1), count) - 1;
  crv_charge(L, 1);
  lua_settop(L, 2);
  lua_pushinteger(L, from > count ? (lua_Integer)count + 1 : (lua_Integer)from);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

// MARK: gsub

typedef struct {
  crv_matcher matcher;
  luaL_Buffer buffer;
  int kind;                  // type of the replacement, argument 3
  const char *replacement;   // when it is text
  size_t size;
} substitution;

static void add_bytes(substitution *s, const char *bytes, size_t count) {
  crv_charge(s->matcher.L, count / 16);
  luaL_addlstring(&s->buffer, bytes, count);
}

// Adds the replacement's text with %0 to %9 and %% filled in.
static void add_template(substitution *s, const char *start, const char *end) {
  const char *at = s->replacement, *stop = at + s->size;
  while (at < stop) {
    const char *escape = memchr(at, '%', (size_t)(stop - at));
    if (!escape) escape = stop;
    add_bytes(s, at, (size_t)(escape - at));
    if (escape == stop) return;
    char letter = escape[1];   // a NUL when the escape is the last byte
    at = escape + 2;
    crv_charge(s->matcher.L, 1);
    if (letter == '%') {
      luaL_addchar(&s->buffer, '%');
    } else if (letter == '0') {
      add_bytes(s, start, (size_t)(end - start));
    } else if (letter >= '1' && letter <= '9') {
      crv_push_capture(&s->matcher, letter - '1', start, end);
      luaL_addvalue(&s->buffer);
    } else {
      luaL_error(s->matcher.L, "invalid use of '%%' in replacement string");
    }
  }
}

// Adds what a table or a function gives for the match; nil and false keep it as it was.
static bool add_value(substitution *s, const char *start, const char *end) {
  lua_State *L = s->matcher.L;
  if (s->kind == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    int count = crv_push_captures(&s->matcher, start, end);
    lua_call(L, count, 1);
  } else {
    crv_push_capture(&s->matcher, 0, start, end);
    lua_gettable(L, 3);
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    add_bytes(s, start, (size_t)(end - start));
    return false;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  crv_charge_bytes(L, lua_rawlen(L, -1));
  luaL_addvalue(&s->buffer);
  return true;
}

static bool add_match(substitution *s, const char *start, const char *end) {
  crv_matcher_settle(&s->matcher);
  if (s->kind != LUA_TSTRING) return add_value(s, start, end);
  add_template(s, start, end);
  return true;
}

// Copies matches and what lies between them; returns the number of matches.
static lua_Integer substitute(substitution *s, const char *pattern, lua_Integer limit, bool *changed) {
  crv_matcher *matcher = &s->matcher;
  bool anchored = *pattern == '^';
  if (anchored) pattern++;
  const char *copied = matcher->subject, *at = copied, *last = NULL;
  lua_Integer matches = 0;
  while (matches < limit) {
    const char *candidate = anchored ? at : crv_match_candidate(matcher, at, pattern);
    if (!candidate) break;
    at = candidate;
    const char *end = crv_match_at(matcher, at, pattern);
    if (end && end != last) {
      matches++;
      add_bytes(s, copied, (size_t)(at - copied));
      if (add_match(s, at, end)) *changed = true;
      at = copied = last = end;
    } else if (at < matcher->subject_end) {
      at++;
    } else {
      break;
    }
    if (anchored) break;
  }
  crv_matcher_settle(matcher);
  add_bytes(s, copied, (size_t)(matcher->subject_end - copied));
  return matches;
}

int crv_string_gsub(lua_State *L) {
  size_t count, size;
  const char *subject = luaL_checklstring(L, 1, &count);
  const char *pattern = luaL_checklstring(L, 2, &size);
  substitution s;
  s.kind = lua_type(L, 3);
  lua_Integer limit = luaL_optinteger(L, 4, (lua_Integer)count + 1);
  if (s.kind == LUA_TNUMBER || s.kind == LUA_TSTRING) {
    s.replacement = lua_tolstring(L, 3, &s.size);
    s.kind = LUA_TSTRING;
  } else if (s.kind != LUA_TFUNCTION && s.kind != LUA_TTABLE) {
    return luaL_typeerror(L, 3, "string/function/table");
  }
  crv_charge(L, 1);
  crv_matcher_begin(&s.matcher, L, subject, count, pattern, size);
  luaL_buffinit(L, &s.buffer);
  bool changed = false;
  lua_Integer matches = substitute(&s, pattern, limit, &changed);
  if (changed) {
    luaL_pushresult(&s.buffer);
  } else {
    lua_pushvalue(L, 1);
  }
  lua_pushinteger(L, matches);
  return 2;
}
