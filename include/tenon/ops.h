#pragma once
// Everything that computes with tensors. Operations with one subject are methods of Tensor (methods/) and functions;
// the others are functions only. Complex arithmetic, fft and sparse tensors are not here.
#include <tenon/creation.h>
#include <tenon/index.h>
#include <tenon/ops/aliases.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/in_place.h>
#include <tenon/ops/index.h>
#include <tenon/ops/linalg.h>
#include <tenon/ops/reduce.h>
#include <tenon/ops/shape.h>
#include <tenon/ops/special.h>
#include <tenon/tensor.h>
