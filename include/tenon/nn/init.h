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

/// Ones on the diagonal of a matrix, zeros elsewhere.
const Tensor& eye_(const Tensor& x);
/// A convolution's weight (out, in, *), of one to three dimensions beside those, that gives its input back: 1 in the
/// middle of the kernel where the channels meet, in each of the groups, zeros elsewhere.
const Tensor& dirac_(const Tensor& weight, int64_t groups = 1);

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

/// A matrix (out, the product of the other sizes) whose rows, or columns where they are fewer, are orthogonal and of
/// length gain: of a normal one's QR decomposition. float32 and float64. A tensor without elements stays as it is.
/// Source: Saxe, McClelland and Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear
/// neural networks".
const Tensor& orthogonal_(const Tensor& weight, double gain = 1, Generator* generator = nullptr);
/// A matrix of normal numbers of which a part, rounded up, is zeros in each column. As in PyTorch, which rows these are
/// is drawn from the default generator.
const Tensor& sparse_(const Tensor& weight, double sparsity, double std = 0.01, Generator* generator = nullptr);

}  // namespace tenon::nn::init

#pragma GCC visibility pop
