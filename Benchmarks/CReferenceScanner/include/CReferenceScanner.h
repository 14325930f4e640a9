// A scanner in plain C with the design of the one in Sources/Wire, to measure that one against.
//
// It knows one layout, that of the generated benchmark lines, and does for it exactly what a learned layout
// does: literals compared 16 bytes at a time, strings searched with SSE2, numbers read eight digits at a
// time, every value checked, the order completed. It has no second path: a line that does not fit ends the
// scan.
#ifndef BETTERBOT_REFERENCE_SCANNER_H
#define BETTERBOT_REFERENCE_SCANNER_H

#include <COrderFlow.h>
#include <stddef.h>

typedef struct bbref_scanner bbref_scanner;

// NULL when there is no memory.
bbref_scanner *bbref_new(void);
void bbref_free(bbref_scanner *scanner);

// Adds a copy of a block of input; 0 when there is no memory.
int bbref_append(bbref_scanner *scanner, const void *bytes, size_t count);

// Reads up to `capacity` orders; their texts are valid until the next call.
size_t bbref_next(bbref_scanner *scanner, bb_order *orders, size_t capacity);

#endif
