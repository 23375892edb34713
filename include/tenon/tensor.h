#pragma once
// Tensor: a shared handle to an n-dimensional array of one element type, with strides and an optional place on the tape.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include <tenon/device.h>
#include <tenon/dtype.h>
#include <tenon/error.h>
#include <tenon/ref.h>
#include <tenon/scalar.h>
#include <tenon/shape.h>
#include <tenon/tensor_impl.h>

namespace tenon {

/// What a creating function takes besides the shape: zeros({2}, {.dtype = float64}).
struct TensorOptions {
  std::optional<DType> dtype = {};  ///< default: float32, or what the values given have (tensor, arange, full)
  Device device = kCPU;
  bool requires_grad = false;
};

/// What backward() may be told.
struct BackwardOptions {
  bool retain_graph = false;  ///< keep what was saved, so that the graph can be gone back through again
  bool create_graph = false;  ///< record the backward pass itself (implies retain_graph)
};

class Tensor {
 public:
  using Dims = std::initializer_list<int64_t>;

  /// An undefined tensor: no data, no shape; defined() is false.
  Tensor() = default;

  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const = delete;  // a one-element tensor's truth: item<bool>(); is there a tensor: defined()
  /// True if both are handles of the same tensor.
  bool is_same(const Tensor& o) const { return impl_ == o.impl_; }

  // ---- what it is
  const Shape& shape() const { return checked()->sizes; }
  const Shape& strides() const { return checked()->strides; }  ///< in elements
  int64_t dim() const { return static_cast<int64_t>(checked()->sizes.size()); }
  int64_t size(int64_t dim) const;  ///< negative counts from the end
  int64_t stride(int64_t dim) const;
  int64_t numel() const { return checked()->numel; }
  int64_t storage_offset() const { return checked()->offset; }  ///< in elements
  DType dtype() const { return checked()->dtype; }
  const Device& device() const { return checked()->device; }
  int64_t element_size() const { return item_size(dtype()); }
  int64_t nbytes() const { return numel() * element_size(); }
  bool is_contiguous() const { return checked()->contiguous; }
  bool is_floating_point() const { return tenon::is_floating_point(dtype()); }
  bool is_meta() const { return device().type == DeviceType::meta; }
  /// Whether both lie in the same memory (one a view of the other, or views of a third).
  bool shares_storage_with(const Tensor& o) const { return checked()->storage == o.checked()->storage; }

  // ---- its data
  /// The first element. T must be the element type; an error on the meta device.
  template <class T>
  T* data() const {
    return static_cast<T*>(checked_data(dtype_of<T>()));
  }
  void* raw_data() const;
  /// The elements of a contiguous tensor.
  template <class T>
  std::span<T> span() const {
    return {static_cast<T*>(checked_contiguous_data(dtype_of<T>())), static_cast<std::size_t>(numel())};
  }
  /// The only element, converted to T. An error unless numel() is 1.
  template <class T>
  T item() const {
    return item_scalar().to<T>();
  }
  Scalar item_scalar() const;
  /// All elements in row-major order, converted to T.
  template <class T>
  std::vector<T> to_vector() const;

  // ---- the tape
  bool requires_grad() const { return checked()->on_tape(); }
  const Tensor& requires_grad_(bool on = true) const;
  bool is_leaf() const { return !checked()->grad_fn_set(); }
  /// The accumulated gradient; undefined before the first backward().
  Tensor grad() const;
  void set_grad(const Tensor& grad) const;
  /// Goes back from here. Without a gradient this must have one element.
  void backward(const Tensor& gradient = {}, const BackwardOptions& options = {}) const;
  /// The same data, outside the graph.
  Tensor detach() const;
  /// The node that made it; null for a leaf.
  const Ref<Node>& grad_fn() const { return checked()->grad_fn; }
  /// How often the data was changed in place.
  uint32_t version() const { return checked()->storage->version.load(std::memory_order_relaxed); }

  // ---- copies and conversions
  Tensor clone() const;
  Tensor contiguous() const;
  Tensor to(DType dtype) const;
  Tensor to(const Device& device) const;
  Tensor cpu() const { return to(kCPU); }

  // ---- views (they share the data)
  Tensor view(const Shape& shape) const;     ///< one size may be -1; an error where strides do not allow it
  Tensor reshape(const Shape& shape) const;  ///< a view where possible, else a copy
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  Tensor permute(const Shape& dims) const;
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  Tensor t() const;  ///< transpose of a matrix; itself for fewer dimensions
  Tensor expand(const Shape& shape) const;
  Tensor squeeze(int64_t dim) const;
  Tensor unsqueeze(int64_t dim) const;
  Tensor select(int64_t dim, int64_t index) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor operator[](int64_t index) const { return select(0, index); }

  // ---- reductions; dims empty: over everything
  Tensor sum(const Shape& dims = {}, bool keepdim = false) const;  ///< integers and bool sum to int64
  Tensor mean(const Shape& dims = {}, bool keepdim = false) const;
  Tensor norm() const;  ///< the 2-norm of all elements
  Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor index_select(int64_t dim, const Tensor& index) const;

  // ---- elementwise
  Tensor neg() const;
  Tensor abs() const;
  Tensor exp() const;
  Tensor log() const;
  Tensor sqrt() const;
  Tensor tanh() const;
  Tensor sigmoid() const;
  Tensor relu() const;

  Tensor operator-() const { return neg(); }
  Tensor matmul(const Tensor& other) const;
  Tensor eq(const Tensor& other) const;
  Tensor eq(const Scalar& other) const;

  // ---- in place: the data changes, every handle and view sees it
  const Tensor& fill_(const Scalar& value) const;
  const Tensor& zero_() const { return fill_(0); }
  const Tensor& copy_(const Tensor& source) const;  ///< broadcasts and converts
  const Tensor& add_(const Tensor& other, const Scalar& alpha = 1) const;
  const Tensor& sub_(const Tensor& other, const Scalar& alpha = 1) const;
  const Tensor& mul_(const Tensor& other) const;
  const Tensor& div_(const Tensor& other) const;
  const Tensor& add_(const Scalar& other) const;
  const Tensor& sub_(const Scalar& other) const;
  const Tensor& mul_(const Scalar& other) const;
  const Tensor& div_(const Scalar& other) const;
  const Tensor& clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const;

  // ---- in place, at random (random.h has the generator)
  const Tensor& uniform_(double from = 0, double to = 1) const;
  const Tensor& normal_(double mean = 0, double std = 1) const;
  const Tensor& random_() const;
  const Tensor& bernoulli_(double p = 0.5) const;

  // ---- for the library itself
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}
  TensorImpl* impl() const { return impl_.get(); }

 private:
  TensorImpl* checked() const {
    if (!impl_) [[unlikely]] undefined();
    return impl_.get();
  }
  [[noreturn]] static void undefined();
  void* checked_data(DType expected) const;
  void* checked_contiguous_data(DType expected) const;

  Ref<TensorImpl> impl_;
};

// ---- creation
Tensor empty(const Shape& shape, const TensorOptions& options = {});  ///< not initialised
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& options = {});
Tensor empty_like(const Tensor& x, const TensorOptions& options = {});  ///< dtype and device default to x's
Tensor zeros_like(const Tensor& x, const TensorOptions& options = {});
Tensor ones_like(const Tensor& x, const TensorOptions& options = {});
Tensor arange(const Scalar& end, const TensorOptions& options = {});
Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step = 1, const TensorOptions& options = {});
/// Wraps memory of the caller's without a copy; `release` is called when the last tensor on it goes.
Tensor from_blob(void* data, const Shape& shape, DType dtype, std::function<void()> release = {});

/// A 0-dim tensor of the value's own type (double becomes float32, as in Python).
template <class T>
  requires std::is_arithmetic_v<T>
Tensor tensor(T value, const TensorOptions& options = {});
/// A 1-dim copy of the values.
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options = {});
template <class T>
Tensor tensor(std::initializer_list<T> values, const TensorOptions& options = {});
/// A 2-dim copy of the rows, which must be of one length.
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows, const TensorOptions& options = {});

/// PyTorch's text: tensor([[1., 2.], [3., 4.]]), four digits, long dimensions summarised.
std::string to_string(const Tensor& x);

// ---------------------------------------------------------------- templates
namespace detail {
Tensor tensor_from(const void* values, DType given, const Shape& shape, const TensorOptions& options);
void copy_out(const Tensor& x, DType as, void* to);
template <class T>
using stored_t = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;  // std::vector<bool> has no memory to lend
}  // namespace detail

template <class T>
  requires std::is_arithmetic_v<T>
Tensor tensor(T value, const TensorOptions& options) {
  return detail::tensor_from(&value, dtype_of<T>(), {}, options);
}
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options) {
  const std::vector<detail::stored_t<T>> stored(values.begin(), values.end());
  return detail::tensor_from(stored.data(), dtype_of<T>(), {static_cast<int64_t>(stored.size())}, options);
}
template <class T>
Tensor tensor(std::initializer_list<T> values, const TensorOptions& options) {
  return detail::tensor_from(values.begin(), dtype_of<T>(), {static_cast<int64_t>(values.size())}, options);
}
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows, const TensorOptions& options) {
  std::vector<detail::stored_t<T>> stored;
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns) fail("tensor", "expected rows of {} values, got one of {}", columns, row.size());
    stored.insert(stored.end(), row.begin(), row.end());
  }
  return detail::tensor_from(stored.data(), dtype_of<T>(), {static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns)}, options);
}
template <class T>
std::vector<T> Tensor::to_vector() const {
  std::vector<T> out(static_cast<std::size_t>(numel()));
  if constexpr (std::is_same_v<T, bool>) {
    const auto bytes = to_vector<uint8_t>();
    out.assign(bytes.begin(), bytes.end());
  } else {
    detail::copy_out(*this, dtype_of<T>(), out.data());
  }
  return out;
}

}  // namespace tenon

template <>
struct fmt::formatter<tenon::Tensor> {
  constexpr auto parse(format_parse_context& c) { return c.begin(); }
  auto format(const tenon::Tensor& x, format_context& c) const {
    const auto text = tenon::to_string(x);
    return std::copy(text.begin(), text.end(), c.out());
  }
};
