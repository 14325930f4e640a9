#include "CReferenceScanner.h"

#include <CScan.h>
#include <stdlib.h>

enum { PADDING = 64 };

typedef enum { END, TEXT, LOWER, SIDE, PRICE, SHARES, TIME, SKIP_NUMBER } action;

typedef struct {
  const uint8_t *literal;
  uint32_t count;
  uint8_t action;
  uint8_t field;
  uint16_t limit;
  uint8_t required;
} step;

struct bbref_scanner {
  uint8_t *base;
  size_t capacity, first, count;
  uint64_t offset, line, orders;
};

// Each literal has 16 readable bytes after it, as comparing it may read that far.
#define LITERAL(text) (const uint8_t *)text "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(text) - 1

static const step layout[] = {
    {LITERAL("{\"token_id\":\""), TEXT, BB_TOKEN_ID, 256, 1},
    {LITERAL(",\"side\":\""), SIDE, 0, 0, 0},
    {LITERAL(",\"market_slug\":\""), TEXT, BB_MARKET_SLUG, 4096, 0},
    {LITERAL(",\"condition_id\":\""), LOWER, BB_CONDITION_ID, 4096, 0},
    {LITERAL(",\"shares\":"), SHARES, 0, 0, 0},
    {LITERAL(",\"shares_normalized\":"), SKIP_NUMBER, 0, 0, 0},
    {LITERAL(",\"price\":"), PRICE, 0, 0, 0},
    {LITERAL(",\"tx_hash\":\""), LOWER, BB_TX_HASH, 4096, 1},
    {LITERAL(",\"order_hash\":\""), LOWER, BB_ORDER_HASH, 4096, 0},
    {LITERAL(",\"timestamp\":"), TIME, 0, 0, 0},
    {LITERAL(",\"user\":\""), LOWER, BB_USER, 128, 1},
    {LITERAL(",\"taker\":\""), LOWER, BB_TAKER, 4096, 0},
    {LITERAL("}"), END, 0, 0, 0},
};

static const char exchanges[4][43] = {
    "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e", "0xe111180000d2663c0091e4f400237545b87b996b",
    "0xc5d563a36ae78145c45a50134d48a1215220f80a", "0xe2222d279d744050d28e00520010520000310f59"};

static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

static inline int eight_count(uint64_t word) {
  uint64_t other = ((word + 0x7676767676767676u) | word) & 0x8080808080808080u;
  return other == 0 ? 8 : __builtin_ctzll(other) >> 3;
}

static inline uint64_t eight(const uint8_t *p, int *count) {
  uint64_t word = bbscan_load64(p) ^ 0x3030303030303030u;
  int n = eight_count(word);
  *count = n;
  if (n == 0) return 0;
  word <<= 64 - 8 * n;
  word = word * 10 + (word >> 8);
  return ((word & 0x000000FF000000FFu) * 0x000F424000000064u +
          ((word >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
}

// Up to 16 digits, which the generated numbers never exceed.
static inline uint64_t digits(const uint8_t *p, int *count) {
  uint64_t value = eight(p, count);
  if (*count < 8) return value;
  int more;
  uint64_t low = eight(p + 8, &more);
  *count += more;
  return value * powers[more] + low;
}

static inline const uint8_t *micros(const uint8_t *p, int64_t *result) {
  int whole, places = 0;
  uint64_t value = digits(p, &whole);
  if (whole == 0 || whole > 12 || (*p == '0' && whole > 1)) return NULL;
  p += whole;
  if (*p == '.') {
    uint64_t part = digits(p + 1, &places);
    if (places == 0 || places > 6) return NULL;
    value = value * powers[places] + part;
    p += 1 + places;
  }
  if ((*p | 0x20) == 'e') return NULL;
  *result = (int64_t)(value * powers[6 - places]);
  return p;
}

static inline const uint8_t *whole(const uint8_t *p, int64_t *result) {
  int count;
  *result = (int64_t)digits(p, &count);
  if (count == 0 || count > 15 || (*p == '0' && count > 1)) return NULL;
  p += count;
  return *p == '.' || (*p | 0x20) == 'e' ? NULL : p;
}

static inline const uint8_t *skip_number(const uint8_t *p) {
  int64_t ignored;
  return micros(p, &ignored);
}

static inline const uint8_t *text(const uint8_t *p, const step *step, int lower, bb_order *order) {
  uint32_t upper = 0;
  const uint8_t *stop = lower ? bbscan_stop_upper(p, &upper) : bbscan_stop(p);
  size_t count = (size_t)(stop - p);
  if (*stop != '"' || upper || count > step->limit || (count == 0 && step->required)) return NULL;
  if (count > 0) order->text[step->field] = (bb_text){p, (uint32_t)count, 0};
  return stop + 1;
}

static inline int complete(bb_order *order) {
  int64_t product;
  if (__builtin_mul_overflow(order->price, order->shares, &product)) return 0;
  int64_t quotient = product / 1000000, rest = product % 1000000;
  order->usd_floor = quotient;
  order->usd = quotient + (rest > 500000 || (rest == 500000 && (quotient & 1)));
  const bb_text *taker = &order->text[BB_TAKER];
  if (taker->count == 0) return 1;
  order->role = BB_ROLE_MAKER;
  if (taker->count != 42) return 1;
  uint64_t start = bbscan_load64(taker->bytes + 2);
  for (int at = 0; at < 4; at += 1)
    if (bbscan_load64((const uint8_t *)exchanges[at] + 2) == start &&
        !memcmp(exchanges[at], taker->bytes, 42))
      order->role = BB_ROLE_TAKER;
  return 1;
}

static const uint8_t *read_order(const uint8_t *p, bb_order *order) {
  memset(order, 0, sizeof *order);
  order->block_number = order->log_index = -1;
  for (const step *step = layout;; step += 1) {
    if (!bbscan_equal(p, step->literal, step->count)) return NULL;
    p += step->count;
    switch (step->action) {
      case END: return complete(order) ? p : NULL;
      case TEXT: p = text(p, step, 0, order); break;
      case LOWER: p = text(p, step, 1, order); break;
      case SIDE:
        if (!memcmp(p, "BUY\"", 4)) {
          p += 4;
        } else if (!memcmp(p, "SELL\"", 5)) {
          order->side = BB_SIDE_SELL;
          p += 5;
        } else {
          return NULL;
        }
        break;
      case PRICE:
        p = micros(p, &order->price);
        if (order->price > 1000000) return NULL;
        break;
      case SHARES:
        p = whole(p, &order->shares);
        if (order->shares <= 0) return NULL;
        break;
      case TIME:
        p = whole(p, &order->time);
        if (order->time > 9999999999) return NULL;
        order->time *= 1000;
        break;
      default: p = skip_number(p); break;
    }
    if (!p) return NULL;
  }
}

bbref_scanner *bbref_new(void) {
  bbref_scanner *scanner = calloc(1, sizeof *scanner);
  if (scanner) scanner->line = 1;
  return scanner;
}

void bbref_free(bbref_scanner *scanner) {
  if (scanner) free(scanner->base);
  free(scanner);
}

int bbref_append(bbref_scanner *scanner, const void *bytes, size_t count) {
  if (scanner->count + count > scanner->capacity) {
    size_t capacity = scanner->count + count;
    uint8_t *base = malloc(capacity + PADDING);
    if (!base) return 0;
    if (scanner->count) memcpy(base, scanner->base + scanner->first, scanner->count);
    free(scanner->base);
    scanner->base = base;
    scanner->capacity = capacity;
  } else {
    memmove(scanner->base, scanner->base + scanner->first, scanner->count);
  }
  scanner->first = 0;
  memcpy(scanner->base + scanner->count, bytes, count);
  scanner->count += count;
  memset(scanner->base + scanner->count, 0, PADDING);
  return 1;
}

size_t bbref_next(bbref_scanner *scanner, bb_order *orders, size_t capacity) {
  size_t found = 0;
  while (found < capacity) {
    const uint8_t *start = scanner->base + scanner->first;
    if (*start != '{') break;
    const uint8_t *end = read_order(start, &orders[found]);
    if (!end || *end != '\n') break;
    orders[found].offset = scanner->offset;
    orders[found].line = scanner->line;
    size_t count = (size_t)(end + 1 - start);
    scanner->first += count;
    scanner->count -= count;
    scanner->offset += count;
    scanner->line += 1;
    scanner->orders += 1;
    found += 1;
  }
  return found;
}
