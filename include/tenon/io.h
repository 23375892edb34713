#pragma once
// Files.
#include <tenon/io/npy.h>
#include <tenon/io/safetensors.h>
