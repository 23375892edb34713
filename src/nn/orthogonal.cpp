// The parametrization of matrices with orthogonal columns, by each of PyTorch's three maps.
#include <limits>

#include <tenon/grad_mode.h>
#include <tenon/nn/parametrize.h>
#include <tenon/ops.h>
#include <tenon/random.h>

namespace tenon::nn::parametrizations {
namespace {

bool has_orthogonal_columns(const Tensor& q) {
  const double digit =
      q.dtype() == float64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  const Tensor id = eye(q.size(-1), {}, {.dtype = q.dtype(), .device = q.device()});
  return allclose(q.mT().matmul(q), id.expand(q.mT().matmul(q).shape()), 1e-5,
                  10 * digit * static_cast<double>(q.size(-2)));
}

/// The orthogonal factor of a tall matrix, with a positive diagonal in the other.
Tensor made_orthogonal(const Tensor& a) {
  const auto [q, r] = linalg::qr(a);
  return q * r.diagonal(0, -2, -1).sign().unsqueeze(-2);
}

/// The i-th column as (…, n, 1).
Tensor column(const Tensor& a, int64_t i) { return a.narrow(-1, i, 1); }

/// The product of the reflections 1 − τᵢ·vᵢ·vᵢᵀ, its first columns: (…, n, k). vᵢ is the i-th column of `a`, which is 0
/// from the diagonal up, and 1 on it. Source: torch.linalg.householder_product.
Tensor product_of_reflections(const Tensor& a, const Tensor& tau) {
  const int64_t n = a.size(-2), k = a.size(-1);
  const Tensor id = eye(n, k, {.dtype = a.dtype(), .device = a.device()});
  Tensor q = id.expand(a.shape());
  for (int64_t i = k; i-- > 0;) {
    const Tensor v = column(a, i) + column(id, i);
    q = q - tau.narrow(-1, i, 1).unsqueeze(-1) * v.matmul(v.mT().matmul(q));
  }
  return q;
}

struct Reflections {
  Tensor a;    ///< R, and below its diagonal the vectors without their leading 1
  Tensor tau;  ///< (…, k)
};
/// Source: LAPACK's geqrf, column by column.
Reflections reflections_of(const Tensor& matrix) {
  const int64_t n = matrix.size(-2), k = matrix.size(-1);
  const Tensor a = matrix.clone();
  std::vector<Tensor> taus;
  for (int64_t i = 0; i < k; ++i) {
    const Tensor x = a.narrow(-2, i, n - i).narrow(-1, i, 1), alpha = x.narrow(-2, 0, 1);
    const Tensor rest = x.narrow(-2, 1, n - i - 1), nothing = (rest.square().sum({-2}, true) == 0);
    const Tensor beta = where(nothing, alpha, -copysign(x.square().sum({-2}, true).sqrt(), alpha));
    const Tensor tau = where(nothing, 0, (beta - alpha) / beta);
    const Tensor tail = where(nothing, 0, rest / (alpha - beta));
    const Tensor v = cat({ones_like(alpha), tail}, -2);
    const Tensor right = a.narrow(-2, i, n - i).narrow(-1, i + 1, k - i - 1);
    right.sub_(tau * v.matmul(v.mT().matmul(right)));
    rest.copy_(tail);
    alpha.copy_(beta);
    taus.push_back(tau.squeeze(-1));
  }
  return {a, cat(taus, -1)};
}

class Orthogonal : public Module<Orthogonal> {
 public:
  static constexpr std::string_view class_name = "_Orthogonal";
  OrthogonalMap map;
  bool use_trivialization;
  Buffer base;  ///< (…, n, n): the map is applied on top of it

  Orthogonal(OrthogonalMap map_, bool use_trivialization_) : map(map_), use_trivialization(use_trivialization_) {}

  bool has_inverse() const { return use_trivialization || map == OrthogonalMap::householder; }

  Tensor right_inverse(const Tensor& value) {
    const NoGrad guard;
    const bool wide = value.size(-2) < value.size(-1);
    const Tensor q = wide ? value.mT() : value;
    if (!use_trivialization) {
      const auto [a, tau] = reflections_of(q);
      const Tensor diagonal = a.diagonal(0, -2, -1);
      diagonal.copy_(where(tau == 0, -diagonal.sign(), diagonal.sign()));
      return wide ? a.mT() : a;
    }
    const int64_t n = q.size(-2), k = q.size(-1);
    if (n == k) {
      base = has_orthogonal_columns(q) ? q.clone() : made_orthogonal(q);
    } else {  // completed to a square one
      Shape missing = q.shape();
      missing[missing.size() - 1] = n - k;
      base = made_orthogonal(cat({q, randn(missing, {.dtype = q.dtype(), .device = q.device()})}, -1));
    }
    const Tensor minus_one = zeros_like(value);  // what each map makes 1 of: householder looks at the diagonal
    minus_one.diagonal(0, -2, -1).fill_(-1);
    return minus_one;
  }

 protected:
  Tensor forward(const Tensor& original) const {
    const bool wide = original.size(-2) < original.size(-1);
    const Tensor x = wide ? original.mT() : original;
    Tensor q = map == OrthogonalMap::householder ? reflected(x) : rotated(x);
    if (use_trivialization) q = base.matmul(q);
    return wide ? q.mT() : q;
  }

 private:
  Tensor reflected(const Tensor& x) const {
    const Tensor a = x.tril(-1), tau = 2.0 / (1.0 + a.square().sum({-2}));
    // The diagonal holds 1 and −1, which are not trained.
    return product_of_reflections(a, tau) * x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2);
  }

  Tensor rotated(const Tensor& x) const {
    const int64_t n = x.size(-2), k = x.size(-1);
    Tensor lower = x.tril();
    if (n != k) {
      Shape missing = x.shape();
      missing[missing.size() - 1] = n - k;
      lower = cat({lower, x.new_zeros(missing)}, -1);
    }
    const Tensor skew = lower - lower.mT();
    if (map == OrthogonalMap::matrix_exp) return matrix_exp(skew).narrow(-1, 0, k);
    const Tensor id = eye(n, {}, {.dtype = x.dtype(), .device = x.device()});
    return linalg::solve(id - skew / 2, id + skew / 2).narrow(-1, 0, k);
  }

  TENON_MODULE(Orthogonal, map, use_trivialization, base)
};

}  // namespace

void orthogonal(ModuleBase& module, const std::string& name, const OrthogonalOptions& options) {
  const Parameter& weight = module.get_parameter(name);
  if (weight.dim() < 2)
    fail("orthogonal", "expected a matrix or a batch of matrices as \"{}\", got shape {}", name,
         weight.shape().to_string());
  const bool square = weight.size(-2) == weight.size(-1);
  const OrthogonalMap map = options.map.value_or(square ? OrthogonalMap::matrix_exp : OrthogonalMap::householder);
  Orthogonal parametrization(map, options.use_trivialization);
  if (parametrization.has_inverse())
    return parametrize::register_parametrization(module, name, std::move(parametrization), {.unsafe = true});
  parametrize::detail::register_parametrization(module, name, std::make_shared<Orthogonal>(std::move(parametrization)),
                                                {&parametrize::detail::forward_of<Orthogonal>, nullptr},
                                                {.unsafe = true});
}

}  // namespace tenon::nn::parametrizations
