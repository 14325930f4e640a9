// What must hold for any bytes as a rule: nothing is read or written out of bounds, nothing is lost, and
// every call comes back. The first byte chooses how the others are used:
//   0  as the file itself                1  as the body of on_order
//   2  as calls of library functions with hostile arguments
//   3  as a saved `state`
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../Sources/CRuleVM/include/CRuleVM.h"

// MARK: A host with one window of fixed numbers

static crv_group groups[3] = {{0, 0, 7}, {0, 1, 7}, {0, 2, 7}};
static const int64_t sequences[3] = {1, 2, 3};

static int advance(void *context, int32_t index) { return (void)context, index == 1 ? 0 : 1; }
static int current(void *context, uint32_t window, crv_group *out) {
  (void)context, *out = groups[0];
  return window == 0;
}
static int find(void *context, uint32_t window, const crv_value *key, size_t count, crv_group *out) {
  (void)context, *out = groups[1];
  return window == 0 && count == 1 && key[0].kind == CRV_TEXT;
}
static const crv_group *list(void *context, uint32_t window, size_t *count) {
  (void)context, *count = window == 0 ? 3 : 0;
  return groups;
}
static const char *aggregate(void *context, crv_group group, uint32_t index, crv_value *out) {
  static const crv_value pair[2] = {{.kind = CRV_TEXT, .as.text = {(const uint8_t *)"0xab", 4}},
                                    {.kind = CRV_INTEGER, .as.integer = 5}};
  (void)context;
  if (index == 0) *out = (crv_value){.kind = CRV_INTEGER, .as.integer = group.index};
  if (index == 1) *out = (crv_value){.kind = CRV_NUMBER, .as.number = 0.5};
  if (index == 2) *out = (crv_value){.kind = CRV_LIST, .as.list = {pair, 1}};
  return index > 2 ? "no such value" : NULL;
}
static const char *key(void *context, crv_group group, uint32_t index, crv_value *out) {
  (void)context, (void)group, (void)index;
  *out = (crv_value){.kind = CRV_TEXT, .as.text = {(const uint8_t *)"0xcd", 4}};
  return NULL;
}
static const int64_t *orders_of(void *context, crv_group group, size_t *count) {
  (void)context, (void)group, *count = 3;
  return sequences;
}
static int truncated(void *context, crv_group group) { return (void)context, group.index == 1; }

static const crv_host host = {NULL, advance, current, find, list, aggregate, key, orders_of, truncated};

static void set(bb_order *order, int field, const char *text) {
  order->text[field] = (bb_text){(const uint8_t *)text, (uint32_t)strlen(text), (uint32_t)field + 1};
}

static void make_orders(bb_order orders[4]) {
  memset(orders, 0, 4 * sizeof *orders);
  for (int i = 0; i < 4; i++) {
    orders[i].seq = i + 1;
    orders[i].time = orders[i].clock = 1767500000000 + i;
    orders[i].price = 560000;
    orders[i].shares = INT64_C(9000000) << (i * 12);
    orders[i].side = i & 1;
    set(&orders[i], BB_USER, "0x6031b6eed1c97e853c6e0f03ad3ce3529351f96d");
    set(&orders[i], BB_TOKEN_ID, "57625936606489185661652559589880983711918116553203741246101402");
    if (i & 1) set(&orders[i], BB_TITLE, "caf\xC3\xA9");
  }
}

// MARK: Sources

typedef struct { char text[64 * 1024]; size_t used; } source;

static void put(source *s, const char *text, size_t count) {
  if (count > sizeof s->text - s->used) count = sizeof s->text - s->used;
  memcpy(s->text + s->used, text, count);
  s->used += count;
}

static void puts_(source *s, const char *text) { put(s, text, strlen(text)); }

static const char *const functions[] = {
  "string.byte", "string.char", "string.find", "string.format", "string.gmatch", "string.gsub", "string.len",
  "string.lower", "string.match", "string.pack", "string.packsize", "string.rep", "string.reverse",
  "string.sub",
  "string.unpack", "string.upper", "table.concat", "table.insert", "table.move", "table.pack", "table.remove",
  "table.sort", "table.unpack", "math.random", "math.fmod", "math.floor", "math.max", "math.tointeger",
  "utf8.char",
  "utf8.codepoint", "utf8.codes", "utf8.len", "utf8.offset", "assert", "error", "getmetatable", "setmetatable",
  "ipairs", "next", "pairs", "pcall", "xpcall", "select", "tonumber", "tostring", "type", "print", "now", "copy",
  "signal", "group", "groups", "usd", "cents", "shares", "duration", "short", "fmt.usd", "fmt.cents", "fmt.shares",
  "require", "rule", "w.g.orders", "f",
};
static const char *const values[] = {
  "nil", "true", "0", "1", "-1", "3", "17", "255", "1e308", "0/0", "-1/0", "math.maxinteger", "math.mininteger",
  "2^53", "''", "'a'", "'\\0'", "'%'", "'%d%5.2f%q%s'", "'(()%1a-[^%]]*$'", "'%b()%f[%w]'", "'\\xff\\xfe'",
  "'i16>s1zx!8Xd'",
  "('ab'):rep(3000)", "{}", "{1,2,3}", "{3,'x',false}", "{a=1,b={c=2}}", "print", "f", "o", "w", "w.g", "state",
  "s", "t",
  "string", "_ENV", "{title='x',data=t,evidence={1,2}}", "{__index=f,__eq=f,__close=f,__tostring=f,__lt=f}",
  "'title'", "'lib'",
  "'g'", "o.user", "'0x6031'", "'10m'", "x", "'__mode'",
};

static const char *pick(const char *const *from, size_t count, uint8_t byte) { return from[byte % count]; }
#define PICK(from, byte) pick(from, sizeof from / sizeof *from, byte)

static void put_header(source *s) {
  puts_(s, "local R = rule { params = { a = param.usd(1) }, where = { side = one_of('BUY', 'SELL') } }\n"
           "local x, t, s = 1, {}, 'text'\nlocal function f(...) x = ... t[#t + 1] = x return ... end\n"
           "function R.on_timer(name) x = name end\nfunction R.on_close(name, key, g) t[1] = g x = key[1] end\n"
           "function R.on_sequence(name, m) t[2] = m x = m.steps.a t[3] = m:orders() end\n"
           "function R.on_order(o, w)\n");
}

static void put_calls(source *s, const uint8_t *data, size_t count) {
  for (size_t i = 0; i + 2 < count && s->used < sizeof s->text - 4096;) {
    uint8_t how = data[i + 1];
    const char *kept = how & 0x40 ? "t[#t % 5 + 1] = select(2, pcall(" : "state.v = select(2, pcall(";
    puts_(s, how & 0x80 ? "x = select(-1, pcall(" : kept);
    puts_(s, PICK(functions, data[i]));
    i += 2;
    for (int argument = 0; argument < (how & 7) && i < count; argument++, i++) {
      puts_(s, ",");
      puts_(s, PICK(values, data[i]));
    }
    puts_(s, "))\n");
  }
}

// MARK: A run

static void run(crv_vm *vm) {
  bb_order orders[4];
  make_orders(orders);
  crv_window_names window = {
    .name = "g", .aggregates = (const char *const[]){"n", "mean", "best"}, .aggregate_count = 3,
    .top_fields = (const char *const[]){NULL, NULL, "user\0usd"},
    .keys = (const char *const[]){"user"}, .key_count = 1};
  if (crv_bind_windows(vm, &window, 1) != CRV_OK) return;
  for (int32_t from = 0, at = 0; from < 4 && crv_hooks(vm) & CRV_HOOK_ORDER; from = at + 1) {
    if (crv_run(vm, orders, 4, from, &host, &at) == CRV_OK) break;
    if (strlen(crv_last_failure(vm)->message) == 0) abort();
  }
  if (crv_hooks(vm) & CRV_HOOK_TIMER) (void)crv_run_timer(vm, "tick", 5, &host);
  if (crv_hooks(vm) & CRV_HOOK_CLOSE) (void)crv_run_close(vm, groups[2], 6, &host);
  const crv_value key = {.kind = CRV_TEXT, .as.text = {(const uint8_t *)"0xa", 3}};
  const crv_step steps[] = {{.name = "a", .seq = 1, .time = 1, .user = key}, {.name = "b", .seq = 1, .time = 7}};
  const crv_match match = {.name = "s", .key_names = (const char *const[]){"user"}, .key = &key, .key_count = 1,
                           .steps = steps, .step_count = 2};
  if (crv_hooks(vm) & CRV_HOOK_SEQUENCE) (void)crv_run_sequence(vm, &match, 7, 4, &host);
  size_t count = 0, bytes = 0;
  const crv_signal *signals = crv_signals(vm, &count);
  for (size_t i = 0; i < count; i++) {
    for (size_t e = 0; e < signals[i].evidence_count; e++) bytes += (size_t)(signals[i].evidence[e] & 1);
    const char *data = signals[i].data.bytes ? signals[i].data.bytes : "";
    bytes += signals[i].title.count + strnlen(data, signals[i].data.count);
  }
  if (bytes > 1u << 30) abort();
  crv_clear(vm);
  const uint8_t *saved = crv_save_state(vm, &count);
  if (saved) {
    uint8_t *kept = malloc(count);
    memcpy(kept, saved, count);
    if (crv_load_state(vm, kept, count) != CRV_OK && crv_last_failure(vm)->kind == CRV_ERROR) abort();
    free(kept);
  }
  crv_collect(vm);
  const char *log = crv_take_log(vm, &count);
  if (count && memchr(log, '\n', count) == NULL) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  crv_limits limits = crv_default_limits();
  limits.memory_limit = 2u << 20;
  limits.allocation_limit = 256u << 10;
  limits.step_limit = 200000;
  limits.call_budget_ms = 6;
  limits.load_budget_ms = 10;
  crv_vm *vm = crv_new("fuzz", &limits);
  if (!vm) abort();
  static const char library[] = "local M = {} function M.twice(x) return 2 * x end return M";
  crv_add_library(vm, "lib", library, sizeof library - 1);
  crv_override(vm, "a", "2.5");
  static source s;
  s.used = 0;
  const uint8_t *rest = data + 1;
  size_t count = size - 1;
  switch (data[0] & 3) {
    case 0: put(&s, (const char *)rest, count); break;
    case 1: put_header(&s); put(&s, (const char *)rest, count); puts_(&s, "\nend\nreturn R\n"); break;
    case 2: put_header(&s); put_calls(&s, rest, count); puts_(&s, "\nend\nreturn R\n"); break;
    default:
      if (count) (void)crv_load_state(vm, rest, count);
      (void)crv_save_state(vm, &count);
  }
  if (crv_load(vm, "fuzz.lua", s.text, s.used) == CRV_OK) run(vm);
  crv_free(vm);
  return 0;
}
