#pragma once
// The whole library.
#include <tenon/autograd.h>
#include <tenon/data.h>
#include <tenon/nn/activation.h>
#include <tenon/nn/dropout.h>
#include <tenon/nn/functional.h>
#include <tenon/nn/init.h>
#include <tenon/nn/linear.h>
#include <tenon/nn/loss.h>
#include <tenon/nn/module.h>
#include <tenon/nn/sequential.h>
#include <tenon/nn/utils.h>
#include <tenon/ops.h>
#include <tenon/optim.h>
#include <tenon/random.h>
#include <tenon/tensor.h>
#include <tenon/value.h>
