#pragma once
// Tensor: a shared handle to an n-dimensional array of one data type, with strides and maybe a place on the tape.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/accessor.h>
#include <tenon/device.h>
#include <tenon/dtype.h>
#include <tenon/error.h>
#include <tenon/format.h>
#include <tenon/hook.h>
#include <tenon/ref.h>
#include <tenon/scalar.h>
#include <tenon/shape.h>
#include <tenon/slice.h>
#include <tenon/tensor_impl.h>
#include <tenon/tensor_options.h>

#pragma GCC visibility push(default)

namespace tenon {

class Tensor;

struct BackwardOptions;
class Index;
class RowIterator;
struct Histogram;
struct HistogramOptions;
struct MinAndMax;
struct Unique;
struct UniqueOptions;
struct ValuesAndIndices;
struct MantissaAndExponent;
namespace autograd {
class GraphNode;
}
namespace linalg {
struct SignAndLogDet;
}

/// What an operation takes beside a tensor, where both will do.
template <class T>
concept TensorOrNumber = std::convertible_to<const T&, const Tensor&> || std::convertible_to<const T&, Scalar>;

class Tensor {
 public:
  /// An undefined tensor: no data, no shape; defined() is false.
  Tensor() = default;
  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) = default;
  ~Tensor() = default;
  /// Another tensor takes this handle's place: no data is copied.
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & = default;
  /// x[0] = y, x[Slice(1, 3)] = 2: what is assigned to is a view that nobody else has, so the data is meant.
  const Tensor& operator=(const Tensor& source) && { return copy_(source); }
  const Tensor& operator=(const Scalar& value) && { return fill_(value); }

  /// Whether it is a tensor at all; every other method is an error of one that is not.
  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const = delete;  // a one-element tensor's truth: item<bool>(); is there a tensor: defined()
  /// True if both are handles of the same tensor.
  bool is_same(const Tensor& o) const { return impl_ == o.impl_; }

  // ---- what it is
  const Shape& shape() const { return checked()->sizes; }      ///< one size a dimension; empty for a 0-dim tensor
  const Shape& strides() const { return checked()->strides; }  ///< in elements
  int64_t dim() const { return static_cast<int64_t>(checked()->sizes.size()); }  ///< the number of dimensions
  int64_t size(int64_t dim) const;                                               ///< negative counts from the end
  int64_t stride(int64_t dim) const;
  int64_t numel() const { return checked()->numel; }            ///< the number of elements
  int64_t storage_offset() const { return checked()->offset; }  ///< in elements
  DType dtype() const { return checked()->dtype; }              ///< the type of its elements
  const Device& device() const { return checked()->device; }    ///< where its memory lies
  int64_t element_size() const { return item_size(dtype()); }   ///< in bytes
  int64_t nbytes() const { return numel() * element_size(); }
  bool is_contiguous() const { return checked()->contiguous; }  ///< whether elements lie in row-major order, no gaps
  /// Whether they lie so without gaps; false where the format is for another number of dimensions.
  bool is_contiguous(MemoryFormat format) const;
  bool is_floating_point() const { return tenon::is_floating_point(dtype()); }
  bool is_complex() const { return tenon::is_complex(dtype()); }
  bool is_signed() const { return tenon::is_signed(dtype()); }        ///< whether its type has negative numbers
  bool is_meta() const { return device().type == DeviceType::meta; }  ///< shapes and no data
  bool is_same_size(const Tensor& o) const { return shape() == o.shape(); }
  /// Whether the only element is other than 0; an error unless numel() is 1.
  bool is_nonzero() const;
  /// Whether both lie in the same memory (one a view of the other, or views of a third).
  bool shares_storage_with(const Tensor& o) const { return checked()->storage == o.checked()->storage; }

  // ---- its data
  /// The first element. T must be the data type, and the tensor on the CPU: an error elsewhere.
  template <class T>
  T* data() const {
    return static_cast<T*>(checked_data(dtype_of<T>()));
  }
  void* raw_data() const;  ///< the same without a type
  /// The elements of a contiguous tensor: for (float& v : x.span<float>()).
  template <class T>
  std::span<T> span() const {
    return {static_cast<T*>(checked_contiguous_data(dtype_of<T>())), static_cast<std::size_t>(numel())};
  }
  /// The elements by their indices, x.accessor<float, 2>()[i][j]: as fast as a pointer, any strides, no index is
  /// checked. The tensor must have the data type T and N dimensions, and has to live as long as the accessor.
  template <class T, std::size_t N>
  Accessor<T, N> accessor() const {
    return {static_cast<T*>(checked_dims_data(dtype_of<T>(), N)), shape().data(), strides().data()};
  }
  /// x[0], x[1], …: for (Tensor row : x). An error for a 0-dim tensor.
  RowIterator begin() const;
  RowIterator end() const;
  /// The only element, converted to T. An error unless numel() is 1, and where T cannot hold it: fractions may go, all
  /// else not.
  template <class T>
  T item() const {
    return item_within(dtype_of<T>()).template to<T>();
  }
  Scalar item() const;  ///< the one element in the tensor's own type
  /// All elements in row-major order, converted to T.
  template <class T>
  std::vector<T> to_vector() const;

  // ---- the tape
  /// Whether operations on it are recorded, so that it gets a gradient: a leaf's flag, and what was computed from such.
  bool requires_grad() const { return checked()->on_tape(); }
  /// Sets a leaf's flag; an error for integers, and for turning it off where the tensor was computed.
  const Tensor& requires_grad_(bool on = true) const;
  bool is_leaf() const { return !checked()->grad_fn_set(); }  ///< not computed from what requires grad
  /// The accumulated gradient; undefined before the first backward().
  Tensor grad() const;
  /// Of this tensor's shape, type and device; undefined: none.
  void set_grad(const Tensor& grad) const;
  /// Runs the backward pass from here. Without a gradient this must have one element.
  void backward(const Tensor& gradient = {}) const;
  void backward(const Tensor& gradient, const BackwardOptions& options) const;
  /// Keeps the gradient of this computed tensor in grad(), as a leaf does; for a leaf it does nothing.
  void retain_grad() const;
  bool retains_grad() const;  ///< whether retain_grad() was called
  /// `hook`, a function of (const Tensor& grad), sees each gradient of this tensor. It returns nothing, or another
  /// gradient in its place (undefined: it stays). Hooks run in the order in which they were registered. Those
  /// registered before a change in place see the gradient of the tensor as it was before.
  template <class F>
  HookHandle register_hook(F hook) const {
    static_assert(std::is_invocable_v<F&, const Tensor&>, "a hook on a tensor is called with (const Tensor& grad)");
    using Returned = std::invoke_result_t<F&, const Tensor&>;
    static_assert(std::is_void_v<Returned> || std::is_convertible_v<Returned, Tensor>,
                  "a hook on a tensor returns nothing, or a Tensor: the gradient in the place of the one it was given");
    if constexpr (std::is_void_v<Returned>)
      return add_hook([hook = std::move(hook)](const Tensor& grad) mutable {
        std::invoke(hook, grad);
        return Tensor();
      });
    else return add_hook(std::move(hook));
  }
  /// `hook` is given this leaf after its gradient has been accumulated.
  HookHandle register_post_accumulate_grad_hook(std::function<void(const Tensor& leaf)> hook) const;
  /// The same data, outside the graph.
  Tensor detach() const;
  /// Takes this tensor itself out of the graph; an error for a view, whose base may be recorded again.
  const Tensor& detach_() const;
  /// The operation that made it, as the tape has it (graph.h); null for a leaf.
  autograd::GraphNode grad_fn() const;
  /// Other data for this very leaf, shared with `data`, of any shape, type and device. Every handle sees it; views of
  /// what was there keep that. requires_grad() stays, and the gradient where it still fits. An error for a view and for
  /// a computed tensor; `data` is taken without its graph. PyTorch: x.data = data.
  void set_data(const Tensor& data) const;
  /// Whether it was made in inference mode, so that it can never be recorded.
  bool is_inference() const { return checked()->inference; }
  /// How often the data was changed in place.
  uint32_t version() const { return checked()->storage->version.load(std::memory_order_relaxed); }

  // ---- others of its dtype and device, unless the options say otherwise
  Tensor new_empty(const Shape& shape, const TensorOptions& options = {}) const;  ///< not initialised
  Tensor new_zeros(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_ones(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_full(const Shape& shape, const Scalar& value, const TensorOptions& options = {}) const;

  // ---- copies and conversions
  Tensor clone() const;       ///< a copy, through which gradients reach this tensor
  Tensor contiguous() const;  ///< itself where it is contiguous, else a copy that is
  /// The same in this format: contiguous(channels_last). An error where it is for another number of dimensions.
  Tensor contiguous(MemoryFormat format) const;
  Tensor clone(MemoryFormat format) const;  ///< a copy that lies so
  /// Itself where its dimensions lie in this order, gaps or not, else a copy that is contiguous in this format.
  Tensor to(MemoryFormat format) const;
  /// Itself where it has that type, or is on that device, else a copy.
  Tensor to(DType dtype) const;
  Tensor to(const Device& device) const;
  Tensor type_as(const Tensor& other) const { return to(other.dtype()); }
  Tensor cpu() const { return to(kCPU); }
  /// Drawn by the default generator: 1 with each element's probability, else 0; indices drawn with these weights, (*,
  /// n) → (*, num_samples), int64. random.h has both with a generator.
  Tensor bernoulli() const;
  Tensor multinomial(int64_t num_samples, bool replacement = false) const;

  // ---- in place: the data changes, every handle and view sees it
  const Tensor& fill_(const Scalar& value) const;
  const Tensor& fill_(const Tensor& value) const;  ///< 0-dim
  const Tensor& zero_() const { return fill_(0); }
  const Tensor& copy_(const Tensor& source) const;  ///< broadcasts and converts

  // ---- in place, at random (random.h has the generator)
  const Tensor& uniform_(double from = 0, double to = 1) const;
  const Tensor& normal_(double mean = 0, double std = 1) const;
  const Tensor& random_() const;                           ///< integers from 0 to the greatest that the type holds
  const Tensor& random_(int64_t low, int64_t high) const;  ///< integers in [low, high)
  const Tensor& bernoulli_(double p = 0.5) const;
  const Tensor& bernoulli_(const Tensor& p) const;  ///< a probability for each element
  const Tensor& exponential_(double rate = 1) const;
  const Tensor& geometric_(double p) const;  ///< the number of tries until the first success, from 1 on
  const Tensor& log_normal_(double mean = 1, double std = 2) const;  ///< exp of a normal number with these
  const Tensor& cauchy_(double median = 0, double sigma = 1) const;

  // ---- what is computed, by topic: functions of the same names are in ops/
#include <tenon/methods/elementwise.inc>
#include <tenon/methods/index.inc>
#include <tenon/methods/linalg.inc>
#include <tenon/methods/reduce.inc>
#include <tenon/methods/shape.inc>
// Other names for the same:
#include <tenon/methods/aliases.inc>

  // ---- for the library itself
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}
  TensorImpl* impl() const { return impl_.get(); }

 private:
  TensorImpl* checked() const {
    if (!impl_) [[unlikely]]
      undefined();
    return impl_.get();
  }
  [[noreturn]] static void undefined();
  HookHandle add_hook(std::function<Tensor(const Tensor& grad)> hook) const;
  Tensor view_as_type(DType dtype) const;
  Scalar item_within(DType range) const;
  void* checked_data(DType expected) const;
  void* checked_contiguous_data(DType expected) const;
  void* checked_dims_data(DType expected, std::size_t dims) const;

  Ref<TensorImpl> impl_;
};

/// What max(dim), sort() and their kin give: the elements, and where they stand (int64).
struct MantissaAndExponent {
  Tensor mantissa, exponent;
};
struct ValuesAndIndices {
  Tensor values, indices;
};

/// PyTorch's text: tensor([[1., 2.], [3., 4.]]), four digits, long dimensions summarised.
std::string to_string(const Tensor& x);

// ---------------------------------------------------------------- templates
namespace detail {
void copy_out(const Tensor& x, DType as, void* to);
/// An error where there is no memory for so many: a tensor that was expanded may have any number of elements.
template <class T>
std::vector<T> vector_of(int64_t n, std::string_view operation) {
  try {
    return std::vector<T>(static_cast<std::size_t>(n));
  } catch (const std::exception&) {
    fail(operation, "there is not enough memory for {} elements", n);
  }
}
/// The only element as {:spec} formats a number.
std::string formatted(const Tensor& x, std::string_view spec);
}  // namespace detail

template <class T>
std::vector<T> Tensor::to_vector() const {
  std::vector<T> out = detail::vector_of<T>(numel(), "to_vector");
  if constexpr (std::is_same_v<T, bool>) {
    const auto bytes = to_vector<uint8_t>();
    out.assign(bytes.begin(), bytes.end());
  } else {
    detail::copy_out(*this, dtype_of<T>(), out.data());
  }
  return out;
}

}  // namespace tenon

#pragma GCC visibility pop

#include <tenon/row_iterator.h>

template <std::derived_from<tenon::Tensor> T>
inline constexpr bool tenon::detail::streams<T> = true;
/// {} is the whole text; {:.4f} and other formats of a number are for a tensor of one element.
template <>
struct fmt::formatter<tenon::Tensor> : tenon::detail::TextFormatter {
  auto format(const tenon::Tensor& x, fmt::format_context& c) const {
    const std::string text = spec_.empty() ? tenon::to_string(x) : tenon::detail::formatted(x, spec_);
    return std::copy(text.begin(), text.end(), c.out());
  }
};
