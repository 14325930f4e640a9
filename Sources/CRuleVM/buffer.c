// Growing byte buffers outside the Lua heap: what the core reads after a call lives in these.
#include "internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool crv_buffer_reserve(crv_buffer *buffer, size_t more) {
  if (more <= buffer->capacity - buffer->count) return true;
  // No object is larger than half the address space, so doubling up to that cannot wrap around.
  if (more > PTRDIFF_MAX - buffer->count) return false;
  size_t needed = buffer->count + more;
  size_t capacity = buffer->capacity ? buffer->capacity : 64;
  while (capacity < needed) capacity *= 2;
  char *bytes = realloc(buffer->bytes, capacity);
  if (!bytes) return false;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

bool crv_buffer_add(crv_buffer *buffer, const void *bytes, size_t count) {
  if (!crv_buffer_reserve(buffer, count)) return false;
  if (count) memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return true;
}

void crv_buffer_free(crv_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (crv_buffer){0};
}
