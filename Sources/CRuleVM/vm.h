// What the lead files of the VM share beyond internal.h: loading, failures, the order, windows, signals.
#ifndef BETTERBOT_CRULEVM_VM_H
#define BETTERBOT_CRULEVM_VM_H

#include "internal.h"

enum { CRV_SOURCE_LIMIT = 256 * 1024 };   // bytes of a rule or library

void *crv_allocate(void *context, void *block, size_t old_size, size_t new_size);

// protect.c: runs `function` under the error barrier; CRV_OK or a failure, stack height restored.
int crv_protected(crv_vm *vm, lua_CFunction function, void *argument, const char *what);
void crv_begin_call(crv_vm *vm);
// Sees to what `attention` asks for: raises when the call is over, returns when it may go on.
void crv_attend(lua_State *L);
void crv_set_failure(crv_vm *vm, int kind, int line, const char *message);
void crv_drop_signals(crv_vm *vm, size_t keep_signals, size_t keep_bytes);

// watchdog.c: bracket every stretch in which Lua code of a rule may run.
void crv_watch_begin(crv_vm *vm, uint32_t budget_ms);
void crv_watch_step(void);
void crv_forgive(crv_vm *vm);   // takes back a kill that came after the call it was meant for
void crv_arm(lua_State *L);     // has crv_attend called before the next instruction; safe anywhere
void crv_watch_end(crv_vm *vm);

// sandbox.c: builds the environment of the rule and leaves it on the stack.
void crv_push_environment(lua_State *L);
// order.c
void crv_order_open(lua_State *L);
void crv_order_compile(lua_State *L);
int crv_order_push_arguments(lua_State *L, const bb_order *order, int cache);
void crv_order_learn(lua_State *L);
void crv_push_symbol(lua_State *L, const uint8_t *bytes, size_t count, uint32_t symbol);
int crv_order_copy(lua_State *L);   // copy(t)

// group.c
void crv_group_open(lua_State *L);
void crv_group_push(lua_State *L, crv_group group);
int crv_group_find(lua_State *L);    // group(name, key...)
int crv_groups(lua_State *L);        // groups(name)
void crv_push_key_table(lua_State *L, crv_group group);
void crv_push_value(lua_State *L, const crv_value *value);

// sequence.c
void crv_match_open(lua_State *L);
void crv_match_push(lua_State *L, const crv_match *match);

// gap.c
void crv_gap_push(lua_State *L, const crv_gap *gap);

// probe.c: pushes the probe function when `name` is its name, once; notes that a hook is called, and that it is over.
bool crv_push_probe(lua_State *L, const char *name);
void crv_note_call(crv_vm *vm, const char *hook, const crv_match *match);
void crv_note_end(crv_vm *vm, int status);
void crv_free_probes(crv_vm *vm);

// signal.c
int crv_signal_emit(lua_State *L);
// heard.c: pushes a signal of another rule as a plain table
void crv_heard_push(lua_State *L, const crv_heard *heard);
// json.c: pushes what canonical JSON of ours says; raises when it is none
void crv_push_json(lua_State *L, const char *bytes, size_t count);

// migrate.c: reads state_version and migrate of the rule's table, which is on top.
void crv_take_migration(lua_State *L);
// encode.c: canonical JSON and the tree of a value, into vm->scratch; raises with the path of what is wrong.
void crv_encode_json(lua_State *L, int index, crv_buffer *out, size_t limit);
void crv_encode_tree(lua_State *L, int index, crv_buffer *out, const char *root, size_t limit);
size_t crv_decode_tree(lua_State *L, const uint8_t *bytes, size_t count);
bool crv_valid_utf8(const char *bytes, size_t count);

// units.c
int crv_usd(lua_State *L);
int crv_cents(lua_State *L);
int crv_shares(lua_State *L);
int crv_duration(lua_State *L);
int crv_fmt_usd(lua_State *L);
int crv_fmt_cents(lua_State *L);
int crv_fmt_shares(lua_State *L);
int crv_short(lua_State *L);
int64_t crv_check_micros(lua_State *L, int index, int64_t scale);

extern const char crv_prelude[];

#endif
