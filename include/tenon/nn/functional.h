#pragma once
// Layers' mathematics as functions of tensors: nn::functional, with PyTorch's names and defaults.
#include <tenon/nn/functional/activation.h>
#include <tenon/nn/functional/attention.h>
#include <tenon/nn/functional/bilinear.h>
#include <tenon/nn/functional/distance.h>
#include <tenon/nn/functional/convolution.h>
#include <tenon/nn/functional/dropout.h>
#include <tenon/nn/functional/embedding.h>
#include <tenon/nn/functional/gumbel_softmax.h>
#include <tenon/nn/functional/linear.h>
#include <tenon/nn/functional/loss.h>
#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/functional/padding.h>
#include <tenon/nn/functional/pooling.h>
#include <tenon/nn/functional/shape.h>
#include <tenon/ops.h>
