// What the files of CRuleVM share. Not visible outside the target.
#ifndef BETTERBOT_CRULEVM_INTERNAL_H
#define BETTERBOT_CRULEVM_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdbool.h>

#include "include/CRuleVM.h"

typedef struct { char *bytes; size_t count, capacity; } crv_buffer;   // malloc'd, outside the Lua heap

enum { CRV_CACHE_MIN = 512, CRV_CACHE_MAX = 65536, CRV_LEARN_CALLS = 64 };

struct crv_vm {
  lua_State *L;
  char *name;
  crv_limits limits;

  // Allocator (alloc.c)
  size_t memory, memory_peak;
  bool refused;                     // the last request for memory was
  bool memory_over;                 // the heap is past its limit: collect, or end the call, at the next chance
  bool oversized;                   // a block was past the limit of a single one
  bool memory_refused;              // the call wanted more than it may have; stays until the next call

  // Budgets of the running call
  uint64_t steps_left;              // library steps (crv_charge)
  uint64_t steps_wanted;            // what the charge that is being looked at asked for
  volatile sig_atomic_t killed;     // set by the watchdog's signal; cleared when the call is over
  volatile sig_atomic_t attention;  // killed, or memory_over: the next charge looks
  bool limit_hit;
  bool loading;                     // the file itself runs: rule{}, param.*, window.* exist

  // The event at hand
  const bb_order *orders;           // of the batch
  const bb_order *order;            // NULL outside on_order
  const crv_host *host;
  int64_t now;                      // event time, ms
  uint64_t rule_seed, event_seed;   // for math.random: of the rule; of the rule and the event
  uint64_t random_state;
  bool random_ready;

  // Rule
  int ref_on_order, ref_on_timer, ref_on_close, ref_on_sequence;   // LUA_NOREF without the hook
  int ref_migrate, ref_on_signal;
  int64_t state_version;            // what the rule calls the shape of its state
  int ref_on_gap;
  int ref_shadows, ref_events;      // 0 before the first setmetatable
  int ref_order, ref_w, ref_state, ref_trampoline, ref_cache, ref_environment, ref_names, ref_windows;
  void *order_table;                // identity of the order table, for crv_push_order_copy
  unsigned hooks;
  crv_buffer header, state, log, scratch;
  uint64_t log_dropped;
  int log_lines;
  struct crv_library { char *name, *source; size_t count; } *libraries;
  size_t library_count;
  struct crv_override { char *name, *text; bool used; } *overrides;
  size_t override_count;

  // Order table (order.c)
  uint32_t hot[32];                 // fields the trampoline fills, as field numbers
  uint32_t hot_count;
  uint32_t cold_reads[32];
  uint64_t reads_since;
  uint32_t *cache_ids;
  uint32_t cache_size, cache_misses, cache_lookups;

  // Windows (group.c)
  crv_window_names *windows;
  size_t window_count;

  // Signals (signal.c)
  crv_signal *signals;
  size_t signal_count, signal_capacity;
  crv_buffer signal_bytes;          // texts of the signals, as offsets until they are read
  int32_t ordinal;
  size_t event_bytes;               // signal_bytes.count when the event began

  // Collector (alloc.c)
  size_t collect_at;

  struct crv_probes *probes;        // NULL unless the rule is instrumented (probe.c)

  // Failure
  crv_failure failure;
  char message[1024], trace[4096];

  uint64_t calls, cpu_ns;
};

// The VM of a state (kept in the state's extra space).
static inline crv_vm *crv_self(lua_State *L) { return *(crv_vm **)lua_getextraspace(L); }

// Charges `steps` of library work; raises when the call's steps are used up, its memory is past the limit
// or the watchdog asked to stop. It may collect garbage, as any function of Lua may. Every loop in a C function of ours whose length a rule controls goes through here.
void crv_charge_slow(lua_State *L);
static inline void crv_charge(lua_State *L, uint64_t steps) {
  crv_vm *vm = crv_self(L);
  if (__builtin_expect(vm->steps_left < steps || vm->attention, 0)) {
    vm->steps_wanted = steps;
    crv_charge_slow(L);
  }
  vm->steps_left -= steps;
}

// Raises an error of kind CRV_LIMIT.
int crv_limit_error(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Libraries; each pushes one plain table of functions (made read-only by the sandbox).
int crv_open_string(lua_State *L);   // lib_string.c: byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper
int crv_open_table(lua_State *L);    // lib_table.c: concat insert move pack remove sort unpack
int crv_open_math(lua_State *L);     // lib_math.c: everything of math but randomseed; random is seeded a rule and event
int crv_open_utf8(lua_State *L);     // lib_math.c: char charpattern codepoint codes len offset

// Base functions, each a lua_CFunction (lib_base.c, lib_pairs.c, lib_metatable.c).
int crv_base_assert(lua_State *L);
int crv_base_error(lua_State *L);
int crv_base_getmetatable(lua_State *L);
int crv_base_setmetatable(lua_State *L);
int crv_base_ipairs(lua_State *L);
int crv_base_next(lua_State *L);
int crv_base_pairs(lua_State *L);
int crv_base_pcall(lua_State *L);
int crv_base_xpcall(lua_State *L);
int crv_base_select(lua_State *L);
int crv_base_tonumber(lua_State *L);
int crv_base_tostring(lua_State *L);
int crv_base_type(lua_State *L);

// Takes over what the rule has changed in its metatables since it set them (lib_metatable.c).
void crv_refresh_metatables(lua_State *L);

// Pushes the text of any value without an address in it ("table", "function"): what tostring, %s and
// error messages use. Honours __tostring and __name of the rule's own tables.
const char *crv_tolstring(lua_State *L, int index, size_t *count);

// Pattern matching with a step count (lib_pattern.c); used by find, match, gmatch and gsub.
int crv_string_find(lua_State *L);
int crv_string_match(lua_State *L);
int crv_string_gmatch(lua_State *L);
int crv_string_gsub(lua_State *L);

// The library of a state's order table, when `index` is it: pushes a plain copy and returns true.
bool crv_push_order_copy(lua_State *L, int index);

// Growing byte buffers outside the Lua heap; false when memory is short.
bool crv_buffer_reserve(crv_buffer *buffer, size_t more);
bool crv_buffer_add(crv_buffer *buffer, const void *bytes, size_t count);
void crv_buffer_free(crv_buffer *buffer);

#endif
