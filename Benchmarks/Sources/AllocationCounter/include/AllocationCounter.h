#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Calls of malloc, calloc, realloc and their aligned kin by this process so far, whoever made them.
uint64_t allocation_count(void);

#endif
