// signal{}: checks what the rule says and keeps it, bounded, until the core takes it.
#include "vm.h"

#include <stdlib.h>
#include <string.h>

enum { TITLE_LIMIT = 1024, TEXT_LIMIT = 512, EVIDENCE_LIMIT = 10000, EVENT_LIMIT = 1 << 20 };

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
static const char signal_fields[] =
  "title\0severity\0confidence\0key\0market\0token\0side\0action\0data\0evidence\0hold\0";

const char *crv_signal_field_names(void) { return signal_fields; }

// Texts are kept as offsets + 1 while the buffer may still move; crv_signals turns them into pointers.
static crv_text keep(lua_State *L, const void *bytes, size_t count) {
  crv_vm *vm = crv_self(L);
  size_t offset = vm->signal_bytes.count;
  // One byte more: an empty text, too, must be somewhere.
  bool added = crv_buffer_reserve(&vm->signal_bytes, count + 1) && crv_buffer_add(&vm->signal_bytes, bytes, count);
  if (!added) luaL_error(L, "out of memory");
  return (crv_text){.bytes = (const char *)(offset + 1), .count = count};
}

// Raw: a metamethod could call signal{} again while this one is half read.
static int raw_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  return lua_rawget(L, 1);
}

static crv_text text_field(lua_State *L, const char *name, size_t limit) {
  crv_text none = {NULL, 0};
  int type = raw_field(L, name);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return none;
  }
  if (type != LUA_TSTRING) luaL_error(L, "signal: %s must be text, not a %s", name, luaL_typename(L, -1));
  size_t count;
  const char *bytes = lua_tolstring(L, -1, &count);
  if (count > limit) crv_limit_error(L, "signal: %s is over %d bytes", name, (int)limit);
  if (!crv_valid_utf8(bytes, count)) luaL_error(L, "signal: %s is not valid UTF-8", name);
  crv_text kept = keep(L, bytes, count);
  lua_pop(L, 1);
  return kept;
}

static int8_t severity_field(lua_State *L) {
  int8_t result = -1;
  if (raw_field(L, "severity") != LUA_TNIL) {
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    for (int8_t i = 0; i < 5; i++) {
      if (strcmp(name, severities[i]) == 0) result = i;
    }
    if (result < 0) luaL_error(L, "signal: severity is one of info, low, medium, high, critical");
  }
  lua_pop(L, 1);
  return result;
}

static double confidence_field(lua_State *L) {
  double result = -1;
  if (raw_field(L, "confidence") != LUA_TNIL) {
    if (lua_type(L, -1) != LUA_TNUMBER) luaL_error(L, "signal: confidence must be a number from 0 to 1");
    result = lua_tonumber(L, -1);
    if (!(result >= 0 && result <= 1)) luaL_error(L, "signal: confidence must be a number from 0 to 1");
  }
  lua_pop(L, 1);
  return result;
}

static int64_t hold_field(lua_State *L) {
  int64_t result = -1;
  int type = raw_field(L, "hold");
  if (type == LUA_TSTRING) {
    size_t count;
    const char *text = lua_tolstring(L, -1, &count);
    if (!crv_parse_duration(text, count, &result)) luaL_error(L, "signal: hold is a duration such as \"30m\"");
  } else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 0) {
    result = lua_tointeger(L, -1);
  } else if (type != LUA_TNIL) {
    luaL_error(L, "signal: hold is a duration such as \"30m\", or milliseconds");
  }
  lua_pop(L, 1);
  return result;
}

static void evidence_field(lua_State *L, crv_signal *signal) {
  crv_vm *vm = crv_self(L);
  int type = raw_field(L, "evidence");
  if (type == LUA_TTABLE) {
    size_t count = lua_rawlen(L, -1);
    if (count > EVIDENCE_LIMIT) crv_limit_error(L, "signal: evidence is over %d orders", EVIDENCE_LIMIT);
    crv_charge(L, count);
    while (vm->signal_bytes.count % sizeof(int64_t)) (void)keep(L, "", 1);
    for (size_t i = 1; i <= count; i++) {
      lua_rawgeti(L, -1, (lua_Integer)i);
      if (!lua_isinteger(L, -1)) luaL_error(L, "signal: evidence is a list of journal numbers (o.seq, b:orders())");
      int64_t seq = lua_tointeger(L, -1);
      crv_text kept = keep(L, &seq, sizeof seq);
      if (i == 1) signal->evidence = (const int64_t *)kept.bytes;
      lua_pop(L, 1);
    }
    signal->evidence_count = count;
  } else if (type != LUA_TNIL) {
    luaL_error(L, "signal: evidence is a list of journal numbers (o.seq, b:orders())");
  }
  lua_pop(L, 1);
}

static void check_fields(lua_State *L) {
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
    bool known = false;
    for (const char *at = signal_fields; *at && !known; at += strlen(at) + 1) known = strcmp(at, name) == 0;
    if (known) continue;
    const char *near = crv_suggest(name, signal_fields);
    if (near) luaL_error(L, "signal: unknown field '%s' (did you mean '%s'?)", name, near);
    luaL_error(L, "signal: unknown field '%s'", name);
  }
}

static crv_signal *next_slot(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (vm->signal_count == vm->signal_capacity) {
    size_t capacity = vm->signal_capacity ? vm->signal_capacity * 2 : 16;
    crv_signal *grown = realloc(vm->signals, capacity * sizeof *grown);
    if (!grown) luaL_error(L, "out of memory");
    vm->signals = grown;
    vm->signal_capacity = capacity;
  }
  return &vm->signals[vm->signal_count];
}

int crv_signal_emit(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (vm->loading) return luaL_error(L, "signal{} is for hooks; the file is still loading");
  if (!vm->host) return luaL_error(L, "signal{} is for the hooks of events; migrate has none");
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if ((uint32_t)vm->ordinal >= vm->limits.signals_per_event) {
    return crv_limit_error(L, "more than %d signals for one event", (int)vm->limits.signals_per_event);
  }
  // Signals that fail inside a pcall leave their bytes behind until the event is over.
  if (vm->signal_bytes.count - vm->event_bytes > EVENT_LIMIT) {
    return crv_limit_error(L, "more than %d MiB of signals for one event", EVENT_LIMIT >> 20);
  }
  check_fields(L);
  crv_signal made = {0}, *signal = &made;
  signal->title = text_field(L, "title", TITLE_LIMIT);
  if (!signal->title.bytes) return luaL_error(L, "signal: title is missing");
  signal->severity = severity_field(L);
  signal->confidence = confidence_field(L);
  signal->hold = hold_field(L);
  signal->key = text_field(L, "key", TEXT_LIMIT);
  signal->market = text_field(L, "market", TEXT_LIMIT);
  signal->token = text_field(L, "token", TEXT_LIMIT);
  signal->side = text_field(L, "side", TEXT_LIMIT);
  signal->action = text_field(L, "action", TEXT_LIMIT);
  if (raw_field(L, "data") != LUA_TNIL) {
    size_t offset = vm->signal_bytes.count;
    crv_encode_json(L, -1, &vm->signal_bytes, vm->limits.data_limit);
    signal->data = (crv_text){(const char *)(offset + 1), vm->signal_bytes.count - offset};
  }
  lua_pop(L, 1);
  evidence_field(L, signal);
  signal->index = vm->order ? (int32_t)(vm->order - vm->orders) : -1;
  signal->ordinal = vm->ordinal++;
  *next_slot(L) = made;
  vm->signal_count++;
  return 0;
}

void crv_drop_signals(crv_vm *vm, size_t keep_signals, size_t keep_bytes) {
  vm->signal_count = keep_signals;
  vm->signal_bytes.count = keep_bytes;
}

static void resolve(crv_text *text, const char *base, size_t size) {
  size_t offset = (size_t)text->bytes;
  if (offset > 0 && offset <= size + 1) text->bytes = base + offset - 1;
}

size_t crv_signal_count(const crv_vm *vm) { return vm->signal_count; }

// Offsets are at most the buffer's size and pointers are not, so that resolving twice is harmless.
const crv_signal *crv_signals(const crv_vm *vm, size_t *count) {
  const char *base = vm->signal_bytes.bytes;
  size_t size = vm->signal_bytes.count;
  for (size_t i = 0; i < vm->signal_count; i++) {
    crv_signal *signal = &vm->signals[i];
    crv_text *texts[] = {&signal->title, &signal->key, &signal->market, &signal->token, &signal->side,
                         &signal->action, &signal->data};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) resolve(texts[t], base, size);
    crv_text evidence = {(const char *)signal->evidence, 0};
    resolve(&evidence, base, size);
    signal->evidence = (const int64_t *)evidence.bytes;
  }
  *count = vm->signal_count;
  return vm->signals;
}

// What one flood needed is not kept for good.
void crv_clear(crv_vm *vm) {
  crv_drop_signals(vm, 0, 0);
  if (vm->signal_bytes.capacity > EVENT_LIMIT) crv_buffer_free(&vm->signal_bytes);
}
