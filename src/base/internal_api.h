#pragma once
// What the library exports although no public header has it: the tests, the benchmarks and the command tenon use it,
// and they use the library as it is installed. It may change or go with any commit.

/// Before a function's declaration, or after `class`.
#define TENON_INTERNAL_API [[gnu::visibility("default")]]
