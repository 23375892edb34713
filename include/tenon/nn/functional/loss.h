#pragma once
// Losses, by family.
#include <tenon/nn/functional/loss/classification.h>
#include <tenon/nn/functional/loss/ctc.h>
#include <tenon/nn/functional/loss/linear_cross_entropy.h>
#include <tenon/nn/functional/loss/ranking.h>
#include <tenon/nn/functional/loss/reduction.h>
#include <tenon/nn/functional/loss/regression.h>
