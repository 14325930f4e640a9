// Byte searches of the scanner, 16 bytes at a time.
//
// Everything reads up to 16 bytes past what it looks at, so every buffer handed in ends with at least 64
// readable zero bytes. A zero byte stops every search, so nothing runs past them.
#ifndef BETTERBOT_SCAN_H
#define BETTERBOT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

// The first byte from `p` on that a plain ASCII string cannot hold: quote, backslash, control, or above 0x7F.
static inline const uint8_t *bbscan_stop(const uint8_t *p) {
  const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  for (;;) {
    __m128i x = _mm_loadu_si128((const __m128i *)p);
    // A signed compare catches the control characters and everything above 0x7F at once.
    __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, back)),
                               _mm_cmplt_epi8(x, space));
    unsigned mask = (unsigned)_mm_movemask_epi8(hit);
    if (mask) return p + __builtin_ctz(mask);
    p += 16;
  }
}

// The same, and sets `*upper` to non-zero when an ASCII capital lies before it.
static inline const uint8_t *bbscan_stop_upper(const uint8_t *p, uint32_t *upper) {
  const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  const __m128i before = _mm_set1_epi8('A' - 1), after = _mm_set1_epi8('Z' + 1);
  unsigned seen = 0;
  for (;;) {
    __m128i x = _mm_loadu_si128((const __m128i *)p);
    __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, back)),
                               _mm_cmplt_epi8(x, space));
    unsigned mask = (unsigned)_mm_movemask_epi8(hit);
    unsigned capital = (unsigned)_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpgt_epi8(x, before), _mm_cmplt_epi8(x, after)));
    if (mask) {
      unsigned place = (unsigned)__builtin_ctz(mask);
      *upper = seen | (capital & ((1u << place) - 1));
      return p + place;
    }
    seen |= capital;
    p += 16;
  }
}

// Whether `text` begins with `literal`; both must have 16 readable bytes past `count`.
static inline int bbscan_equal(const uint8_t *text, const uint8_t *literal, uint32_t count) {
  for (;;) {
    __m128i a = _mm_loadu_si128((const __m128i *)text), b = _mm_loadu_si128((const __m128i *)literal);
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
    if (count <= 16) return ((mask | (0xFFFFu << count)) & 0xFFFFu) == 0xFFFFu;
    if (mask != 0xFFFFu) return 0;
    text += 16;
    literal += 16;
    count -= 16;
  }
}

#else

static inline int bbscan_plain(uint8_t c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

static inline const uint8_t *bbscan_stop(const uint8_t *p) {
  while (bbscan_plain(*p)) p += 1;
  return p;
}

static inline const uint8_t *bbscan_stop_upper(const uint8_t *p, uint32_t *upper) {
  uint32_t seen = 0;
  while (bbscan_plain(*p)) {
    seen |= (uint32_t)(*p >= 'A' && *p <= 'Z');
    p += 1;
  }
  *upper = seen;
  return p;
}

static inline int bbscan_equal(const uint8_t *text, const uint8_t *literal, uint32_t count) {
  return memcmp(text, literal, count) == 0;
}

#endif

// Eight bytes as a little-endian number.
static inline uint64_t bbscan_load64(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

// The first newline in `count` bytes, or NULL.
static inline const uint8_t *bbscan_newline(const uint8_t *p, size_t count) {
  return (const uint8_t *)memchr(p, '\n', count);
}

// How many newlines are in `count` bytes.
static inline uint64_t bbscan_newlines(const uint8_t *p, size_t count) {
  const uint8_t *end = p + count;
  uint64_t lines = 0;
  // Most messages have one newline or none, and the C library's search is the fastest there is.
  while ((p = bbscan_newline(p, (size_t)(end - p)))) {
    p += 1;
    lines += 1;
  }
  return lines;
}

// Whether two texts of `count` bytes are equal.
static inline int bbscan_same(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

#endif
