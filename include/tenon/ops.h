#pragma once
// Everything that computes with tensors. Operations with one subject are methods of Tensor (tensor.h) and functions;
// the others are functions only.
#include <tenon/creation.h>
#include <tenon/index.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/index.h>
#include <tenon/ops/linalg.h>
#include <tenon/ops/reduce.h>
#include <tenon/ops/shape.h>
#include <tenon/tensor.h>
