// The memory layout of one order on its way from the scanner to the rules.
//
// The scanner (Swift) fills it, the engine (Swift) numbers it, the rule VM (C) reads it. It is the only
// type that both languages share, so it lives below both. It owns nothing: every text points into the
// buffer of the batch it belongs to and is valid until that batch is done.
#ifndef BETTERBOT_ORDER_FLOW_H
#define BETTERBOT_ORDER_FLOW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The text fields of an order; `bb_order.text` is indexed by these.
enum {
  BB_USER,          // the wallet, lower case
  BB_TAKER,         // as sent, lower case
  BB_TOKEN_ID,
  BB_TOKEN_LABEL,
  BB_MARKET_SLUG,
  BB_CONDITION_ID,
  BB_TITLE,
  BB_TX_HASH,
  BB_ORDER_HASH,
  BB_LABEL,         // from the watch list, set by the engine
  BB_TEXT_COUNT
};

enum { BB_SIDE_BUY = 0, BB_SIDE_SELL = 1 };
enum { BB_VENUE_POLYMARKET = 0, BB_VENUE_KALSHI = 1 };
enum { BB_ROLE_UNKNOWN = 0, BB_ROLE_TAKER = 1, BB_ROLE_MAKER = 2 };
// How an order reached us: pushed by a stream, or read by REST for a stretch that was lost, or by the audit.
// A tick is no order: it only brings the clock forward, and has no fields but `seq`, `time` and `clock`.
// A gap is no order either: a stretch of a feed was lost or filled. Its feed is text BB_USER, its beginning is
// `price`, its end `shares` (event times, ms), and `twin` is 1 when it is filled.
enum { BB_ORIGIN_STREAM = 0, BB_ORIGIN_BACKFILL = 1, BB_ORIGIN_AUDIT = 2, BB_ORIGIN_TICK = 3, BB_ORIGIN_GAP = 4 };

// One text of an order. `count == 0` means the venue did not send it ("" means absent).
// `symbol` is the number the engine interned it under, 0 when it has not.
typedef struct {
  const uint8_t *bytes;
  uint32_t count;
  uint32_t symbol;
} bb_text;

typedef struct {
  int64_t seq;           // journal sequence number, set by the engine
  int64_t time;          // event time, ms since 1970 UTC
  int64_t clock;         // max event time up to and including this order, ms; set by the engine
  int64_t price;         // micro-dollars a share
  int64_t shares;        // micro-shares
  int64_t usd;           // price x shares / 10^6 in micro-dollars, rounded half to even
  int64_t usd_floor;     // the same, rounded down
  int64_t block_number;  // -1 when not sent
  int64_t log_index;     // -1 when not sent
  uint64_t offset;       // where its message begins in its input, bytes
  uint64_t line;         // line of its input, from 1
  uint8_t side;
  uint8_t venue;
  uint8_t role;
  uint8_t late;          // 1 when older than the watermark on arrival; set by the engine
  uint32_t twin;         // ordinal among legs equal in every identity field; before the engine has set it:
                         // how many equal legs stand before it in the same REST read, 0 on a stream
  uint16_t source;       // number of the feed it came from, 0 for recorded flow
  uint8_t origin;        // BB_ORIGIN_...
  uint8_t reserved[5];
  bb_text text[BB_TEXT_COUNT];
} bb_order;

// Asks for a cache line ahead of its use.
static inline void bb_prefetch(const void *address) { __builtin_prefetch(address); }

static inline uint64_t bb_load64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

// 1 when `count` bytes are the same. Inline: a call costs more than comparing a wallet or a token id.
static inline int bb_equal(const uint8_t *a, const uint8_t *b, ptrdiff_t count) {
  if (count < 8) return memcmp(a, b, (size_t)count) == 0;
  uint64_t differs = 0;
  for (ptrdiff_t at = 0; at + 8 <= count; at += 8) differs |= bb_load64(a + at) ^ bb_load64(b + at);
  return (differs | (bb_load64(a + count - 8) ^ bb_load64(b + count - 8))) == 0;
}

static inline uint64_t bb_mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// A keyed 64-bit hash of a short text: 16 bytes a step, folded 128-bit products.
static inline uint64_t bb_hash(const uint8_t *bytes, ptrdiff_t count, uint64_t key) {
  const uint64_t p0 = 0x2d358dccaa6c78a5u, p1 = 0x8bb84b93962eacc9u;
  uint64_t hash = key ^ p0, a, b;
  ptrdiff_t left = count;
  const uint8_t *at = bytes;
  for (; left > 16; left -= 16, at += 16) hash = bb_mix(bb_load64(at) ^ p1, bb_load64(at + 8) ^ hash);
  if (left >= 8) {
    a = bb_load64(at);
    b = bb_load64(at + left - 8);
  } else {
    a = 0;
    for (ptrdiff_t i = 0; i < left; i++) a = a << 8 | at[i];
    b = (uint64_t)left;
  }
  return bb_mix(p1 ^ (uint64_t)count, bb_mix(a ^ p1, b ^ hash));
}

#endif
