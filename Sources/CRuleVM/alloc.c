// The capped allocator: a limit on the whole VM and on any single block.
#include "vm.h"

#include <stdlib.h>

void *crv_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  crv_vm *vm = context;
  // Without a block, `old_size` is the type of the new object and not a size.
  if (!block) old_size = 0;
  if (new_size == 0) {
    free(block);
    vm->memory -= old_size;
    return NULL;
  }
  if (new_size > old_size) {
    size_t grown = new_size - old_size;
    if (new_size > vm->limits.allocation_limit || grown > vm->limits.memory_limit - vm->memory) {
      vm->memory_refused = true;
      return NULL;
    }
  }
  void *result = realloc(block, new_size);
  if (!result) {
    vm->memory_refused = true;
    return NULL;
  }
  // A refusal that an emergency collection has cured is none.
  vm->memory_refused = false;
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
