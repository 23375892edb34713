#pragma once
#include <string>
#include <string_view>

#include <tenon/int_list.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// What a convolution adds around its input, on both sides of each of N dimensions: one number, a list of N, or a word:
/// "valid" adds nothing, "same" so much that the result is as large as the input (of an odd number the larger half
/// behind). Another word is an error.
template <int N>
class ConvPadding {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) ConvPadding(T number) : numbers_(number) {}
  ConvPadding(std::initializer_list<int64_t> numbers) : numbers_(numbers) {}
  ConvPadding(const IntList<N>& numbers) : numbers_(numbers) {}
  ConvPadding(const char* word) : ConvPadding(std::string_view(word)) {}
  ConvPadding(std::string_view word) : is_word_(true), is_same_(word == "same") {
    if (word != "same" && word != "valid")
      fail("ConvPadding", "expected numbers, \"same\" or \"valid\", got \"{}\"", word);
  }

  bool is_same() const { return is_same_; }
  const IntList<N>& numbers() const { return numbers_; }  ///< zeros for a word
  /// `(1, 1)`, or the word.
  std::string to_string() const { return is_same_ ? "same" : is_word_ ? "valid" : numbers_.to_string(); }

 private:
  IntList<N> numbers_;
  bool is_word_ = false, is_same_ = false;
};

namespace functional {

template <int N>
struct ConvOptions {
  IntList<N> stride = 1;
  ConvPadding<N> padding = 0;  ///< zeros around x; "same" is for a stride of 1
  IntList<N> dilation = 1;     ///< from one number of the kernel to the next
  int64_t groups = 1;          ///< into which the channels are split, each with its own outputs
};

/// The sums over windows of x, each times the kernel, plus bias: (N, C, *in) or (C, *in), weight
/// (O, C/groups, *kernel), bias (O) or undefined → (N, O, *out) or (O, *out), where out is
/// ⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1. Where x or the weight lies with its channels last, so
/// does the result. An error for a window larger than the padded image. Source: torch.nn.functional.conv1d, conv2d,
/// conv3d.
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const ConvOptions<1>& options = {});
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const ConvOptions<2>& options = {});
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const ConvOptions<3>& options = {});

template <int N>
struct ConvTransposeOptions {
  IntList<N> stride = 1;
  IntList<N> padding = 0;         ///< that is cut off the result on both sides
  IntList<N> output_padding = 0;  ///< more of the result behind; less than the stride or the dilation
  int64_t groups = 1;
  IntList<N> dilation = 1;
};

/// The gradient of a convolution by its input, plus bias: (N, C, *in) or (C, *in), weight (C, O/groups, *kernel), bias
/// (O) or undefined → (N, O, *out) or (O, *out), where out is
/// (in − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1. Source:
/// torch.nn.functional.conv_transpose1d, conv_transpose2d, conv_transpose3d.
Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions<1>& options = {});
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions<2>& options = {});
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const ConvTransposeOptions<3>& options = {});

/// Two numbers, or one for both. Prints as it was given, as PyTorch's Unfold and Fold do: `3` or `[3, 3]`.
class OneOrTwo : public IntList<2> {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) OneOrTwo(T number) : IntList(number), is_one_(true) {}
  OneOrTwo(std::initializer_list<int64_t> numbers) : IntList(numbers) {}
  OneOrTwo(const Shape& numbers) : IntList(numbers) {}

  std::string to_string() const { return is_one_ ? std::to_string(front()) : shape().to_string('[', ']'); }

 private:
  bool is_one_ = false;
};

struct UnfoldOptions {
  OneOrTwo dilation = 1;
  OneOrTwo padding = 0;
  OneOrTwo stride = 1;
};

/// Windows as columns of a matrix: (N, C, H, W) or (C, H, W) → (N, C·kernel, L) or (C·kernel, L), L windows counted row
/// by row. Source: torch.nn.functional.unfold.
Tensor unfold(const Tensor& x, const IntList<2>& kernel_size, const UnfoldOptions& options = {});
/// Columns added up where unfold() of an image of output_size takes them from: (N, C·kernel, L) or (C·kernel, L) →
/// (N, C, *output_size) or (C, *output_size). Source: torch.nn.functional.fold.
Tensor fold(const Tensor& x, const IntList<2>& output_size, const IntList<2>& kernel_size,
            const UnfoldOptions& options = {});

}  // namespace functional
}  // namespace tenon::nn

#pragma GCC visibility pop
