#pragma once
// What all kinds of pooling share: which windows there are, and the kernels that go over them.
#include <memory>
#include <string>

#include <tenon/nn/functional/pooling.h>

#include "backend/pooling.h"
#include "ops/common.h"

namespace tenon::nn::functional {

/// The windows of one dimension.
struct PoolDimension {
  int64_t size = 1, result = 1, dilation = 1;
  std::vector<PoolWindow> windows = {{0, 1, 1}};  ///< of each place of the result; or of each place of each plane
};

/// One call: its name in errors and on the tape, and the windows of x's last dimensions.
struct Pooling {
  const char* name;
  int64_t dims;         ///< the number of those
  Shape input, result;  ///< whole shapes
  MemoryFormat format;  ///< of both
  std::shared_ptr<const PoolArgs> args;
};

/// Whether a result's channels may lie last.
enum class Channels : uint8_t { stay, first };

/// `dimensions` are the last of x, which has one or two more.
Pooling pooling(const char* name, const Tensor& x, const std::vector<PoolDimension>& dimensions,
                Channels channels = Channels::stay, bool windows_of_planes = false);

/// The largest of each window, and where they stand: undefined unless they are wanted, or needed to go back.
ValuesAndIndices largest(const Tensor& x, const Pooling& p, bool indices);
/// The sum of each window by its divisor.
Tensor average(const Tensor& x, const Pooling& p);

/// Checks the input of a function of `dims` dimensions: (C, …) or (N, C, …), with sizes other than 0 but for N;
/// channels too where `channels`.
void check_pooled(const char* name, const Tensor& x, int64_t dims, bool channels = true);

/// What slides over one dimension.
struct Sliding {
  int64_t kernel, stride, padding, dilation;
  bool ceil_mode;
};
/// The windows of a size, checked. Divisors count what is in the padding, too, unless `count_pad` is false.
PoolDimension sliding(const char* name, int64_t size, const Sliding& s, bool count_pad);

/// Windows that cover the input, of as many places.
template <int N>
std::vector<PoolDimension> covering(const char* name, const Tensor& x, const OutputSize<N>& output_size);
PoolDimension covering(int64_t size, int64_t result);

template <int N>
std::vector<PoolDimension> covering(const char* name, const Tensor& x, const OutputSize<N>& output_size) {
  std::vector<PoolDimension> all;
  for (std::size_t d = 0; d < N; ++d) {
    const int64_t size = x.size(static_cast<int64_t>(d) - N), wanted = output_size[d].value_or(size);
    if (wanted < 0) fail(name, "expected an output_size of 0 or more, got {}", wanted);
    all.push_back(covering(size, wanted));
  }
  return all;
}

}  // namespace tenon::nn::functional
