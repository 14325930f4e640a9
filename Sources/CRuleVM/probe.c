// Probes: calls that an instrumented rule makes to tell what it computes. What they record lies outside the
// Lua heap, and a rule can neither see nor name them: they are a local of its file, whose first line takes them
// from a global that is there once.
#include "vm.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 200, TEXTS_LIMIT = 4 << 20 };

struct crv_probes {
  char *name;
  crv_probe *records;
  size_t count, capacity, calls;
  crv_buffer texts;
  crv_forcing forced[CRV_FORCINGS];
  uint32_t seen[CRV_FORCINGS];
  size_t forced_count;
  crv_probe_count *counts;
  size_t counted;
  bool on, truncated, taken;
};

int crv_enable_probes(crv_vm *vm, const char *name) {
  struct crv_probes *probes = calloc(1, sizeof *probes);
  if (!probes) return CRV_MEMORY;
  probes->name = strdup(name);
  probes->records = malloc(CRV_PROBE_LIMIT * sizeof *probes->records);
  probes->capacity = CRV_PROBE_LIMIT;
  if (probes->name && probes->records) {
    crv_free_probes(vm);
    vm->probes = probes;
    return CRV_OK;
  }
  free(probes->name);
  free(probes->records);
  free(probes);
  return CRV_MEMORY;
}

void crv_free_probes(crv_vm *vm) {
  if (!vm->probes) return;
  crv_buffer_free(&vm->probes->texts);
  free(vm->probes->name);
  free(vm->probes->records);
  free(vm->probes->counts);
  free(vm->probes);
  vm->probes = NULL;
}

int crv_count_probes(crv_vm *vm, size_t count) {
  if (!vm->probes || vm->probes->counts) return CRV_LIMIT;
  vm->probes->counts = calloc(count, sizeof *vm->probes->counts);
  if (!vm->probes->counts) return CRV_MEMORY;
  vm->probes->counted = count;
  return CRV_OK;
}

size_t crv_take_probe_counts(crv_vm *vm, crv_probe_count *out, size_t capacity) {
  if (!vm->probes || !vm->probes->counts) return 0;
  size_t count = vm->probes->counted < capacity ? vm->probes->counted : capacity;
  memcpy(out, vm->probes->counts, count * sizeof *out);
  memset(vm->probes->counts, 0, count * sizeof *out);
  return count;
}

void crv_record(crv_vm *vm, int on) {
  if (!vm->probes) return;
  vm->probes->on = on;
  if (!on) return;
  vm->probes->count = vm->probes->calls = vm->probes->texts.count = 0;
  vm->probes->truncated = false;
  memset(vm->probes->seen, 0, sizeof vm->probes->seen);
}

int crv_force(crv_vm *vm, crv_forcing forcing) {
  struct crv_probes *probes = vm->probes;
  if (!probes || probes->forced_count == CRV_FORCINGS) return CRV_LIMIT;
  probes->forced[probes->forced_count++] = forcing;
  return CRV_OK;
}

// A place for a record, NULL when there is no more. Room is kept for the ends of calls.
static crv_probe *next(struct crv_probes *probes, uint8_t what) {
  size_t kept = what == CRV_PROBE_POINT ? CRV_PROBE_LIMIT / 8 : 0;
  if (probes->count + kept >= probes->capacity) {
    probes->truncated = true;
    return NULL;
  }
  crv_probe *record = &probes->records[probes->count++];
  *record = (crv_probe){.what = what};
  return record;
}

static void take_text(struct crv_probes *probes, crv_probe *record, const char *text, size_t count) {
  size_t kept = count < TEXT_BYTES ? count : TEXT_BYTES;
  record->size = count;
  if (probes->texts.count + kept > TEXTS_LIMIT) kept = 0;
  record->as.text.bytes = (const char *)probes->texts.count;
  if (!crv_buffer_add(&probes->texts, text, kept)) kept = 0;
  record->as.text.count = kept;
}

static void take_value(lua_State *L, int index, struct crv_probes *probes, crv_probe *record) {
  switch (lua_type(L, index)) {
    case LUA_TNIL: record->kind = CRV_NIL; return;
    case LUA_TBOOLEAN:
      record->kind = CRV_BOOLEAN;
      record->as.integer = lua_toboolean(L, index);
      return;
    case LUA_TNUMBER:
      record->kind = lua_isinteger(L, index) ? CRV_INTEGER : CRV_NUMBER;
      if (record->kind == CRV_INTEGER) record->as.integer = lua_tointeger(L, index);
      else record->as.number = lua_tonumber(L, index);
      return;
    case LUA_TSTRING: {
      size_t count;
      const char *text = lua_tolstring(L, index, &count);
      record->kind = CRV_TEXT;
      take_text(probes, record, text, count);
      return;
    }
    case LUA_TTABLE:
      record->kind = CRV_LIST;
      record->size = lua_rawlen(L, index);
      return;
    default:
      record->kind = CRV_OTHER;
      take_text(probes, record, luaL_typename(L, index), strlen(luaL_typename(L, index)));
  }
}

// probe(number, value): records the value and returns it, or what a forcing puts in its place.
static int probe(lua_State *L) {
  struct crv_probes *probes = crv_self(L)->probes;
  lua_settop(L, 2);
  if (!probes) return 1;
  uint32_t number = (uint32_t)lua_tointeger(L, 1);
  if (number < probes->counted) {
    probes->counts[number].seen++;
    probes->counts[number].truths += (uint64_t)lua_toboolean(L, 2);
  }
  if (!probes->on) return 1;
  crv_probe *record = next(probes, CRV_PROBE_POINT);
  if (record) {
    record->probe = number;
    take_value(L, 2, probes, record);
  }
  // All are counted, whichever comes to its turn.
  const crv_forcing *due = NULL;
  for (size_t i = 0; i < probes->forced_count; i++) {
    const crv_forcing *forcing = &probes->forced[i];
    if (forcing->probe == number && ++probes->seen[i] == forcing->occurrence) due = forcing;
  }
  if (!due) return 1;
  lua_pushboolean(L, due->truth);
  if (record) record->forced = true;
  return 1;
}

bool crv_push_probe(lua_State *L, const char *name) {
  struct crv_probes *probes = crv_self(L)->probes;
  if (!probes || probes->taken || strcmp(name, probes->name) != 0) return false;
  probes->taken = true;
  lua_pushcfunction(L, probe);
  return true;
}

void crv_note_call(crv_vm *vm, const char *hook, const crv_match *match) {
  struct crv_probes *probes = vm->probes;
  if (!probes || !probes->on) return;
  probes->calls++;
  crv_probe *record = next(probes, CRV_PROBE_CALL);
  if (!record) return;
  record->probe = (uint32_t)vm->signal_count;
  record->kind = CRV_TEXT;
  take_text(probes, record, hook, strlen(hook));
  for (size_t i = 0; match && i < match->step_count; i++) {
    record = next(probes, CRV_PROBE_STEP);
    if (!record) return;
    record->kind = CRV_TEXT;
    take_text(probes, record, match->steps[i].name, strlen(match->steps[i].name));
    record->size = (size_t)match->steps[i].seq;
  }
}

void crv_note_end(crv_vm *vm, int status) {
  struct crv_probes *probes = vm->probes;
  if (!probes || !probes->on) return;
  crv_probe *record = next(probes, CRV_PROBE_END);
  if (!record) return;
  record->probe = (uint32_t)vm->signal_count;
  record->kind = CRV_NIL;
  if (status == CRV_OK) return;
  record->kind = CRV_TEXT;
  take_text(probes, record, vm->message, strlen(vm->message));
}

size_t crv_probe_calls(const crv_vm *vm) { return vm->probes ? vm->probes->calls : 0; }

// Texts are offsets until they are read.
const crv_probe *crv_probes(crv_vm *vm, size_t *count, int *truncated) {
  *count = 0;
  *truncated = 0;
  struct crv_probes *probes = vm->probes;
  if (!probes) return NULL;
  for (size_t i = 0; i < probes->count && probes->on; i++) {
    crv_probe *record = &probes->records[i];
    if (record->kind != CRV_TEXT && record->kind != CRV_OTHER) continue;
    record->as.text.bytes = probes->texts.bytes + (size_t)record->as.text.bytes;
  }
  probes->on = false;
  *count = probes->count;
  *truncated = probes->truncated;
  return probes->records;
}
