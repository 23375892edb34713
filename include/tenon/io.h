#pragma once
// Files.
#include <tenon/io/npy.h>
