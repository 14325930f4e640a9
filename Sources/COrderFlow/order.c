#include "COrderFlow.h"
