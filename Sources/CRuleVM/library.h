// What the files of the bounded Lua library share.
#ifndef BETTERBOT_CRULEVM_LIBRARY_H
#define BETTERBOT_CRULEVM_LIBRARY_H

#include "internal.h"

// The most values a function returns from a sequence (table.unpack, string.byte, utf8.codepoint).
enum { CRV_RESULT_LIMIT = 4096 };

// Sizes in string.rep, string.pack and string.packsize stay below this, as in stock Lua.
#define CRV_SIZE_LIMIT ((size_t)INT32_MAX)

// Charges for a new string of `count` bytes: a step is some nanoseconds, and fresh memory is slow.
static inline void crv_charge_bytes(lua_State *L, size_t count) { crv_charge(L, count / 8 + 1); }

// The first position of a range in a string of `count` bytes: 1 or more; negative counts from the end.
static inline size_t crv_range_start(lua_Integer position, size_t count) {
  if (position > 0) return (size_t)position;
  if (position == 0 || position < -(lua_Integer)count) return 1;
  return count + (size_t)position + 1;
}

// The last position of a range: at most `count`, 0 when it lies before the string.
static inline size_t crv_range_end(lua_Integer position, size_t count) {
  if (position > (lua_Integer)count) return count;
  if (position >= 0) return (size_t)position;
  if (position < -(lua_Integer)count) return 0;
  return count + (size_t)position + 1;
}

// MARK: Keys in order (lib_order.c)

typedef struct {
  enum { CRV_KEY_INTEGER, CRV_KEY_FLOAT, CRV_KEY_STRING, CRV_KEY_BOOLEAN } kind;
  uint32_t index;   // the caller's number for it
  union {
    lua_Integer integer;
    lua_Number number;
    struct { const char *bytes; size_t count; } text;
  } as;
} crv_key;

// Reads the value at `index`; false for nil, NaN, tables, functions and userdata. The bytes of a string
// stay valid as long as the string itself is reachable.
bool crv_read_key(lua_State *L, int index, crv_key *key);

// Integers ascending, floats ascending, strings by bytes, false, true. Charges for long strings.
int crv_compare_keys(lua_State *L, const crv_key *left, const crv_key *right);

// Sorts in place by crv_compare_keys; equal keys in the order of their `index`.
void crv_sort_keys(lua_State *L, crv_key *keys, size_t count);

// Moves the values of the sequence at `table` to where the sorted `keys` want them: keys[i].index is the
// zero-based old place of the value that belongs at i + 1. Uses up the indices.
void crv_permute(lua_State *L, int table, crv_key *keys, size_t count);

// MARK: Patterns (lib_pattern.c)

enum { CRV_CAPTURE_MAX = 32, CRV_CAPTURE_POSITION = -1, CRV_CAPTURE_OPEN = -2 };

typedef struct {
  lua_State *L;
  const char *subject, *subject_end, *pattern_end;
  uint64_t steps;       // not charged yet
  int level;            // captures begun
  uint32_t open;        // bit i: capture i has begun and not ended
  struct { const char *start; ptrdiff_t count; } captures[CRV_CAPTURE_MAX];
} crv_matcher;

void crv_matcher_begin(crv_matcher *matcher, lua_State *L, const char *subject, size_t subject_count,
                       const char *pattern, size_t pattern_count);

// Where a match of `pattern` that begins at `at` ends, or NULL.
const char *crv_match_at(crv_matcher *matcher, const char *at, const char *pattern);

// The first place at or after `at` where a match can begin, judged by the pattern's first item; NULL
// when there is none. For patterns without an anchor.
const char *crv_match_candidate(crv_matcher *matcher, const char *at, const char *pattern);

// Charges what has been counted so far.
void crv_matcher_settle(crv_matcher *matcher);

// Pushes capture `index`, counted from 0; the whole match when there are no captures.
void crv_push_capture(crv_matcher *matcher, int index, const char *start, const char *end);

// Pushes all captures, or the whole match when there are none and `start` is given; returns how many.
int crv_push_captures(crv_matcher *matcher, const char *start, const char *end);

// MARK: Functions of `string` in files of their own

int crv_string_format(lua_State *L);     // lib_format.c
int crv_string_pack(lua_State *L);       // lib_pack.c
int crv_string_packsize(lua_State *L);
int crv_string_unpack(lua_State *L);

int crv_table_sort(lua_State *L);        // lib_sort.c

// Raises unless argument `index` is a table that a rule may change: one without a protected metatable.
void crv_check_writable(lua_State *L, int index);

#endif
