// The meta device: tensors without data, whose kernels have nothing to do. Products are counted.
#include "backend/activation.h"
#include "backend/attention.h"
#include "backend/convolution.h"
#include "backend/elementwise.h"
#include "backend/embedding.h"
#include "backend/index.h"
#include "backend/linalg.h"
#include "backend/loss.h"
#include "backend/matmul.h"
#include "backend/memory.h"
#include "backend/multiply_adds.h"
#include "backend/normalization.h"
#include "backend/optimizer.h"
#include "backend/pooling.h"
#include "backend/random.h"
#include "backend/recurrent.h"
#include "backend/reduction.h"
#include "backend/resize.h"
#include "backend/scan.h"
#include "backend/softmax.h"
#include "backend/sort.h"

namespace tenon {

int64_t& meta_multiply_adds() {
  thread_local int64_t count = 0;
  return count;
}

constinit const ActivationKernels ActivationKernels::meta;
constinit const ElementwiseKernels ElementwiseKernels::meta;
constinit const EmbeddingKernels EmbeddingKernels::meta;
constinit const IndexKernels IndexKernels::meta;
constinit const LinalgKernels LinalgKernels::meta;
constinit const LossKernels LossKernels::meta;
constinit const MemoryKernels MemoryKernels::meta;
constinit const NormalizationKernels NormalizationKernels::meta;
constinit const OptimizerKernels OptimizerKernels::meta;
constinit const PoolingKernels PoolingKernels::meta;
constinit const RandomKernels RandomKernels::meta;
constinit const ReductionKernels ReductionKernels::meta;
constinit const ResizeKernels ResizeKernels::meta;
constinit const ScanKernels ScanKernels::meta;
constinit const SoftmaxKernels SoftmaxKernels::meta;
constinit const SortKernels SortKernels::meta;

static void count(const MatmulArgs& args) { meta_multiply_adds() += args.out.numel() * args.a.size(-1); }
constinit const MatmulKernels MatmulKernels::meta{.matmul = count};

/// Scores, and what they weigh.
static void count(const Tensor& out, const Tensor&, const AttentionArgs& a) {
  meta_multiply_adds() += a.key.size(2) * (a.query.numel() + out.numel());
}
constinit const AttentionKernels AttentionKernels::meta{.attention = count, .attention_backward = {}};

/// For each place of y, all of the weight of one of its channels.
static void count_places(const Tensor& y, const Tensor& weight) {
  meta_multiply_adds() += y.numel() * (weight.numel() / weight.shape()[0]);
}
static void count(const Tensor& y, const Tensor&, const Tensor& weight, const Tensor&, const Convolution&) {
  count_places(y, weight);
}
static void count_input(const Tensor&, const Tensor& y, const Tensor& weight, const Tensor&, const Convolution&) {
  count_places(y, weight);
}
static void count_weight(const Tensor& weight, const Tensor&, const Tensor& y, const Convolution&) {
  count_places(y, weight);
}
constinit const ConvolutionKernels ConvolutionKernels::meta{
    .convolution = count,
    .convolution_input = count_input,
    .convolution_weight = count_weight,
    .unfold = {},
    .fold = {},
};

static void count(const RecurrentResult& r, const Recurrence& a) {
  const int64_t each = a.weight_hh.numel() + (a.weight_hr.defined() ? a.weight_hr.numel() : 0);
  meta_multiply_adds() += r.out.shape()[0] * each;
}
constinit const RecurrentKernels RecurrentKernels::meta{.recurrent = count, .recurrent_backward = {}};

}  // namespace tenon
