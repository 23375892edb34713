#pragma once
// Tensor: a shared handle to an n-dimensional array of one element type, with strides and maybe a place on the tape.
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

namespace tenon {

class Tensor;

struct BackwardOptions;
class Index;
class RowIterator;
struct ValuesAndIndices;

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
  bool is_complex() const { return tenon::is_complex(dtype()); }
  bool is_signed() const { return tenon::is_signed(dtype()); }  ///< whether its type has negative numbers
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
  /// The elements of a contiguous tensor: for (float& v : x.span<float>()).
  template <class T>
  std::span<T> span() const {
    return {static_cast<T*>(checked_contiguous_data(dtype_of<T>())), static_cast<std::size_t>(numel())};
  }
  /// The elements by their indices, x.accessor<float, 2>()[i][j]: as fast as a pointer, any strides, no index is
  /// checked. The tensor must have the element type T and N dimensions, and has to live as long as the accessor.
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
  Scalar item() const;
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
  void backward(const Tensor& gradient = {}) const;
  void backward(const Tensor& gradient, const BackwardOptions& options) const;
  /// Keeps the gradient of this computed tensor in grad(), as a leaf does; for a leaf it does nothing.
  void retain_grad() const;
  bool retains_grad() const;
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
  /// The node that made it; null for a leaf.
  const Ref<Node>& grad_fn() const { return checked()->current_grad_fn(); }
  /// Whether it was made in inference mode, so that it can never be recorded.
  bool is_inference() const { return checked()->inference; }
  /// How often the data was changed in place.
  uint32_t version() const { return checked()->storage->version.load(std::memory_order_relaxed); }

  // ---- others of its dtype and device, unless the options say otherwise
  Tensor new_empty(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_zeros(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_ones(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_full(const Shape& shape, const Scalar& value, const TensorOptions& options = {}) const;

  // ---- copies and conversions
  Tensor clone() const;
  Tensor contiguous() const;
  Tensor to(DType dtype) const;
  Tensor to(const Device& device) const;
  Tensor type_as(const Tensor& other) const { return to(other.dtype()); }
  Tensor cpu() const { return to(kCPU); }

  // ---- shape: views, which share the data (ops/shape.h has what makes new tensors of several)
  Tensor view(const Shape& shape) const;  ///< one size may be -1; an error where strides do not allow it
  /// The same bytes as another type: the last size changes with the element's. (A template: view({}) is a shape.)
  Tensor view(std::same_as<DType> auto dtype) const { return view_as_type(dtype); }
  Tensor view_as(const Tensor& other) const { return view(other.shape()); }
  Tensor reshape(const Shape& shape) const;  ///< a view where possible, else a copy
  Tensor reshape_as(const Tensor& other) const { return reshape(other.shape()); }
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  Tensor unflatten(int64_t dim, const Shape& sizes) const;
  Tensor permute(const Shape& dims) const;
  Tensor movedim(const Shape& source, const Shape& destination) const;
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  Tensor t() const;   ///< transpose of a matrix; itself for fewer dimensions
  Tensor mT() const;  ///< the last two dimensions swapped
  Tensor expand(const Shape& shape) const;
  Tensor expand_as(const Tensor& other) const { return expand(other.shape()); }
  Tensor squeeze() const;
  Tensor squeeze(int64_t dim) const;
  Tensor squeeze(const Shape& dims) const;
  Tensor unsqueeze(int64_t dim) const;
  Tensor select(int64_t dim, int64_t index) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor slice(int64_t dim, const Slice& slice) const;
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
  Tensor unfold(int64_t dim, int64_t size, int64_t step) const;
  Tensor as_strided(const Shape& shape, const Shape& strides, std::optional<int64_t> offset = {}) const;
  std::vector<Tensor> unbind(int64_t dim = 0) const;
  std::vector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
  std::vector<Tensor> split(int64_t size, int64_t dim = 0) const;
  std::vector<Tensor> split(const Shape& sizes, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(int64_t sections, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(const Shape& indices, int64_t dim = 0) const;

  // ---- shape: copies
  Tensor repeat(const Shape& repeats) const;
  Tensor tile(const Shape& repeats) const;
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = {}) const;
  Tensor repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim = {}) const;
  Tensor roll(const Shape& shifts, const Shape& dims = {}) const;
  Tensor flip(const Shape& dims) const;
  Tensor rot90(int64_t k = 1, const Shape& dims = {0, 1}) const;

  // ---- indexing: x[2], x[Slice(1, 3)] are views; x.index({Ellipsis, None, mask}) is all that Python's brackets take
  Tensor operator[](int64_t index) const { return select(0, index); }
  Tensor operator[](const Slice& slice) const { return this->slice(0, slice); }
  /// A view where every index is a number, a slice, None or Ellipsis; else a copy of the elements chosen.
  Tensor index(const std::vector<Index>& indices) const;
  /// x[indices] = value, which broadcasts and is converted; `accumulate` adds, repeated indices too.
  const Tensor& index_put_(const std::vector<Index>& indices, const Tensor& value, bool accumulate = false) const;
  const Tensor& index_put_(const std::vector<Index>& indices, const Scalar& value, bool accumulate = false) const;
  Tensor index_put(const std::vector<Index>& indices, const Tensor& value, bool accumulate = false) const;
  Tensor index_select(int64_t dim, const Tensor& index) const;
  Tensor gather(int64_t dim, const Tensor& index) const;
  Tensor take(const Tensor& index) const;
  Tensor take_along_dim(const Tensor& index, std::optional<int64_t> dim = {}) const;
  Tensor masked_select(const Tensor& mask) const;
  Tensor nonzero() const;  ///< (n, dim()), int64
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor scatter(int64_t dim, const Tensor& index, const Scalar& value) const;
  Tensor scatter_add(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor scatter_reduce(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                        bool include_self = true) const;
  Tensor index_add(int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha = 1) const;
  Tensor index_copy(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor index_fill(int64_t dim, const Tensor& index, const Scalar& value) const;
  Tensor masked_fill(const Tensor& mask, const Scalar& value) const;
  Tensor masked_fill(const Tensor& mask, const Tensor& value) const;
  Tensor masked_scatter(const Tensor& mask, const Tensor& source) const;
  const Tensor& scatter_(int64_t dim, const Tensor& index, const Tensor& source) const;
  const Tensor& scatter_(int64_t dim, const Tensor& index, const Scalar& value) const;
  const Tensor& scatter_add_(int64_t dim, const Tensor& index, const Tensor& source) const;
  const Tensor& scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                                bool include_self = true) const;
  const Tensor& index_add_(int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha = 1) const;
  const Tensor& index_copy_(int64_t dim, const Tensor& index, const Tensor& source) const;
  const Tensor& index_fill_(int64_t dim, const Tensor& index, const Scalar& value) const;
  const Tensor& masked_fill_(const Tensor& mask, const Scalar& value) const;
  const Tensor& masked_fill_(const Tensor& mask, const Tensor& value) const;
  const Tensor& masked_scatter_(const Tensor& mask, const Tensor& source) const;
  Tensor tril(int64_t diagonal = 0) const;
  Tensor triu(int64_t diagonal = 0) const;
  Tensor diag(int64_t diagonal = 0) const;
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) const;

  // ---- reductions; dims empty: over everything
  /// Integers and bool sum to int64.
  Tensor sum(const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor nansum(const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor prod(std::optional<int64_t> dim = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor mean(const Shape& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor nanmean(const Shape& dims = {}, bool keepdim = false) const;
  Tensor var(const Shape& dims = {}, double correction = 1, bool keepdim = false) const;
  Tensor std(const Shape& dims = {}, double correction = 1, bool keepdim = false) const;
  Tensor norm(double p = 2, const Shape& dims = {}, bool keepdim = false) const;
  Tensor logsumexp(const Shape& dims, bool keepdim = false) const;
  Tensor amax(const Shape& dims = {}, bool keepdim = false) const;
  Tensor amin(const Shape& dims = {}, bool keepdim = false) const;
  Tensor max() const;
  Tensor min() const;
  ValuesAndIndices max(int64_t dim, bool keepdim = false) const;
  ValuesAndIndices min(int64_t dim, bool keepdim = false) const;
  Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor argmin(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor all(const Shape& dims = {}, bool keepdim = false) const;
  Tensor any(const Shape& dims = {}, bool keepdim = false) const;
  Tensor count_nonzero(const Shape& dims = {}) const;
  Tensor median() const;
  ValuesAndIndices median(int64_t dim, bool keepdim = false) const;
  Tensor nanmedian() const;
  ValuesAndIndices nanmedian(int64_t dim, bool keepdim = false) const;
  ValuesAndIndices mode(int64_t dim = -1, bool keepdim = false) const;
  ValuesAndIndices kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false) const;
  Tensor quantile(double q, std::optional<int64_t> dim = {}, bool keepdim = false,
                  Interpolation how = Interpolation::linear) const;
  Tensor quantile(const Tensor& q, std::optional<int64_t> dim = {}, bool keepdim = false,
                  Interpolation how = Interpolation::linear) const;
  Tensor nanquantile(double q, std::optional<int64_t> dim = {}, bool keepdim = false,
                     Interpolation how = Interpolation::linear) const;
  Tensor nanquantile(const Tensor& q, std::optional<int64_t> dim = {}, bool keepdim = false,
                     Interpolation how = Interpolation::linear) const;

  // ---- along a dimension
  Tensor cumsum(int64_t dim, std::optional<DType> dtype = {}) const;
  Tensor cumprod(int64_t dim, std::optional<DType> dtype = {}) const;
  Tensor logcumsumexp(int64_t dim) const;
  ValuesAndIndices cummax(int64_t dim) const;
  ValuesAndIndices cummin(int64_t dim) const;
  /// Of neighbours, n times.
  Tensor diff(int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {}, const Tensor& append = {}) const;
  ValuesAndIndices sort(int64_t dim = -1, bool descending = false, bool stable = false) const;
  Tensor argsort(int64_t dim = -1, bool descending = false, bool stable = false) const;
  ValuesAndIndices topk(int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true) const;
  Tensor softmax(int64_t dim, std::optional<DType> dtype = {}) const;
  Tensor log_softmax(int64_t dim, std::optional<DType> dtype = {}) const;

  // ---- elementwise, of one tensor; NAME_ does it in place
  // clang-format off
  Tensor neg() const;             const Tensor& neg_() const;
  Tensor abs() const;             const Tensor& abs_() const;
  Tensor sign() const;            const Tensor& sign_() const;
  Tensor exp() const;             const Tensor& exp_() const;
  Tensor exp2() const;            const Tensor& exp2_() const;
  Tensor expm1() const;           const Tensor& expm1_() const;
  Tensor log() const;             const Tensor& log_() const;
  Tensor log2() const;            const Tensor& log2_() const;
  Tensor log10() const;           const Tensor& log10_() const;
  Tensor log1p() const;           const Tensor& log1p_() const;
  Tensor sqrt() const;            const Tensor& sqrt_() const;
  Tensor rsqrt() const;           const Tensor& rsqrt_() const;
  Tensor square() const;          const Tensor& square_() const;
  Tensor reciprocal() const;      const Tensor& reciprocal_() const;
  Tensor sin() const;             const Tensor& sin_() const;
  Tensor cos() const;             const Tensor& cos_() const;
  Tensor tan() const;             const Tensor& tan_() const;
  Tensor asin() const;            const Tensor& asin_() const;
  Tensor acos() const;            const Tensor& acos_() const;
  Tensor atan() const;            const Tensor& atan_() const;
  Tensor sinh() const;            const Tensor& sinh_() const;
  Tensor cosh() const;            const Tensor& cosh_() const;
  Tensor tanh() const;            const Tensor& tanh_() const;
  Tensor asinh() const;           const Tensor& asinh_() const;
  Tensor acosh() const;           const Tensor& acosh_() const;
  Tensor atanh() const;           const Tensor& atanh_() const;
  Tensor sigmoid() const;         const Tensor& sigmoid_() const;
  Tensor relu() const;            const Tensor& relu_() const;
  Tensor erf() const;             const Tensor& erf_() const;
  Tensor erfc() const;            const Tensor& erfc_() const;
  Tensor erfinv() const;          const Tensor& erfinv_() const;
  Tensor lgamma() const;          const Tensor& lgamma_() const;
  Tensor digamma() const;         const Tensor& digamma_() const;
  Tensor sinc() const;            const Tensor& sinc_() const;
  Tensor floor() const;           const Tensor& floor_() const;
  Tensor ceil() const;            const Tensor& ceil_() const;
  Tensor round() const;           const Tensor& round_() const;
  Tensor trunc() const;           const Tensor& trunc_() const;
  Tensor frac() const;            const Tensor& frac_() const;
  Tensor bitwise_not() const;     const Tensor& bitwise_not_() const;
  Tensor logical_not() const;
  // clang-format on
  Tensor isnan() const;
  Tensor isinf() const;
  Tensor isfinite() const;
  Tensor isposinf() const;
  Tensor isneginf() const;
  Tensor signbit() const;
  Tensor round(int64_t decimals) const;
  Tensor logit(std::optional<double> eps = {}) const;
  Tensor nan_to_num(double nan = 0, std::optional<double> posinf = {}, std::optional<double> neginf = {}) const;
  Tensor polygamma(int64_t n) const;
  Tensor operator-() const { return neg(); }
  Tensor operator~() const { return bitwise_not(); }

  // ---- elementwise, with another tensor or a number (ops/elementwise.h has those on two equal sides)
  Tensor pow(const Tensor& exponent) const;
  Tensor pow(const Scalar& exponent) const;
  Tensor clamp(std::optional<Scalar> min, std::optional<Scalar> max = {}) const;
  Tensor clamp(const Tensor& min, const Tensor& max) const;  ///< one of both may be undefined
  Tensor lerp(const Tensor& end, const Tensor& weight) const;
  Tensor lerp(const Tensor& end, const Scalar& weight) const;
  Tensor addcmul(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  Tensor addcdiv(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  Tensor where(const Tensor& condition, const Tensor& other) const;  ///< this where the condition holds
  Tensor where(const Tensor& condition, const Scalar& other) const;

  // ---- matrices
  Tensor matmul(const Tensor& other) const;
  Tensor mm(const Tensor& other) const;
  Tensor bmm(const Tensor& other) const;
  Tensor mv(const Tensor& vector) const;
  Tensor dot(const Tensor& other) const;
  Tensor outer(const Tensor& other) const;
  Tensor trace() const;

  // ---- comparisons; the operators ==, <, … give the same
  Tensor eq(const Tensor& other) const;
  Tensor eq(const Scalar& other) const;
  Tensor ne(const Tensor& other) const;
  Tensor ne(const Scalar& other) const;
  Tensor lt(const Tensor& other) const;
  Tensor lt(const Scalar& other) const;
  Tensor le(const Tensor& other) const;
  Tensor le(const Scalar& other) const;
  Tensor gt(const Tensor& other) const;
  Tensor gt(const Scalar& other) const;
  Tensor ge(const Tensor& other) const;
  Tensor ge(const Scalar& other) const;
  bool equal(const Tensor& other) const;  ///< the same shape and numbers
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) const;

  // ---- in place: the data changes, every handle and view sees it
  const Tensor& fill_(const Scalar& value) const;
  const Tensor& fill_(const Tensor& value) const;  ///< 0-dim
  const Tensor& zero_() const { return fill_(0); }
  const Tensor& copy_(const Tensor& source) const;  ///< broadcasts and converts
  const Tensor& add_(const Tensor& other, const Scalar& alpha = 1) const;
  const Tensor& sub_(const Tensor& other, const Scalar& alpha = 1) const;
  const Tensor& mul_(const Tensor& other) const;
  const Tensor& div_(const Tensor& other, Rounding rounding = Rounding::none) const;
  const Tensor& add_(const Scalar& other) const;
  const Tensor& sub_(const Scalar& other) const;
  const Tensor& mul_(const Scalar& other) const;
  const Tensor& div_(const Scalar& other, Rounding rounding = Rounding::none) const;
  const Tensor& operator+=(const Tensor& other) const { return add_(other); }
  const Tensor& operator-=(const Tensor& other) const { return sub_(other); }
  const Tensor& operator*=(const Tensor& other) const { return mul_(other); }
  const Tensor& operator/=(const Tensor& other) const { return div_(other); }
  const Tensor& operator+=(const Scalar& other) const { return add_(other); }
  const Tensor& operator-=(const Scalar& other) const { return sub_(other); }
  const Tensor& operator*=(const Scalar& other) const { return mul_(other); }
  const Tensor& operator/=(const Scalar& other) const { return div_(other); }
  const Tensor& operator%=(const Tensor& other) const { return remainder_(other); }
  const Tensor& operator%=(const Scalar& other) const { return remainder_(other); }
  const Tensor& floor_divide_(const Tensor& other) const { return div_(other, Rounding::floor); }
  const Tensor& floor_divide_(const Scalar& other) const { return div_(other, Rounding::floor); }
  const Tensor& remainder_(const Tensor& other) const;
  const Tensor& remainder_(const Scalar& other) const;
  const Tensor& fmod_(const Tensor& other) const;
  const Tensor& fmod_(const Scalar& other) const;
  const Tensor& pow_(const Tensor& exponent) const;
  const Tensor& pow_(const Scalar& exponent) const;
  const Tensor& atan2_(const Tensor& other) const;
  const Tensor& hypot_(const Tensor& other) const;
  const Tensor& copysign_(const Tensor& other) const;
  const Tensor& xlogy_(const Tensor& other) const;
  const Tensor& nextafter_(const Tensor& other) const;
  const Tensor& heaviside_(const Tensor& values) const;
  const Tensor& gcd_(const Tensor& other) const;
  const Tensor& lcm_(const Tensor& other) const;
  const Tensor& polygamma_(int64_t n) const;
  const Tensor& logit_(std::optional<double> eps = {}) const;
  const Tensor& nan_to_num_(double nan = 0, std::optional<double> posinf = {}, std::optional<double> neginf = {}) const;
  const Tensor& round_(int64_t decimals) const;
  const Tensor& clamp_(std::optional<Scalar> min, std::optional<Scalar> max = {}) const;
  const Tensor& clamp_(const Tensor& min, const Tensor& max) const;
  const Tensor& lerp_(const Tensor& end, const Tensor& weight) const;
  const Tensor& lerp_(const Tensor& end, const Scalar& weight) const;
  const Tensor& addcmul_(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  const Tensor& addcdiv_(const Tensor& a, const Tensor& b, const Scalar& value = 1) const;
  const Tensor& bitwise_and_(const Tensor& other) const;
  const Tensor& bitwise_or_(const Tensor& other) const;
  const Tensor& bitwise_xor_(const Tensor& other) const;
  const Tensor& bitwise_left_shift_(const Tensor& other) const;
  const Tensor& bitwise_right_shift_(const Tensor& other) const;
  const Tensor& operator&=(const Tensor& other) const { return bitwise_and_(other); }
  const Tensor& operator|=(const Tensor& other) const { return bitwise_or_(other); }
  const Tensor& operator^=(const Tensor& other) const { return bitwise_xor_(other); }
  const Tensor& operator<<=(const Tensor& other) const { return bitwise_left_shift_(other); }
  const Tensor& operator>>=(const Tensor& other) const { return bitwise_right_shift_(other); }
  const Tensor& logical_not_() const;
  const Tensor& logical_and_(const Tensor& other) const;
  const Tensor& logical_or_(const Tensor& other) const;
  const Tensor& logical_xor_(const Tensor& other) const;
  const Tensor& cumsum_(int64_t dim) const;
  const Tensor& cumprod_(int64_t dim) const;
  const Tensor& tril_(int64_t diagonal = 0) const;
  const Tensor& triu_(int64_t diagonal = 0) const;
  /// Of a matrix, or where all sizes are one of more dimensions. `wrap`: below the square of a tall matrix once more.
  const Tensor& fill_diagonal_(const Scalar& value, bool wrap = false) const;
  const Tensor& addmm_(const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1) const;
  const Tensor& addmv_(const Tensor& matrix, const Tensor& vector, const Scalar& beta = 1,
                       const Scalar& alpha = 1) const;
  const Tensor& baddbmm_(const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1) const;

  // ---- in place, at random (random.h has the generator)
  const Tensor& uniform_(double from = 0, double to = 1) const;
  const Tensor& normal_(double mean = 0, double std = 1) const;
  const Tensor& random_() const;
  const Tensor& random_(int64_t low, int64_t high) const;  ///< integers in [low, high)
  const Tensor& bernoulli_(double p = 0.5) const;
  const Tensor& bernoulli_(const Tensor& p) const;  ///< a probability for each element
  const Tensor& exponential_(double rate = 1) const;
  const Tensor& geometric_(double p) const;
  const Tensor& log_normal_(double mean = 1, double std = 2) const;
  const Tensor& cauchy_(double median = 0, double sigma = 1) const;

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

#include <tenon/row_iterator.h>

template <std::derived_from<tenon::Tensor> T>
inline constexpr bool tenon::detail::streams<T> = true;
/// {} is the whole text; {:.4f} and other formats of a number are for a tensor of one element.
template <>
struct fmt::formatter<tenon::Tensor> : tenon::detail::TextFormatter {
  auto format(const tenon::Tensor& x, format_context& c) const {
    const std::string text = spec_.empty() ? tenon::to_string(x) : tenon::detail::formatted(x, spec_);
    return std::copy(text.begin(), text.end(), c.out());
  }
};
