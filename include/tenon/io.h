#pragma once
// Files.
#include <tenon/io/checkpoint.h>
#include <tenon/io/npy.h>
