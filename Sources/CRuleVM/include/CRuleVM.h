// CRuleVM: a sandboxed Lua 5.4 virtual machine for one rule.
//
// The rules of this fence:
//  1. Only this target sees a `lua_State`. No longjmp ever crosses a Swift frame: the callbacks in
//     `crv_host` return a status, and C raises after they have returned.
//  2. Every entry point is a protected call and leaves the Lua stack at the height it found.
//  3. Memory, single allocations, library steps and CPU time are capped by numbers the caller passes.
//  4. All symbols carry the prefix `crv_`.
//  5. A VM is used by one thread at a time; the watchdog only ever touches it through a signal on that thread.
#ifndef BETTERBOT_CRULEVM_H
#define BETTERBOT_CRULEVM_H

#include <stddef.h>
#include <stdint.h>

#include "COrderFlow.h"

typedef struct crv_vm crv_vm;

// MARK: Limits and failures

typedef struct {
  size_t memory_limit;        // bytes of a whole VM
  size_t allocation_limit;    // bytes of a single allocation
  uint64_t step_limit;        // steps inside string and table functions, a call
  uint32_t call_budget_ms;    // CPU time a call
  uint32_t load_budget_ms;    // CPU time to load a rule
  uint32_t signals_per_event;
  uint32_t data_limit;        // bytes of a signal's `data`
} crv_limits;

crv_limits crv_default_limits(void);

enum {
  CRV_OK = 0,
  CRV_STOPPED = 1,       // crv_run: the host asked to stop before `index`
  CRV_ERROR = 2,         // the rule raised
  CRV_KILLED = 3,        // the watchdog stopped it
  CRV_MEMORY = 4,        // it wanted more memory than it may have
  CRV_LIMIT = 5,         // it broke a step, signal or size limit
};

// The last failure of a VM. Texts live until the next call into the VM; they are UTF-8 and truncated.
typedef struct {
  int kind;              // CRV_ERROR, CRV_KILLED, CRV_MEMORY or CRV_LIMIT
  int line;              // line in the rule's file, 0 when unknown
  const char *message;   // with file and line in front where Lua knows them
  const char *trace;
} crv_failure;

const crv_failure *crv_last_failure(const crv_vm *vm);

// MARK: Values that cross the fence

enum { CRV_NIL, CRV_BOOLEAN, CRV_INTEGER, CRV_NUMBER, CRV_TEXT, CRV_LIST };

// A scalar; `CRV_LIST` only comes out of `top`: `count` pairs of values at `items`, owned by the host
// until the next callback.
typedef struct crv_value {
  uint8_t kind;
  uint32_t symbol;       // CRV_TEXT: the interned number, 0 when none
  union {
    int64_t integer;
    double number;
    struct { const uint8_t *bytes; size_t count; } text;
    struct { const struct crv_value *items; size_t count; } list;
  } as;
} crv_value;

// Names one group of one window; the generation tells a reused index from the group it once named.
typedef struct { uint32_t window, index; uint64_t generation; } crv_group;

// What becomes of an order of the batch.
enum {
  CRV_SKIP = 0,
  CRV_CALL = 1,            // on_order is called
  CRV_STOP = 2,            // crv_run returns before it
  CRV_CALL_AND_STOP = 3,   // on_order is called, then crv_run returns behind it
  CRV_SKIP_AND_STOP = 4,
};

// What the core lends a VM while a call runs. None of these may call into the VM, raise or block.
typedef struct {
  void *context;
  // Before order `index` of the batch: brings the rule's windows and sequences up to it. Returns CRV_SKIP…
  int (*advance)(void *context, int32_t index);
  // The current order's group; 0 when `where` filtered it out.
  int (*current)(void *context, uint32_t window, crv_group *out);
  // The group with this key; 0 when there is none.
  int (*find)(void *context, uint32_t window, const crv_value *key, size_t count, crv_group *out);
  // All groups in key order; the array lives until the next call of `list`.
  const crv_group *(*list)(void *context, uint32_t window, size_t *count);
  // Aggregate `index` of a group. NULL when fine, else why it has no value (static text).
  const char *(*aggregate)(void *context, crv_group group, uint32_t index, crv_value *out);
  // Field `index` of the group's key. NULL when fine.
  const char *(*key)(void *context, crv_group group, uint32_t index, crv_value *out);
  // Journal numbers of the orders in a group, ascending; NULL with *count 0 when it is gone.
  const int64_t *(*orders)(void *context, crv_group group, size_t *count);
  // 1 when the window dropped groups or orders of this group to stay inside its caps.
  int (*truncated)(void *context, crv_group group);
} crv_host;

// The names of one window, for `w.NAME` and `group.AGGREGATE`.
typedef struct {
  const char *name;
  const char *const *aggregates;
  const char *const *top_fields;   // for each aggregate: NULL, or the two field names of a `top`, joined by '\0'
  size_t aggregate_count;
  const char *const *keys;         // the fields of `by`
  size_t key_count;
} crv_window_names;

// MARK: Matches of sequences

// One step of a match: the order that made it, as of then.
typedef struct {
  const char *name;
  int64_t seq, time, price, shares, usd, usd_floor;
  uint8_t side;
  crv_value user, token, market;
} crv_step;

// A match of a sequence; everything is owned by the caller and lives through the call.
typedef struct {
  const char *name;
  const char *const *key_names;
  const crv_value *key;
  size_t key_count;
  const crv_step *steps;
  size_t step_count;
  int truncated;         // 1 when a cap dropped pending matches that could have mattered
} crv_match;

// MARK: Signals

typedef struct { const char *bytes; size_t count; } crv_text;   // bytes == NULL: not given

typedef struct {
  int32_t index;          // of the order in the batch; -1 outside on_order
  int32_t ordinal;        // of the signal in its event, from 0
  int8_t severity;        // 0 info … 4 critical; -1 not given
  double confidence;      // negative: not given
  int64_t hold;           // ms; -1 not given
  crv_text title, key, market, token, side, action, data;
  const int64_t *evidence;
  size_t evidence_count;
} crv_signal;

// MARK: Life

// A VM with the sandbox installed; NULL when memory is short. `name` is the rule's id.
crv_vm *crv_new(const char *name, const crv_limits *limits);
void crv_free(crv_vm *vm);

// Gives memory that is free but held by the process back to the system. Each thread that fills windows leaves some.
void crv_give_back(void);

// A file of rules/lib, for `require`. Copied.
int crv_add_library(crv_vm *vm, const char *name, const char *source, size_t count);

// A parameter's text from the command line or the configuration, parsed by the parameter's type. Copied.
int crv_override(crv_vm *vm, const char *parameter, const char *text);

// Loads and runs the rule's file. CRV_OK, or a failure. Afterwards `crv_header` has its header.
int crv_load(crv_vm *vm, const char *file, const char *source, size_t count);

// The rule's header as a serialized tree (see value.h): kept until the VM is freed.
const uint8_t *crv_header(const crv_vm *vm, size_t *count);

// Which hooks the rule has.
enum {
  CRV_HOOK_ORDER = 1, CRV_HOOK_TIMER = 2, CRV_HOOK_CLOSE = 4, CRV_HOOK_GAP = 8, CRV_HOOK_SIGNAL = 16,
  CRV_HOOK_SEQUENCE = 64,
};
unsigned crv_hooks(const crv_vm *vm);

// Gives the VM the names of the rule's windows. Copied.
int crv_bind_windows(crv_vm *vm, const crv_window_names *windows, size_t count);

// MARK: Calls

// Runs on_order over orders[from..<count]. Returns CRV_OK, or CRV_STOPPED with *index the order to go on with, or
// a failure with *index the order it happened at; signals of the failed call are dropped, those before it are kept.
int crv_run(crv_vm *vm, const bb_order *orders, int32_t count, int32_t from, const crv_host *host, int32_t *index);

// Runs on_timer(name, now, w), or on_close(window, key, group) at event time `now`.
int crv_run_timer(crv_vm *vm, const char *name, int64_t now, const crv_host *host);
int crv_run_close(crv_vm *vm, crv_group group, int64_t now, const crv_host *host);

// Runs on_sequence(name, match, w) at event time `now`; `seq` seeds math.random.
int crv_run_sequence(crv_vm *vm, const crv_match *match, int64_t now, int64_t seq, const crv_host *host);

// A signal of another rule. Texts with NULL bytes are absent; `data` is canonical JSON.
typedef struct {
  crv_text id, rule, severity, title, key, market, token, side, user, action, data;
  int64_t seq, time;
  double confidence;       // negative: not given
  int late, warming, data_gap;
  const int64_t *evidence;
  size_t evidence_count;
} crv_heard;

// Runs on_signal(s, w) at event time `now`; `seq` is the number of the event.
int crv_run_signal(crv_vm *vm, const crv_heard *heard, int64_t now, int64_t seq, const crv_host *host);

// A stretch of a feed that was lost, event times in ms; `source` is not ended by a NUL.
typedef struct { const char *source; size_t source_count; int64_t from, to; int backfilled; } crv_gap;

// Runs on_gap(g, w) at event time `now`; `seq` is the number of the event.
int crv_run_gap(crv_vm *vm, const crv_gap *gap, int64_t now, int64_t seq, const crv_host *host);

// How many signals there are since the last crv_clear.
size_t crv_signal_count(const crv_vm *vm);

// Signals since the last crv_clear, in the order they were emitted. Nothing may run between this and crv_clear.
const crv_signal *crv_signals(const crv_vm *vm, size_t *count);
void crv_clear(crv_vm *vm);

// Steps the collector; call it between batches, never during one.
void crv_collect(crv_vm *vm);

// Forgets cached strings by symbol; call it when symbols are renumbered.
void crv_forget_symbols(crv_vm *vm);

// MARK: State

// Serializes `state`; NULL with a failure when it holds something it may not. Lives until the next call.
const uint8_t *crv_save_state(crv_vm *vm, size_t *count);
int crv_load_state(crv_vm *vm, const uint8_t *bytes, size_t count);

// What the rule calls the shape of its state (R.state_version, 1 by default).
int64_t crv_state_version(const crv_vm *vm);
// Whether it can take the state of another version (R.migrate).
int crv_can_migrate(const crv_vm *vm);
// Gives `state` what migrate(old, from_version) makes of a saved state. CRV_OK, or a failure and `state` as it was.
int crv_migrate(crv_vm *vm, const uint8_t *bytes, size_t count, int64_t from_version);

// MARK: Looking at it

// Reads "500ms", "30s", "1h30m", "7d"; 1 when `text` is a duration.
int crv_parse_duration(const char *text, size_t count, int64_t *milliseconds);

typedef struct { uint64_t calls, cpu_ns, print_dropped; size_t memory, memory_peak; } crv_stats;
crv_stats crv_get_stats(const crv_vm *vm);

// The name nearest to `name` in a list of names, each ended by a NUL, the list by another; NULL when none is near.
const char *crv_suggest(const char *name, const char *names);

// The text fields that the rule reads often, as bits by text number: worth a symbol.
uint32_t crv_hot_texts(const crv_vm *vm);

// Lines printed since the last call, joined by '\n'; lives until the next call into the VM.
const char *crv_take_log(crv_vm *vm, size_t *count);

// Names that a rule can see, one a line, sorted: "string.format", "signal"… (for the api.json test).
const char *crv_api_names(crv_vm *vm);
// Names of the order's fields, one a line.
const char *crv_order_field_names(void);
// Names of the hooks, and of a signal's and a gap's fields: each ended by a NUL, the list by another.
const char *crv_hook_names(void);
const char *crv_signal_field_names(void);
const char *crv_gap_field_names(void);
const char *crv_heard_field_names(void);

// MARK: Probes

// What an instrumented rule told of its hooks, in the order of time.
enum {
  CRV_PROBE_POINT = 0,   // probe(number, value): `probe` is the number
  CRV_PROBE_CALL = 1,    // a hook begins: its name; `probe` is how many signals there are
  CRV_PROBE_STEP = 2,    // a step of the match that it is called with: its name; `size` is the order's number
  CRV_PROBE_END = 3,     // it is over: nil or the failure's message; `probe` is how many signals there are
};
enum { CRV_OTHER = CRV_LIST + 1 };   // kind of a value that only has a type: its name
enum { CRV_PROBE_LIMIT = 40000, CRV_FORCINGS = 64 };

typedef struct {
  uint8_t what, kind;
  uint8_t forced;        // a forcing took the place of the value
  uint32_t probe;
  size_t size;           // bytes of a text before it was cut, items of a list
  union {
    int64_t integer;
    double number;
    struct { const char *bytes; size_t count; } text;
  } as;
} crv_probe;

// Puts a boolean in the place of the value of the `occurrence`th call (from 1) of a probe.
typedef struct { uint32_t probe, occurrence; uint8_t truth; } crv_forcing;

// The first time that the rule reads the global `name`, it is the probe function, and never again; call it before
// crv_load. CRV_OK or CRV_MEMORY.
int crv_enable_probes(crv_vm *vm, const char *name);
// Begins a new recording, or ends it.
void crv_record(crv_vm *vm, int on);
// CRV_OK, or CRV_LIMIT when there are too many.
int crv_force(crv_vm *vm, crv_forcing forcing);
// How many calls of hooks the recording has so far.
size_t crv_probe_calls(const crv_vm *vm);
// What a probe saw: how many values, and how many of them were true.
typedef struct { uint64_t seen, truths; } crv_probe_count;
// From here on the first `count` probes are counted, at any time and without a limit; once, behind
// crv_enable_probes. CRV_OK, CRV_LIMIT when there are no probes or they are counted already, or CRV_MEMORY.
int crv_count_probes(crv_vm *vm, size_t count);
// Copies the counts, which then begin at nought; returns how many there are.
size_t crv_take_probe_counts(crv_vm *vm, crv_probe_count *out, size_t capacity);
// Ends the recording and returns it, until the next crv_record; *truncated when it did not fit.
const crv_probe *crv_probes(crv_vm *vm, size_t *count, int *truncated);

// MARK: Watchdog

// Starts watching the calling thread's VM calls; every thread that runs VMs calls it once.
// Returns 0, or an errno value when the watchdog cannot start.
int crv_watch_thread(void);
void crv_unwatch_thread(void);

#endif
