// Lua patterns, matched without recursion: the ways not yet tried stand on an explicit stack.
//
// A pattern has no groups to repeat, so each of its items is entered at most once on the way to a match.
// The captures begun, and those still open, are therefore known from the place in the pattern alone:
// going back to an item restores two numbers, and no capture has to be copied.
#include "library.h"

#include <ctype.h>
#include <string.h>

enum { ALTERNATIVE_MAX = 200, STEPS_A_CHARGE = 64 };

// Ways to go on when what follows fails.
typedef struct {
  enum { RESUME, SHORTER, LONGER } kind;
  int level;
  uint32_t open;
  const char *at;      // RESUME: go on here. SHORTER: where the repeats began. LONGER: the next to take
  size_t repeats;      // SHORTER: how many are left to give back
  const char *item;    // LONGER: the single that repeats
  const char *next;    // the item after the repeated one
} alternative;

static inline void count_steps(crv_matcher *matcher, uint64_t steps) {
  matcher->steps += steps;
  if (__builtin_expect(matcher->steps >= STEPS_A_CHARGE, 0)) crv_matcher_settle(matcher);
}

void crv_matcher_settle(crv_matcher *matcher) {
  uint64_t steps = matcher->steps;
  matcher->steps = 0;
  crv_charge(matcher->L, steps);
}

void crv_matcher_begin(crv_matcher *matcher, lua_State *L, const char *subject, size_t subject_count,
                       const char *pattern, size_t pattern_count) {
  matcher->L = L;
  matcher->subject = subject;
  matcher->subject_end = subject + subject_count;
  matcher->pattern_end = pattern + pattern_count;
  matcher->steps = 0;
  matcher->level = 0;
  matcher->open = 0;
}

// MARK: Single characters

static bool in_class(int byte, int letter) {
  bool answer;
  switch (letter | 0x20) {
    case 'a': answer = isalpha(byte); break;
    case 'c': answer = iscntrl(byte); break;
    case 'd': answer = isdigit(byte); break;
    case 'g': answer = isgraph(byte); break;
    case 'l': answer = islower(byte); break;
    case 'p': answer = ispunct(byte); break;
    case 's': answer = isspace(byte); break;
    case 'u': answer = isupper(byte); break;
    case 'w': answer = isalnum(byte); break;
    case 'x': answer = isxdigit(byte); break;
    case 'z': answer = byte == 0; break;   // from before patterns could hold a NUL
    default: return letter == byte;
  }
  return isupper(letter) ? !answer : answer;
}

// `set` is at '[', `last` at the ']' that closes it.
static bool in_set(int byte, const char *set, const char *last) {
  const char *at = set + 1;
  bool member = true;
  if (*at == '^') {
    member = false;
    at++;
  }
  while (at < last) {
    if (*at == '%') {
      if (in_class(byte, (unsigned char)at[1])) return member;
      at += 2;
    } else if (at[1] == '-' && at + 2 < last) {
      if ((unsigned char)at[0] <= byte && byte <= (unsigned char)at[2]) return member;
      at += 3;
    } else {
      if ((unsigned char)*at == byte) return member;
      at++;
    }
  }
  return !member;
}

// The end of the single at `item`: a character, a class or a set. Patterns end with a NUL, so that one
// byte past the end may be read.
static const char *single_end(crv_matcher *matcher, const char *item) {
  const char *end = matcher->pattern_end;
  if (*item == '%') {
    if (item + 1 >= end) luaL_error(matcher->L, "malformed pattern (ends with '%%')");
    return item + 2;
  }
  if (*item != '[') return item + 1;
  const char *at = item + 1;
  if (*at == '^') at++;
  do {   // a ']' that comes first is an ordinary member
    if (at >= end) luaL_error(matcher->L, "malformed pattern (missing ']')");
    if (*at++ == '%' && at < end) at++;
  } while (*at != ']' || at >= end);
  return at + 1;
}

static inline bool matches_single(crv_matcher *matcher, const char *at, const char *item, const char *next) {
  if (at >= matcher->subject_end) return false;
  int byte = (unsigned char)*at;
  switch (*item) {
    case '.': return true;
    case '%': return in_class(byte, (unsigned char)item[1]);
    case '[':
      count_steps(matcher, (uint64_t)(next - item) / 4);
      return in_set(byte, item, next - 1);
    default: return (unsigned char)*item == byte;
  }
}

// How often the single matches in a row from `at` on.
static size_t count_repeats(crv_matcher *matcher, const char *at, const char *item, const char *next) {
  if (*item == '.') return (size_t)(matcher->subject_end - at);
  const char *from = at;
  while (matches_single(matcher, at, item, next)) {
    at++;
    count_steps(matcher, 1);
  }
  return (size_t)(at - from);
}

// MARK: Items

// %bxy: from an x to the y that balances it.
static const char *match_balance(crv_matcher *matcher, const char *at, const char *pair) {
  if (pair + 1 >= matcher->pattern_end) {
    luaL_error(matcher->L, "malformed pattern (missing arguments to '%%b')");
  }
  if (at >= matcher->subject_end || *at != pair[0]) return NULL;
  size_t depth = 1;
  for (const char *next = at + 1; next < matcher->subject_end; next++) {
    if (*next == pair[1]) {
      if (--depth == 0) {
        count_steps(matcher, (uint64_t)(next - at) / 4);
        return next + 1;
      }
    } else if (*next == pair[0]) {
      depth++;
    }
  }
  count_steps(matcher, (uint64_t)(matcher->subject_end - at) / 4);
  return NULL;
}

// %f[set]: between a byte outside the set and one inside; both ends of the subject count as NUL.
static bool at_frontier(const crv_matcher *matcher, const char *at, const char *set, const char *next) {
  int before = at == matcher->subject ? 0 : (unsigned char)at[-1];
  int after = at == matcher->subject_end ? 0 : (unsigned char)*at;
  return !in_set(before, set, next - 1) && in_set(after, set, next - 1);
}

// %1 to %9: the bytes of that capture again.
static const char *match_back(crv_matcher *matcher, const char *at, char digit) {
  int index = digit - '1';
  if (index < 0 || index >= matcher->level || (matcher->open >> index & 1)) {
    luaL_error(matcher->L, "invalid capture index %%%d in pattern", index + 1);
  }
  // A position capture has no bytes that could come again.
  if (matcher->captures[index].count < 0) return NULL;
  size_t count = (size_t)matcher->captures[index].count;
  if ((size_t)(matcher->subject_end - at) < count) return NULL;
  count_steps(matcher, count / 16);
  return memcmp(matcher->captures[index].start, at, count) == 0 ? at + count : NULL;
}

static void begin_capture(crv_matcher *matcher, const char *at, bool position) {
  int index = matcher->level;
  if (index >= CRV_CAPTURE_MAX) luaL_error(matcher->L, "too many captures");
  matcher->captures[index].start = at;
  matcher->captures[index].count = position ? CRV_CAPTURE_POSITION : CRV_CAPTURE_OPEN;
  if (!position) matcher->open |= 1u << index;
  matcher->level = index + 1;
}

static void end_capture(crv_matcher *matcher, const char *at) {
  if (!matcher->open) luaL_error(matcher->L, "invalid pattern capture");
  int index = 31 - __builtin_clz(matcher->open);
  matcher->open &= ~(1u << index);
  matcher->captures[index].count = at - matcher->captures[index].start;
}

// MARK: The machine

typedef struct {
  crv_matcher *matcher;
  const char *at, *item;     // where we are in the subject and in the pattern
  int depth;
  alternative alternatives[ALTERNATIVE_MAX];
} machine;

static alternative *push_alternative(machine *m, int kind, const char *at, const char *next) {
  if (m->depth == ALTERNATIVE_MAX) luaL_error(m->matcher->L, "pattern too complex");
  alternative *way = &m->alternatives[m->depth++];
  way->kind = kind;
  way->level = m->matcher->level;
  way->open = m->matcher->open;
  way->at = at;
  way->next = next;
  return way;
}

// Goes back to the last way not tried; false when there is none.
static bool take_alternative(machine *m) {
  while (m->depth > 0) {
    alternative *way = &m->alternatives[m->depth - 1];
    m->matcher->level = way->level;
    m->matcher->open = way->open;
    m->item = way->next;
    count_steps(m->matcher, 1);
    switch (way->kind) {
      case RESUME:
        m->at = way->at;
        m->depth--;
        return true;
      case SHORTER:
        m->at = way->at + --way->repeats;
        if (way->repeats == 0) m->depth--;
        return true;
      case LONGER:
        if (matches_single(m->matcher, way->at, way->item, way->next - 1)) {
          m->at = ++way->at;
          return true;
        }
        m->depth--;
    }
  }
  return false;
}

// A single with what follows it: nothing, '?', '*', '+' or '-'. False when it does not match.
static bool step_single(machine *m) {
  crv_matcher *matcher = m->matcher;
  const char *item = m->item, *next = single_end(matcher, item);
  char suffix = next < matcher->pattern_end ? *next : '\0';
  switch (suffix) {
    case '?':
      m->item = next + 1;
      if (matches_single(matcher, m->at, item, next)) {
        push_alternative(m, RESUME, m->at, next + 1);
        m->at++;
      }
      return true;
    case '*':
    case '+': {
      size_t repeats = count_repeats(matcher, m->at, item, next);
      const char *first = m->at;
      if (suffix == '+') {
        if (repeats == 0) return false;
        first++;
        repeats--;
      }
      if (repeats > 0) push_alternative(m, SHORTER, first, next + 1)->repeats = repeats;
      m->at = first + repeats;
      m->item = next + 1;
      return true;
    }
    case '-':
      push_alternative(m, LONGER, m->at, next + 1)->item = item;
      m->item = next + 1;
      return true;
    default:
      if (!matches_single(matcher, m->at, item, next)) return false;
      m->at++;
      m->item = next;
      return true;
  }
}

// An item that begins with '%'.
static bool step_escape(machine *m) {
  crv_matcher *matcher = m->matcher;
  char letter = m->item[1];
  const char *end;
  switch (letter) {
    case 'b':
      end = match_balance(matcher, m->at, m->item + 2);
      m->item += 4;
      break;
    case 'f': {
      const char *set = m->item + 2;
      if (*set != '[') luaL_error(matcher->L, "missing '[' after '%%f' in pattern");
      const char *next = single_end(matcher, set);
      count_steps(matcher, (uint64_t)(next - set) / 4);
      m->item = next;
      return at_frontier(matcher, m->at, set, next);
    }
    case '0' ... '9':
      end = match_back(matcher, m->at, letter);
      m->item += 2;
      break;
    default:
      return step_single(m);
  }
  if (end) m->at = end;
  return end != NULL;
}

static bool step(machine *m) {
  switch (*m->item) {
    case '(': {
      bool position = m->item[1] == ')';
      begin_capture(m->matcher, m->at, position);
      m->item += position ? 2 : 1;
      return true;
    }
    case ')':
      end_capture(m->matcher, m->at);
      m->item++;
      return true;
    case '$':
      if (m->item + 1 != m->matcher->pattern_end) return step_single(m);
      m->item++;
      return m->at == m->matcher->subject_end;
    case '%': return step_escape(m);
    default: return step_single(m);
  }
}

const char *crv_match_at(crv_matcher *matcher, const char *at, const char *pattern) {
  machine m;
  m.matcher = matcher;
  m.at = at;
  m.item = pattern;
  m.depth = 0;
  matcher->level = 0;
  matcher->open = 0;
  for (;;) {
    count_steps(matcher, 1);
    if (m.item >= matcher->pattern_end) return m.at;
    if (!step(&m) && !take_alternative(&m)) return NULL;
  }
}

const char *crv_match_candidate(crv_matcher *matcher, const char *at, const char *pattern) {
  char first = *pattern;
  if (pattern >= matcher->pattern_end || strchr("^$*+?.([%-)", first)) return at;
  char suffix = pattern + 1 < matcher->pattern_end ? pattern[1] : '\0';
  if (suffix == '*' || suffix == '?' || suffix == '-') return at;
  const char *found = memchr(at, first, (size_t)(matcher->subject_end - at));
  count_steps(matcher, (uint64_t)((found ? found : matcher->subject_end) - at) / 16);
  return found;
}
