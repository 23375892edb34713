// What src/backend/cuda would be. Addresses are those of the host's memory moved by more than any process has: who
// reads there without a kernel ends in a fault.
#include <cstdlib>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

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
#include "backend/no_cuda/device.h"
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
#include "second_device/device.h"
#include "tensor/header.h"

namespace tenon {
namespace far {
namespace {

constexpr uintptr_t away = uintptr_t{1} << 55;

test::DeviceCounts counts{};

std::map<const std::byte*, int64_t>& blocks() {
  static std::map<const std::byte*, int64_t> all;
  return all;
}

std::byte* there(std::byte* host) { return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(host) + away); }
std::byte* here(const std::byte* device) {
  return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(device) - away);
}
/// A tensor of the device's as the host sees it, or a number that lies on the CPU.
Tensor here(const Tensor& x) {
  if (x.device() == kCPU) {
    EXPECT_TRUE(x.dim() == 0) << "a kernel of the device was given a tensor on the CPU";
    return x;
  }
  Tensor y = new_alias(x);
  y.impl()->device = kCPU;
  y.impl()->data = here(x.impl()->data);
  return y;
}

std::byte* allocate(const Device&, int64_t bytes) {
  auto* const p = static_cast<std::byte*>(std::aligned_alloc(64, static_cast<std::size_t>((bytes + 63) / 64 * 64)));
  std::memset(p, 0xFF, static_cast<std::size_t>(bytes));  // NaN, and no bool
  blocks()[p] = bytes;
  ++counts.blocks;
  ++counts.allocations;
  counts.bytes += bytes;
  return there(p);
}

void deallocate(const Device&, std::byte* data, int64_t bytes) {
  const auto found = blocks().find(here(data));
  if (found == blocks().end() || found->second != bytes) std::abort();  // memory that is not the device's
  blocks().erase(found);
  --counts.blocks;
  counts.bytes -= bytes;
  std::free(here(data));
}

void copy_from_host(const Device&, std::byte* to, const std::byte* from, int64_t bytes) {
  ++counts.from_host;
  std::memcpy(here(to), from, static_cast<std::size_t>(bytes));
}
void copy_to_host(const Device&, std::byte* to, const std::byte* from, int64_t bytes) {
  ++counts.to_host;
  std::memcpy(to, here(from), static_cast<std::size_t>(bytes));
}

void fill(const Tensor& out, const Scalar& value) { MemoryKernels::cpu.fill(here(out), value); }
void copy(const Tensor& out, const Tensor& in) { MemoryKernels::cpu.copy(here(out), here(in)); }
void binary(BinaryOp op, const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  ElementwiseKernels::cpu.binary(op, here(out), here(a), here(b), alpha);
}
void compare(CompareOp op, const Tensor& out, const Tensor& a, const Tensor& b) {
  ElementwiseKernels::cpu.compare(op, here(out), here(a), here(b));
}
void ternary(TernaryOp op, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  ElementwiseKernels::cpu.ternary(op, here(out), here(x), here(a), here(b), value);
}
void where(const Tensor& out, const Tensor& condition, const Tensor& a, const Tensor& b) {
  ElementwiseKernels::cpu.where(here(out), here(condition), here(a), here(b));
}
void reduce(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) {
  ReductionKernels::cpu.reduce(op, here(out), here(in), outer, n, inner);
}

}  // namespace
}  // namespace far

const test::DeviceCounts& test::device_counts() { return far::counts; }

int cuda::devices() { return 2; }

void cuda::check_device(const Device& device) {
  if (device.index >= devices()) fail("Device", "{} is not there", device);
}

constinit const ActivationKernels ActivationKernels::cuda;
constinit const AttentionKernels AttentionKernels::cuda;
constinit const ConvolutionKernels ConvolutionKernels::cuda;
constinit const ElementwiseKernels ElementwiseKernels::cuda = [] {
  ElementwiseKernels some;
  some.binary = far::binary;
  some.compare = far::compare;
  some.ternary = far::ternary;
  some.where = far::where;
  return some;
}();
constinit const EmbeddingKernels EmbeddingKernels::cuda;
constinit const IndexKernels IndexKernels::cuda;
constinit const LinalgKernels LinalgKernels::cuda;
constinit const LossKernels LossKernels::cuda;
constinit const MatmulKernels MatmulKernels::cuda;
constinit const MemoryKernels MemoryKernels::cuda = [] {
  MemoryKernels some;
  some.allocate = far::allocate;
  some.deallocate = far::deallocate;
  some.copy_from_host = far::copy_from_host;
  some.copy_to_host = far::copy_to_host;
  some.fill = far::fill;
  some.copy = far::copy;
  return some;
}();
constinit const NormalizationKernels NormalizationKernels::cuda;
constinit const OptimizerKernels OptimizerKernels::cuda;
constinit const PoolingKernels PoolingKernels::cuda;
constinit const RandomKernels RandomKernels::cuda;
constinit const RecurrentKernels RecurrentKernels::cuda;
constinit const ReductionKernels ReductionKernels::cuda = [] {
  ReductionKernels some;
  some.reduce = far::reduce;
  return some;
}();
constinit const ResizeKernels ResizeKernels::cuda;
constinit const ScanKernels ScanKernels::cuda;
constinit const SoftmaxKernels SoftmaxKernels::cuda;
constinit const SortKernels SortKernels::cuda;

}  // namespace tenon
