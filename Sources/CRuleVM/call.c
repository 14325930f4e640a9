// Loading a rule's file and calling its hooks.
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: Loading

typedef struct { const char *file, *source; size_t count; } load_request;

static const char hook_names[] = "on_order\0on_timer\0on_close\0on_sequence\0on_signal\0on_gap\0migrate\0";
static const char later_hooks[] = "on_quote\0";

const char *crv_hook_names(void) { return hook_names; }

static bool is_in(const char *name, const char *names) {
  for (; *names; names += strlen(names) + 1) {
    if (strcmp(name, names) == 0) return true;
  }
  return false;
}

// A key of the rule's table that looks like a hook but is none would never be called: say so.
static void check_members(lua_State *L) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    const char *name = lua_tostring(L, -1);
    if (is_in(name, hook_names)) continue;
    if (is_in(name, later_hooks)) luaL_error(L, "%s.lua: this version of betterbot has no hook '%s'", crv_self(L)->name, name);
    const char *near = crv_suggest(name, hook_names);
    if (near) luaL_error(L, "%s.lua: unknown hook '%s' (did you mean '%s'?)", crv_self(L)->name, name, near);
    if (strncmp(name, "on_", 3) == 0) luaL_error(L, "%s.lua: unknown hook '%s'", crv_self(L)->name, name);
  }
}

static void take_hook(lua_State *L, const char *name, unsigned bit, int *ref) {
  crv_vm *vm = crv_self(L);
  int type = lua_getfield(L, -1, name);
  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  if (type != LUA_TFUNCTION) luaL_error(L, "%s.lua: %s must be a function, not a %s", vm->name, name, luaL_typename(L, -1));
  *ref = luaL_ref(L, LUA_REGISTRYINDEX);
  vm->hooks |= bit;
}

// Hands the source over line by line, so that an error without a place (a nesting that is too deep) has one.
typedef struct { const char *at, *end; int line; } line_reader;

static const char *read_line(lua_State *L, void *data, size_t *size) {
  (void)L;
  line_reader *reader = data;
  const char *line = reader->at;
  *size = (size_t)(reader->end - line);
  if (*size == 0) return NULL;
  const char *newline = memchr(line, '\n', *size);
  if (newline) *size = (size_t)(newline - line) + 1;
  reader->at += *size;
  reader->line++;
  return line;
}

static int load_rule(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const load_request *request = lua_touserdata(L, 1);
  char chunk[256];
  snprintf(chunk, sizeof chunk, "@%.250s", request->file);
  if (request->count > CRV_SOURCE_LIMIT) return luaL_error(L, "%s: the file is over %d KiB", request->file, CRV_SOURCE_LIMIT / 1024);
  line_reader reader = {request->source, request->source + request->count, 0};
  if (lua_load(L, read_line, &reader, chunk, "t") != LUA_OK) {
    // A refused bytecode file has no lines.
    bool is_text = request->count == 0 || request->source[0] != LUA_SIGNATURE[0];
    vm->failure.line = is_text ? reader.line : 0;
    return lua_error(L);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_environment);
  if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  lua_call(L, 0, 1);
  crv_refresh_metatables(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "is_rule");
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  if (!lua_toboolean(L, -1)) {
    return luaL_error(L, "%s: the file must end with `return R`, where `local R = rule { … }`", request->file);
  }
  lua_pop(L, 1);
  check_members(L);
  take_hook(L, "on_order", CRV_HOOK_ORDER, &vm->ref_on_order);
  take_hook(L, "on_timer", CRV_HOOK_TIMER, &vm->ref_on_timer);
  take_hook(L, "on_close", CRV_HOOK_CLOSE, &vm->ref_on_close);
  take_hook(L, "on_sequence", CRV_HOOK_SEQUENCE, &vm->ref_on_sequence);
  take_hook(L, "on_signal", CRV_HOOK_SIGNAL, &vm->ref_on_signal);
  take_hook(L, "on_gap", CRV_HOOK_GAP, &vm->ref_on_gap);
  crv_take_migration(L);
  if (vm->hooks == 0) {
    return luaL_error(L, "%s: the rule has no hook: define R.on_order, R.on_timer, R.on_close, R.on_sequence, R.on_signal or R.on_gap", request->file);
  }
  for (size_t i = 0; i < vm->override_count; i++) {
    if (!vm->overrides[i].used) return luaL_error(L, "%s: there is no parameter '%s'", request->file, vm->overrides[i].name);
  }
  return 0;
}

int crv_load(crv_vm *vm, const char *file, const char *source, size_t count) {
  load_request request = {file, source, count};
  if (count >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) {
    request.source += 3;
    request.count -= 3;
  }
  vm->loading = true;
  crv_begin_call(vm);
  crv_watch_begin(vm, vm->limits.load_budget_ms);
  int status = crv_protected(vm, load_rule, &request, file);
  crv_watch_end(vm);
  vm->loading = false;
  return status;
}

// MARK: Windows

static char *copy_pair(const char *pair) {
  if (!pair) return NULL;
  size_t first = strlen(pair) + 1, count = first + strlen(pair + first) + 1;
  char *copied = malloc(count);
  if (copied) memcpy(copied, pair, count);
  return copied;
}

static int bind_windows(lua_State *L) {
  crv_vm *vm = crv_self(L);
  crv_group_open(L);
  if (vm->hooks & CRV_HOOK_ORDER) crv_order_compile(L);
  return 0;
}

int crv_bind_windows(crv_vm *vm, const crv_window_names *windows, size_t count) {
  vm->windows = calloc(count + 1, sizeof *vm->windows);
  if (!vm->windows) return CRV_MEMORY;
  vm->window_count = count;
  bool complete = true;
  for (size_t i = 0; i < count; i++) {
    const crv_window_names *from = &windows[i];
    const char **aggregates = calloc(from->aggregate_count + 1, sizeof *aggregates);
    const char **tops = calloc(from->aggregate_count + 1, sizeof *tops);
    const char **keys = calloc(from->key_count + 1, sizeof *keys);
    vm->windows[i] = (crv_window_names){strdup(from->name), aggregates, tops, from->aggregate_count, keys, from->key_count};
    if (!aggregates || !tops || !keys || !vm->windows[i].name) {
      vm->windows[i].aggregate_count = aggregates && tops ? from->aggregate_count : 0;
      vm->windows[i].key_count = keys ? from->key_count : 0;
      vm->window_count = i + 1;
      return CRV_MEMORY;
    }
    for (size_t a = 0; a < from->aggregate_count; a++) {
      aggregates[a] = strdup(from->aggregates[a]);
      tops[a] = copy_pair(from->top_fields[a]);
      complete = complete && aggregates[a] && (tops[a] || !from->top_fields[a]);
    }
    for (size_t k = 0; k < from->key_count; k++) complete = (keys[k] = strdup(from->keys[k])) && complete;
  }
  return complete ? crv_protected(vm, bind_windows, NULL, "windows") : CRV_MEMORY;
}

// MARK: on_order over a batch

typedef struct {
  int32_t count, at, stopped;
  size_t signals, bytes;   // what to keep should the order at `at` fail
} batch_run;

static void set_event(crv_vm *vm, const bb_order *order) {
  crv_begin_call(vm);
  vm->order = order;
  vm->now = order->clock;
  vm->event_seed = vm->rule_seed ^ (uint64_t)order->seq * 0x9E3779B97F4A7C15u;
  vm->random_ready = false;
}

// Puts what every call needs on the stack, where it is cheaper to reach than in the registry.
enum { AT_CACHE = 2, AT_TRAMPOLINE = 3 };

static void push_fixtures(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_settop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_cache);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_trampoline);
}

// The whole batch inside one protected call: what one order costs is a call of a Lua function.
static int run_batch(lua_State *L) {
  crv_vm *vm = crv_self(L);
  batch_run *run = lua_touserdata(L, 1);
  const crv_host *host = vm->host;
  luaL_checkstack(L, 40, "the order");
  push_fixtures(L);
  for (; run->at < run->count; run->at++) {
    run->signals = vm->signal_count;
    run->bytes = vm->signal_bytes.count;
    int what = host->advance ? host->advance(host->context, run->at) : CRV_CALL;
    if (what == CRV_SKIP) continue;
    if (what == CRV_STOP) return run->stopped = 1, 0;
    if (what == CRV_SKIP_AND_STOP) return run->at++, run->stopped = 1, 0;
    // By calls and not by batches: a rule must not be able to see where a batch ends.
    if (vm->reads_since >= CRV_LEARN_CALLS) {
      crv_order_learn(L);
      push_fixtures(L);
    }
    const bb_order *order = &vm->orders[run->at];
    crv_watch_step();
    if (vm->killed) crv_forgive(vm);
    set_event(vm, order);
    vm->calls++;
    vm->reads_since++;
    if (vm->probes) crv_note_call(vm, "on_order", NULL);
    lua_pushvalue(L, AT_TRAMPOLINE);
    lua_call(L, crv_order_push_arguments(L, order, AT_CACHE), 0);
    // Interrupted just as it returned: the hook is armed and would hit the next order instead.
    if (vm->attention) crv_attend(L);
    if (vm->probes) crv_note_end(vm, CRV_OK);
    if (what == CRV_CALL_AND_STOP) return run->at++, run->stopped = 1, 0;
  }
  return 0;
}

int crv_run(crv_vm *vm, const bb_order *orders, int32_t count, int32_t from, const crv_host *host, int32_t *index) {
  batch_run run = {.count = count, .at = from};
  vm->orders = orders;
  vm->host = host;
  crv_watch_begin(vm, vm->limits.call_budget_ms);
  int status = crv_protected(vm, run_batch, &run, "on_order");
  crv_watch_end(vm);
  vm->order = NULL;
  vm->host = NULL;
  *index = run.at;
  if (status != CRV_OK) {
    crv_drop_signals(vm, run.signals, run.bytes);
    crv_note_end(vm, status);
  }
  return status == CRV_OK && run.stopped ? CRV_STOPPED : status;
}

// MARK: The other hooks

typedef struct {
  const char *name;
  const crv_match *match;
  const crv_gap *gap;
  const crv_heard *heard;
  crv_group group;
  int64_t now;
  uint64_t seed;
} hook_call;

static int run_hook(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const hook_call *call = lua_touserdata(L, 1);
  if (call->gap || call->heard) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->gap ? vm->ref_on_gap : vm->ref_on_signal);
    if (call->gap) crv_gap_push(L, call->gap);
    else crv_heard_push(L, call->heard);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_w);
    lua_call(L, 2, 0);
    return 0;
  }
  if (call->name) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_on_timer);
    lua_pushstring(L, call->name);
    lua_pushinteger(L, call->now);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_w);
  } else if (call->match) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_on_sequence);
    lua_pushstring(L, call->match->name);
    crv_match_push(L, call->match);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_w);
  } else {
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->ref_on_close);
    lua_pushstring(L, vm->windows[call->group.window].name);
    crv_push_key_table(L, call->group);
    crv_group_push(L, call->group);
  }
  lua_call(L, 3, 0);
  return 0;
}

static int run_outside_batch(crv_vm *vm, hook_call *call, const crv_host *host) {
  size_t signals = vm->signal_count, bytes = vm->signal_bytes.count;
  crv_begin_call(vm);
  vm->order = NULL;
  vm->host = host;
  vm->now = call->now;
  vm->event_seed = ~vm->rule_seed ^ call->seed ^ (uint64_t)call->now * 0x9E3779B97F4A7C15u;
  vm->random_ready = false;
  vm->calls++;
  const char *hook = call->gap ? "on_gap" : call->heard ? "on_signal" : call->name ? "on_timer" : call->match ? "on_sequence" : "on_close";
  crv_note_call(vm, hook, call->match);
  crv_watch_begin(vm, vm->limits.call_budget_ms);
  int status = crv_protected(vm, run_hook, call, "hook");
  crv_watch_end(vm);
  vm->host = NULL;
  if (status != CRV_OK) crv_drop_signals(vm, signals, bytes);
  crv_note_end(vm, status);
  return status;
}

int crv_run_timer(crv_vm *vm, const char *name, int64_t now, const crv_host *host) {
  hook_call call = {.name = name, .now = now};
  return run_outside_batch(vm, &call, host);
}

int crv_run_close(crv_vm *vm, crv_group group, int64_t now, const crv_host *host) {
  hook_call call = {.group = group, .now = now};
  return run_outside_batch(vm, &call, host);
}

int crv_run_gap(crv_vm *vm, const crv_gap *gap, int64_t now, int64_t seq, const crv_host *host) {
  // Several gaps can be told at one event time.
  hook_call call = {.gap = gap, .now = now, .seed = bb_mix((uint64_t)seq, 0x9E3779B97F4A7C15u)};
  return run_outside_batch(vm, &call, host);
}

int crv_run_sequence(crv_vm *vm, const crv_match *match, int64_t now, int64_t seq, const crv_host *host) {
  uint64_t name = bb_hash((const uint8_t *)match->name, (ptrdiff_t)strlen(match->name), (uint64_t)seq);
  hook_call call = {.match = match, .now = now, .seed = name};
  return run_outside_batch(vm, &call, host);
}

int crv_run_signal(crv_vm *vm, const crv_heard *heard, int64_t now, int64_t seq, const crv_host *host) {
  uint64_t id = bb_hash((const uint8_t *)heard->id.bytes, (ptrdiff_t)heard->id.count, (uint64_t)seq);
  hook_call call = {.heard = heard, .now = now, .seed = id};
  return run_outside_batch(vm, &call, host);
}
