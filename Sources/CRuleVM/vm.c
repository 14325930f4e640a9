// The life of a VM: made, loaded, bound to its windows, run, freed.
#include "vm.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_LIMIT = 1 << 20 };   // bytes

crv_limits crv_default_limits(void) {
  return (crv_limits){.memory_limit = 32u << 20, .allocation_limit = 4u << 20, .step_limit = 10000000,
                      .call_budget_ms = 50, .load_budget_ms = 500, .signals_per_event = 64, .data_limit = 16384};
}

static int panic(lua_State *L) {
  // Only unprotected code comes here, and there is none: every entry point is a protected call.
  (void)L;
  abort();
}

// MARK: What the prelude needs from C

static int core_loading(lua_State *L) { return lua_pushboolean(L, crv_self(L)->loading), 1; }

static int rule_line(lua_State *L, lua_Debug *frame) {
  for (int level = 1; lua_getstack(L, level, frame); level++) {
    if (lua_getinfo(L, "Sl", frame) && frame->source[0] == '@' && frame->currentline > 0) return frame->currentline;
  }
  return 0;
}

static int core_line(lua_State *L) {
  lua_Debug frame;
  lua_pushinteger(L, rule_line(L, &frame));
  return 1;
}

static int core_where(lua_State *L) {
  lua_Debug frame;
  int line = rule_line(L, &frame);
  if (line) lua_pushfstring(L, "%s:%d: ", frame.short_src, line);
  else lua_pushliteral(L, "");
  return 1;
}

static int core_text(lua_State *L) { return crv_tolstring(L, 1, NULL), 1; }

static int core_override(lua_State *L) {
  crv_vm *vm = crv_self(L);
  const char *name = lua_tostring(L, 1);
  for (size_t i = 0; name && i < vm->override_count; i++) {
    if (strcmp(vm->overrides[i].name, name) != 0) continue;
    vm->overrides[i].used = true;
    lua_pushstring(L, vm->overrides[i].text);
    return 1;
  }
  return 0;
}

static int core_header(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "spec");
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "line");
  vm->header.count = 0;
  crv_encode_tree(L, -1, &vm->header, "rule", HEADER_LIMIT);
  return 0;
}

// Raises a message that already names its place; luaL_error would put the prelude's in front.
static int core_fail(lua_State *L, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  return lua_error(L);
}

// convert(type, value, what): a parameter's value from Lua or from text; raises naming `what`.
static int core_convert(lua_State *L) {
  const char *type = luaL_checkstring(L, 1), *what = luaL_checkstring(L, 3);
  int kind = lua_type(L, 2);
  size_t count = 0;
  const char *text = kind == LUA_TSTRING ? lua_tolstring(L, 2, &count) : NULL;
  int64_t milliseconds;
  core_where(L);
  const char *where = lua_tostring(L, -1);
  if (strcmp(type, "usd") == 0 || strcmp(type, "shares") == 0) {
    lua_pushcfunction(L, crv_usd);
    lua_pushvalue(L, 2);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) return 1;
    return core_fail(L, "%s%s must be an amount with at most six decimal places", where, what);
  }
  if (strcmp(type, "int") == 0) {
    if (text) lua_stringtonumber(L, text);
    else lua_pushvalue(L, 2);
    int exact = 0;
    lua_Integer value = lua_tointegerx(L, -1, &exact);
    if (!exact || lua_type(L, -1) != LUA_TNUMBER) return core_fail(L, "%s%s must be a whole number", where, what);
    return lua_pushinteger(L, value), 1;
  }
  if (strcmp(type, "number") == 0) {
    if (text && lua_stringtonumber(L, text) != count + 1) return core_fail(L, "%s%s must be a number", where, what);
    if (!text) lua_pushvalue(L, 2);
    if (lua_type(L, -1) != LUA_TNUMBER || !isfinite(lua_tonumber(L, -1))) {
      return core_fail(L, "%s%s must be a finite number", where, what);
    }
    return lua_pushnumber(L, lua_tonumber(L, -1)), 1;
  }
  if (strcmp(type, "duration") == 0) {
    if (lua_isinteger(L, 2) && lua_tointeger(L, 2) >= 0) return lua_pushvalue(L, 2), 1;
    if (text && crv_parse_duration(text, count, &milliseconds)) return lua_pushinteger(L, milliseconds), 1;
    return core_fail(L, "%s%s must be a duration such as \"30s\", \"10m\" or \"1h30m\"", where, what);
  }
  if (strcmp(type, "bool") == 0) {
    if (kind == LUA_TBOOLEAN) return lua_pushvalue(L, 2), 1;
    if (text && strcmp(text, "true") == 0) return lua_pushboolean(L, 1), 1;
    if (text && strcmp(text, "false") == 0) return lua_pushboolean(L, 0), 1;
    return core_fail(L, "%s%s must be true or false", where, what);
  }
  if (!text) return core_fail(L, "%s%s must be text", where, what);
  lua_pushvalue(L, 2);
  return 1;
}

static const luaL_Reg core_functions[] = {
  {"loading", core_loading}, {"line", core_line}, {"where", core_where}, {"text", core_text},
  {"override", core_override}, {"header", core_header}, {"convert", core_convert}, {NULL, NULL},
};

// MARK: Making

static const luaL_Reg prelude_functions[] = {
  {"type", crv_base_type}, {"pairs", crv_base_pairs}, {"ipairs", crv_base_ipairs}, {"error", crv_base_error},
  {"select", crv_base_select}, {"setmetatable", crv_base_setmetatable}, {NULL, NULL},
};

// Leaves no trace of the stock libraries: they were never opened.
static int open_vm(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_gc(L, LUA_GCSTOP);
  crv_begin_call(vm);
  crv_order_open(L);
  if (luaL_loadbufferx(L, crv_prelude, strlen(crv_prelude), "=prelude", "t") != LUA_OK) return lua_error(L);
  luaL_newlib(L, prelude_functions);
  if (!lua_setupvalue(L, -2, 1)) return luaL_error(L, "the prelude has no environment");
  luaL_newlib(L, core_functions);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "is_rule");
  lua_setfield(L, LUA_REGISTRYINDEX, "is_rule");
  crv_push_environment(L);
  vm->ref_environment = luaL_ref(L, LUA_REGISTRYINDEX);
  crv_group_open(L);
  crv_match_open(L);
  return 0;
}

crv_vm *crv_new(const char *name, const crv_limits *limits) {
  crv_vm *vm = calloc(1, sizeof *vm);
  if (!vm) return NULL;
  vm->limits = *limits;
  vm->name = strdup(name);
  vm->rule_seed = vm->event_seed = bb_hash((const uint8_t *)name, (ptrdiff_t)strlen(name), 0);
  vm->ref_on_order = vm->ref_on_timer = vm->ref_on_close = vm->ref_on_sequence = vm->ref_order = LUA_NOREF;
  vm->ref_migrate = vm->ref_on_gap = vm->ref_on_signal = LUA_NOREF;
  vm->ref_w = vm->ref_state = vm->ref_trampoline = vm->ref_cache = LUA_NOREF;
  vm->ref_environment = vm->ref_names = vm->ref_windows = LUA_NOREF;
  vm->collect_at = 512 * 1024;
  vm->L = vm->name ? lua_newstate(crv_allocate, vm) : NULL;
  if (!vm->L) {
    crv_free(vm);
    return NULL;
  }
  *(crv_vm **)lua_getextraspace(vm->L) = vm;
  lua_atpanic(vm->L, panic);
  if (crv_protected(vm, open_vm, NULL, "the sandbox") == CRV_OK) return vm;
  crv_free(vm);
  return NULL;
}

static void free_windows(crv_vm *vm) {
  for (size_t i = 0; i < vm->window_count; i++) {
    crv_window_names *window = &vm->windows[i];
    for (size_t a = 0; a < window->aggregate_count; a++) {
      free((void *)window->aggregates[a]);
      free((void *)window->top_fields[a]);
    }
    for (size_t k = 0; k < window->key_count; k++) free((void *)window->keys[k]);
    free((void *)window->aggregates);
    free((void *)window->top_fields);
    free((void *)window->keys);
    free((void *)window->name);
  }
  free(vm->windows);
  vm->windows = NULL;
  vm->window_count = 0;
}

void crv_free(crv_vm *vm) {
  if (!vm) return;
  if (vm->L) lua_close(vm->L);
  crv_free_probes(vm);
  for (size_t i = 0; i < vm->library_count; i++) {
    free(vm->libraries[i].name);
    free(vm->libraries[i].source);
  }
  for (size_t i = 0; i < vm->override_count; i++) {
    free(vm->overrides[i].name);
    free(vm->overrides[i].text);
  }
  free(vm->libraries);
  free(vm->overrides);
  free_windows(vm);
  crv_buffer_free(&vm->header);
  crv_buffer_free(&vm->state);
  crv_buffer_free(&vm->log);
  crv_buffer_free(&vm->scratch);
  crv_buffer_free(&vm->signal_bytes);
  free(vm->signals);
  free(vm->cache_ids);
  free(vm->name);
  free(vm);
}

int crv_add_library(crv_vm *vm, const char *name, const char *source, size_t count) {
  struct crv_library *grown = realloc(vm->libraries, (vm->library_count + 1) * sizeof *grown);
  if (!grown) return CRV_MEMORY;
  vm->libraries = grown;
  struct crv_library library = {strdup(name), malloc(count + 1), count};
  if (!library.name || !library.source) {
    free(library.name);
    free(library.source);
    return CRV_MEMORY;
  }
  memcpy(library.source, source, count);
  vm->libraries[vm->library_count++] = library;
  return CRV_OK;
}

int crv_override(crv_vm *vm, const char *parameter, const char *text) {
  struct crv_override *grown = realloc(vm->overrides, (vm->override_count + 1) * sizeof *grown);
  if (!grown) return CRV_MEMORY;
  vm->overrides = grown;
  struct crv_override override = {strdup(parameter), strdup(text), false};
  if (!override.name || !override.text) {
    free(override.name);
    free(override.text);
    return CRV_MEMORY;
  }
  vm->overrides[vm->override_count++] = override;
  return CRV_OK;
}

// MARK: Looking at it

const uint8_t *crv_header(const crv_vm *vm, size_t *count) {
  *count = vm->header.count;
  return (const uint8_t *)vm->header.bytes;
}

unsigned crv_hooks(const crv_vm *vm) { return vm->hooks; }

crv_stats crv_get_stats(const crv_vm *vm) {
  return (crv_stats){.calls = vm->calls, .cpu_ns = vm->cpu_ns, .print_dropped = vm->log_dropped,
                     .memory = vm->memory, .memory_peak = vm->memory_peak};
}

const char *crv_take_log(crv_vm *vm, size_t *count) {
  *count = vm->log.count;
  vm->log.count = 0;
  vm->log_lines = 0;
  return vm->log.bytes;
}
