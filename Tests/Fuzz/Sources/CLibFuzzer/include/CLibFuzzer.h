// libFuzzer as a library (LLVM, "Using libFuzzer as a library"): main.swift stays the program's own entry.
#ifndef CUSTOMERS_CLIBFUZZER_H
#define CUSTOMERS_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
