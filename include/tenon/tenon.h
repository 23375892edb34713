#pragma once
// The whole library.
#include <tenon/autograd.h>
#include <tenon/ops.h>
#include <tenon/random.h>
#include <tenon/tensor.h>
