#pragma once
// Filling tensors with initial values, drawn exactly as torch.nn.init draws them. Nothing here is recorded on the tape.
// Every function fills its tensor in place and returns it; `generator` null means the default one.
#include <cstdint>
#include <optional>

#include <tenon/random.h>

#pragma GCC visibility push(default)

namespace tenon::nn::init {

/// What follows the layer: it decides by how much the values must be scaled for the signal to keep its size.
enum class Nonlinearity { linear, sigmoid, tanh, relu, leaky_relu, selu };

/// The recommended factor. `slope` is leaky_relu's, 0.01 where it is not given. (A convolution is linear.)
double calculate_gain(Nonlinearity nonlinearity, std::optional<double> slope = {});

struct Fans {
  int64_t in;   ///< size(1) · all further sizes: how many values feed one output
  int64_t out;  ///< size(0) · all further sizes
};
/// Of a weight (out, in, *). An error for fewer than two dimensions.
Fans calculate_fans(const Tensor& weight);

/// Uniform in [a, b).
const Tensor& uniform_(const Tensor& x, double a = 0, double b = 1, Generator* generator = nullptr);
const Tensor& normal_(const Tensor& x, double mean = 0, double std = 1, Generator* generator = nullptr);
/// Normal, what falls outside [a, b] drawn again.
const Tensor& trunc_normal_(const Tensor& x, double mean = 0, double std = 1, double a = -2, double b = 2,
                            Generator* generator = nullptr);
const Tensor& constant_(const Tensor& x, const Scalar& value);
const Tensor& ones_(const Tensor& x);
const Tensor& zeros_(const Tensor& x);

/// Uniform in ±gain·√(6 / (fan_in + fan_out)).
const Tensor& xavier_uniform_(const Tensor& weight, double gain = 1, Generator* generator = nullptr);
/// Normal with standard deviation gain·√(2 / (fan_in + fan_out)).
const Tensor& xavier_normal_(const Tensor& weight, double gain = 1, Generator* generator = nullptr);

enum class FanMode { fan_in, fan_out };

struct KaimingOptions {
  double a = 0;  ///< leaky_relu's slope
  FanMode mode = FanMode::fan_in;
  Nonlinearity nonlinearity = Nonlinearity::leaky_relu;
  Generator* generator = nullptr;
};
/// Uniform in ±gain·√(3 / fan). A tensor without elements stays as it is.
const Tensor& kaiming_uniform_(const Tensor& weight, const KaimingOptions& options = {});
/// Normal with standard deviation gain / √fan. A tensor without elements stays as it is.
const Tensor& kaiming_normal_(const Tensor& weight, const KaimingOptions& options = {});

}  // namespace tenon::nn::init

#pragma GCC visibility pop
