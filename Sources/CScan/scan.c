// The helpers are all inline; this file only gives the target something to compile.
#include "CScan.h"
