// Connectionist temporal classification (Graves et al. 2006): probabilities of all alignments in log space, a vector of
// places at a time, in double. A place of the extended target is a label or one of the blanks around and between them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "backend/cpu/parallel.h"
#include "backend/cpu/workspace.h"
#include "backend/loss.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/ctc.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to(s) = log(exp a(s) + exp b(s) + exp(c(s) + skip(s))) + emitted(s).
void Step(double* to, const double* a, const double* b, const double* c, const double* skip, const double* emitted,
          int64_t n) {
  ForVectors<double>(n, [&](auto d, int64_t s) HWY_ATTR {
    const auto x = hn::LoadU(d, a + s), y = hn::LoadU(d, b + s),
               z = hn::Add(hn::LoadU(d, c + s), hn::LoadU(d, skip + s));
    const auto most = hn::Max(x, hn::Max(y, z)), none = hn::Set(d, -std::numeric_limits<double>::infinity());
    const auto shift = hn::IfThenZeroElse(hn::Eq(most, none), most);
    const auto sum =
        hn::Add(FullExp(d, hn::Sub(x, shift)), hn::Add(FullExp(d, hn::Sub(y, shift)), FullExp(d, hn::Sub(z, shift))));
    hn::StoreU(hn::Add(hn::Add(FullLog(d, sum), shift), hn::LoadU(d, emitted + s)), d, to + s);
  });
}

/// to(s) = exp(a(s) + b(s) − emitted(s) + loss): the probability that an alignment goes through s, given the target.
/// What no alignment goes through is 0.
void Passing(double* to, const double* a, const double* b, const double* emitted, double loss, int64_t n) {
  ForVectors<double>(n, [&](auto d, int64_t s) HWY_ATTR {
    const auto both = hn::Add(hn::LoadU(d, a + s), hn::LoadU(d, b + s));
    const auto none = hn::Set(d, -std::numeric_limits<double>::infinity());
    const auto p = FullExp(d, hn::Add(hn::Sub(both, hn::LoadU(d, emitted + s)), hn::Set(d, loss)));
    hn::StoreU(hn::IfThenZeroElse(hn::Eq(both, none), p), d, to + s);
  });
}

template <class T>
void Exp(double* to, const T* from, double scale, int64_t n) {
  if constexpr (sizeof(T) == 4) {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<double>(from[i]);
    return Exp<double>(to, to, scale, n);
  } else {
    ForVectors<double>(n, [&](auto d, int64_t i) HWY_ATTR {
      hn::StoreU(hn::Mul(FullExp(d, hn::LoadU(d, from + i)), hn::Set(d, scale)), d, to + i);
    });
  }
}
void ExpAny(DType type, double* to, const void* from, double scale, int64_t n) {
  TENON_BY_TYPE(Exp(to, static_cast<const T*>(from), scale, n));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {
namespace {

HWY_EXPORT(Step);
HWY_EXPORT(Passing);
HWY_EXPORT(ExpAny);

constexpr double none = -std::numeric_limits<double>::infinity();

const int64_t* numbers(const Tensor& x) { return reinterpret_cast<const int64_t*>(x.impl()->data); }

/// One item of the batch.
class Item {
 public:
  Item(const CtcArgs& args, int64_t i)
      : length_(numbers(args.input_lengths)[i]),
        places_(2 * numbers(args.target_lengths)[i] + 1),
        classes_(args.log_probs.shape()[2]),
        type_(args.log_probs.dtype()),
        first_(args.log_probs.impl()->data + i * classes_ * item_size(type_)),
        step_(args.log_probs.shape()[1] * classes_ * item_size(type_)),
        labels_(static_cast<std::size_t>(places_)),
        skips_(static_cast<std::size_t>(places_) + 2, none) {
    const int64_t* target = numbers(args.targets) + numbers(args.starts)[i];
    for (int64_t s = 0; s < places_; ++s) label(s) = s % 2 ? target[s / 2] : args.blank;
    for (int64_t s = 3; s < places_; s += 2)
      if (label(s) != label(s - 2)) skips_[static_cast<std::size_t>(s)] = 0;
  }

  int64_t length() const { return length_; }
  int64_t places() const { return places_; }
  int64_t classes() const { return classes_; }
  int64_t label(int64_t s) const { return labels_[static_cast<std::size_t>(s)]; }
  /// 0 where place s may follow s − 2, −infinity where it may not.
  const double* skips() const { return skips_.data(); }
  std::byte* row(std::byte* first, int64_t t) const { return first + t * step_; }
  const std::byte* row(int64_t t) const { return first_ + t * step_; }
  DType type() const { return type_; }

  /// What is emitted in each place at a time.
  void emit(double* to, int64_t t) const {
    if (type_ == float64) emit<double>(to, t);
    else emit<float>(to, t);
  }

 private:
  int64_t& label(int64_t s) { return labels_[static_cast<std::size_t>(s)]; }
  template <class T>
  void emit(double* to, int64_t t) const {
    const T* from = reinterpret_cast<const T*>(row(t));
    for (int64_t s = 0; s < places_; ++s) to[s] = static_cast<double>(from[label(s)]);
  }

  int64_t length_, places_, classes_;
  DType type_;
  const std::byte* first_;
  int64_t step_;
  Workspace<int64_t> labels_;
  Workspace<double> skips_;
};

double log_of_sum(double a, double b) {
  const double most = std::max(a, b);
  return most == none ? none : most + std::log(std::exp(a - most) + std::exp(b - most));
}

/// Fills the item's alpha, rows of `width` whose first two numbers are −infinity; gives its loss.
double forward(const Item& item, double* alpha, int64_t width) {
  const int64_t n = item.places();
  if (item.length() == 0) return n == 1 ? 0 : -none;
  Workspace<double> emitted(static_cast<std::size_t>(n));
  for (int64_t t = 0; t < item.length(); ++t) {
    double* row = alpha + t * width;
    item.emit(emitted.data(), t);
    row[0] = row[1] = none;
    if (t == 0)
      for (int64_t s = 0; s < n; ++s) row[s + 2] = s < 2 ? emitted[static_cast<std::size_t>(s)] : none;
    else {
      const double* before = row - width;
      HWY_DYNAMIC_DISPATCH(Step)(row + 2, before + 2, before + 1, before, item.skips(), emitted.data(), n);
    }
  }
  const double* last = alpha + (item.length() - 1) * width + 2;
  return -log_of_sum(last[n - 1], n > 1 ? last[n - 2] : none);
}

template <class T>
void store(std::byte* to, const Workspace<double>& row) {
  for (std::size_t c = 0; c < row.size(); ++c) reinterpret_cast<T*>(to)[c] = static_cast<T>(row[c]);
}

void backward(const Item& item, std::byte* out, const double* alpha, int64_t width, double loss, double grad) {
  if (std::isinf(loss)) grad = std::numeric_limits<double>::quiet_NaN();  // as in PyTorch
  const int64_t n = item.places();
  const auto room = static_cast<std::size_t>(n);
  Workspace<double> emitted(room), passing(room), row(static_cast<std::size_t>(item.classes()));
  Workspace<double> beta(room + 2, none), next(room + 2, none);  // two numbers more at the end
  for (int64_t t = item.length(); t-- > 0;) {
    item.emit(emitted.data(), t);
    if (t == item.length() - 1)
      for (int64_t s = std::max<int64_t>(n - 2, 0); s < n; ++s)
        beta[static_cast<std::size_t>(s)] = emitted[static_cast<std::size_t>(s)];
    else {
      std::swap(beta, next);
      HWY_DYNAMIC_DISPATCH(Step)
      (beta.data(), next.data(), next.data() + 1, next.data() + 2, item.skips() + 2, emitted.data(), n);
    }
    HWY_DYNAMIC_DISPATCH(Passing)(passing.data(), alpha + t * width + 2, beta.data(), emitted.data(), loss, n);
    HWY_DYNAMIC_DISPATCH(ExpAny)(item.type(), row.data(), item.row(t), grad, item.classes());
    for (int64_t s = 0; s < n; ++s)
      row[static_cast<std::size_t>(item.label(s))] -= grad * passing[static_cast<std::size_t>(s)];
    if (item.type() == float64) store<double>(item.row(out, t), row);
    else store<float>(item.row(out, t), row);
  }
}

}  // namespace

void ctc(const Tensor& losses, const Tensor& alpha, const CtcArgs& a) {
  const int64_t items = losses.numel(), width = alpha.shape()[2], size = alpha.shape()[1] * width;
  auto* to = reinterpret_cast<double*>(losses.impl()->data);
  auto* table = reinterpret_cast<double*>(alpha.impl()->data);
  parallel_for(items, std::max<int64_t>(elementwise_grain / 64 / std::max<int64_t>(size, 1), 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) to[i] = forward(Item(a, i), table + i * size, width);
               });
}

void ctc_backward(const Tensor& out, const Tensor& grad, const Tensor& losses, const Tensor& alpha, const CtcArgs& a) {
  const Shape& shape = a.log_probs.shape();
  const int64_t items = shape[1], classes = shape[2], width = alpha.shape()[2], size = alpha.shape()[1] * width,
                bytes = classes * item_size(out.dtype());
  const auto* table = reinterpret_cast<const double*>(alpha.impl()->data);
  const auto* loss = reinterpret_cast<const double*>(losses.impl()->data);
  const auto* scale = reinterpret_cast<const double*>(grad.impl()->data);
  parallel_for(items, std::max<int64_t>(elementwise_grain / 64 / std::max<int64_t>(size, 1), 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const Item item(a, i);
                   std::byte* first = out.impl()->data + i * bytes;
                   for (int64_t t = scale[i] == 0 ? 0 : item.length(); t < shape[0]; ++t)
                     std::fill_n(item.row(first, t), bytes, std::byte{});
                   if (scale[i] != 0) backward(item, first, table + i * size, width, loss[i], scale[i]);
                 }
               });
}

}  // namespace tenon::backend::cpu
#endif
