#pragma once
// Losses as layers, by family. Their options are the functions'.
#include <tenon/nn/layers/loss/classification.h>
#include <tenon/nn/layers/loss/ctc.h>
#include <tenon/nn/layers/loss/linear_cross_entropy.h>
#include <tenon/nn/layers/loss/ranking.h>
#include <tenon/nn/layers/loss/regression.h>
