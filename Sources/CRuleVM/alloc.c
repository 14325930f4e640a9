// The capped allocator: a limit on the whole VM and on any single block.
//
// A block that is over a limit by no more than the grace is given, and the call ends at its next instruction
// unless a collection brings the heap back under the limit. So what is counted is what the rule holds and
// not its garbage, which would depend on the size of the batch; and the error knows its line, which Lua's own
// error for a refused block does not.
#include "vm.h"

#include <malloc.h>
#include <stdlib.h>

static bool is_refused(crv_vm *vm, size_t old_size, size_t new_size) {
  size_t single = vm->limits.allocation_limit, total = vm->limits.memory_limit;
  bool oversized = new_size > single;
  bool over = vm->memory > total || new_size - old_size > total - vm->memory;
  if (!oversized && !over) return false;
  vm->oversized |= oversized;
  vm->memory_over = true;
  vm->attention = 1;
  if (vm->L) crv_arm(vm->L);
  return new_size / 2 > single || vm->memory > total + single || new_size - old_size > total + single - vm->memory;
}

void *crv_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  crv_vm *vm = context;
  // Without a block, `old_size` is the type of the new object and not a size.
  if (!block) old_size = 0;
  if (new_size == 0) {
    free(block);
    vm->memory -= old_size;
    return NULL;
  }
  bool refused = new_size > old_size && is_refused(vm, old_size, new_size);
  void *result = refused ? NULL : realloc(block, new_size);
  // A refusal that an emergency collection has cured is none.
  vm->refused = result == NULL;
  if (!result) return NULL;
  vm->memory += new_size - old_size;
  if (vm->memory > vm->memory_peak) vm->memory_peak = vm->memory;
  return result;
}

// Collects in small steps once the heap has grown by half since the last full cycle. The collector is
// stopped during dispatch: a pause between batches delays no order that is already being looked at.
void crv_collect(crv_vm *vm) {
  lua_State *L = vm->L;
  if (vm->memory < vm->collect_at) return;
  if (vm->memory > vm->limits.memory_limit / 4 * 3) {
    lua_gc(L, LUA_GCCOLLECT);
  } else {
    bool done = false;
    for (int step = 0; step < 4 && !done; step++) done = lua_gc(L, LUA_GCSTEP, 64) != 0;
    if (!done) return;
  }
  size_t next = vm->memory + vm->memory / 2;
  vm->collect_at = next < 512 * 1024 ? 512 * 1024 : next;
}

void crv_give_back(void) { malloc_trim(0); }
