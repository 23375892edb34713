// Stands in for src/backend/cuda where the library is built without CUDA.
#include "backend/no_cuda/device.h"

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

void cuda::check_device(const Device& device) {
  fail("Device", "{} is not there: this build of tenon has no CUDA; use \"cpu\" or \"meta\"", device);
}

constinit const ActivationKernels ActivationKernels::cuda;
constinit const AttentionKernels AttentionKernels::cuda;
constinit const ConvolutionKernels ConvolutionKernels::cuda;
constinit const ElementwiseKernels ElementwiseKernels::cuda;
constinit const EmbeddingKernels EmbeddingKernels::cuda;
constinit const IndexKernels IndexKernels::cuda;
constinit const LinalgKernels LinalgKernels::cuda;
constinit const LossKernels LossKernels::cuda;
constinit const MatmulKernels MatmulKernels::cuda;
constinit const MemoryKernels MemoryKernels::cuda;
constinit const NormalizationKernels NormalizationKernels::cuda;
constinit const OptimizerKernels OptimizerKernels::cuda;
constinit const PoolingKernels PoolingKernels::cuda;
constinit const RandomKernels RandomKernels::cuda;
constinit const RecurrentKernels RecurrentKernels::cuda;
constinit const ReductionKernels ReductionKernels::cuda;
constinit const ResizeKernels ResizeKernels::cuda;
constinit const ScanKernels ScanKernels::cuda;
constinit const SoftmaxKernels SoftmaxKernels::cuda;
constinit const SortKernels SortKernels::cuda;

int cuda::devices() { return 0; }

}  // namespace tenon
