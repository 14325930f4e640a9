// The error barrier: every stretch of rule code runs in here, and what it raises ends in `vm->failure`.
#include "vm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const crv_failure *crv_last_failure(const crv_vm *vm) { return &vm->failure; }

void crv_set_failure(crv_vm *vm, int kind, int line, const char *message) {
  snprintf(vm->message, sizeof vm->message, "%s", message);
  vm->failure = (crv_failure){.kind = kind, .line = line, .message = vm->message, .trace = vm->trace};
}

void crv_begin_call(crv_vm *vm) {
  vm->steps_left = vm->limits.step_limit;
  vm->limit_hit = false;
  vm->refused = vm->memory_over = vm->oversized = vm->memory_refused = false;
  vm->attention = vm->killed;
  vm->ordinal = 0;
  vm->event_bytes = vm->signal_bytes.count;
}

void crv_attend(lua_State *L) {
  crv_vm *vm = crv_self(L);
  // Cleared first: a signal that comes meanwhile sets it again.
  vm->attention = 0;
  if (vm->killed) {
    vm->attention = 1;
    luaL_error(L, "killed: the call used more than its CPU time");
  }
  if (!vm->memory_over) return;
  vm->memory_over = false;
  if (!vm->oversized && !vm->memory_refused) {
    lua_gc(L, LUA_GCCOLLECT);
    if (vm->memory <= vm->limits.memory_limit) return;
  }
  vm->memory_refused = true;
  luaL_error(L, "out of memory");
}

void crv_charge_slow(lua_State *L) {
  crv_vm *vm = crv_self(L);
  if (vm->attention) crv_attend(L);
  if (vm->steps_left >= vm->steps_wanted) return;
  vm->steps_left = 0;
  crv_limit_error(L, "the call used more than %d steps in string and table functions",
                  (int)vm->limits.step_limit);
}

int crv_limit_error(lua_State *L, const char *format, ...) {
  crv_self(L)->limit_hit = true;
  va_list arguments;
  va_start(arguments, format);
  luaL_where(L, 1);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return lua_error(L);
}

// The chunk name of the rule's own files starts with '@'; the prelude's with '='.
static bool is_rule_frame(lua_State *L, lua_Debug *frame) {
  return lua_getinfo(L, "Sl", frame) && frame->source[0] == '@' && frame->currentline > 0;
}

// Writes the stack into vm->trace without allocating in the Lua heap: it also runs when memory is gone.
static int on_error(lua_State *L) {
  crv_vm *vm = crv_self(L);
  size_t used = 0;
  int line = 0;
  lua_Debug frame;
  for (int level = 0; level < 24 && lua_getstack(L, level, &frame); level++) {
    if (!is_rule_frame(L, &frame)) continue;
    if (!line) line = frame.currentline;
    lua_getinfo(L, "n", &frame);
    int wrote = snprintf(vm->trace + used, sizeof vm->trace - used, "%s%s:%d: in %s", used ? "\n" : "",
                         frame.short_src, frame.currentline, frame.name ? frame.name : "the rule");
    if (wrote < 0 || (size_t)wrote >= sizeof vm->trace - used) break;
    used += (size_t)wrote;
  }
  vm->trace[used] = '\0';
  if (line) vm->failure.line = line;
  return 1;
}

static int kind_of(crv_vm *vm, int status) {
  if (vm->killed) return CRV_KILLED;
  if (status == LUA_ERRMEM || vm->memory_refused || vm->refused) return CRV_MEMORY;
  return vm->limit_hit ? CRV_LIMIT : CRV_ERROR;
}

// "file.lua:12: message" → 12; the line of a syntax error is nowhere else.
static int line_in(const char *message) {
  const char *at = strstr(message, ".lua:");
  int line = 0;
  return at && sscanf(at, ".lua:%d:", &line) == 1 ? line : 0;
}

// The place in the prelude means nothing to the rule's author; that of the rule is added instead.
static const char *without_prelude(const char *message) {
  const char *rest = strncmp(message, "prelude:", 8) == 0 ? strstr(message + 8, ": ") : NULL;
  return rest ? rest + 2 : message;
}

static void record(crv_vm *vm, int status) {
  lua_State *L = vm->L;
  int kind = kind_of(vm, status);
  char text[1024];
  if (kind == CRV_KILLED) {
    snprintf(text, sizeof text, "killed: the call used more than %u ms of CPU time",
             vm->loading ? vm->limits.load_budget_ms : vm->limits.call_budget_ms);
  } else if (kind == CRV_MEMORY) {
    snprintf(text, sizeof text, "out of memory: a rule may use %zu MiB in all and %zu MiB in one piece",
             vm->limits.memory_limit >> 20, vm->limits.allocation_limit >> 20);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    snprintf(text, sizeof text, "%s", without_prelude(lua_tostring(L, -1)));
  } else {
    snprintf(text, sizeof text, "an error value that is no string: a %s", luaL_typename(L, -1));
  }
  int line = vm->failure.line ? vm->failure.line : line_in(text);
  char message[sizeof vm->message];
  if (line_in(text) || (!line && strstr(text, ".lua:"))) {
    snprintf(message, sizeof message, "%.1000s", text);
  } else if (!line) {
    snprintf(message, sizeof message, "%s.lua: %.900s", vm->name, text);
  } else {
    snprintf(message, sizeof message, "%s.lua:%d: %.900s", vm->name, line, text);
  }
  crv_set_failure(vm, kind, line, message);
}

int crv_protected(crv_vm *vm, lua_CFunction function, void *argument, const char *what) {
  lua_State *L = vm->L;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, 8)) {
    crv_set_failure(vm, CRV_MEMORY, 0, what);
    return CRV_MEMORY;
  }
  vm->failure.line = 0;
  vm->trace[0] = '\0';
  // C functions without upvalues and light userdata do not allocate: nothing can raise out here.
  lua_pushcfunction(L, on_error);
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, argument);
  int status = lua_pcall(L, 1, 0, top + 1);
  int result = CRV_OK;
  if (status != LUA_OK) {
    record(vm, status);
    result = vm->failure.kind;
  }
  lua_settop(L, top);
  return result;
}
