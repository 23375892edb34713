#include "fuzz/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tenon/ops.h>

namespace tenon::fuzz {
namespace {

const std::vector<DType> all_types{boolean, uint8, int32, int64, float32, float64};

Shape shape(const Sizes& sizes) { return Shape(sizes); }

/// A step that gives a new tensor.
Step makes(std::string text, std::function<Maybe(const SlowPool&)> slow, std::function<Tensor(const Pool&)> fast) {
  return {std::move(text),
          [slow = std::move(slow)](SlowPool& pool) {
            Maybe y = slow(pool);
            if (y) pool.push_back(std::move(*y));
            return y.has_value();
          },
          [fast = std::move(fast)](Pool& pool) { pool.push_back(fast(pool)); }};
}

struct Context {
  Choices& choose;
  const SlowPool& pool;
  bool differentiable;

  std::size_t any() const { return static_cast<std::size_t>(choose.below(static_cast<int64_t>(pool.size()))); }
  int64_t dim_of(std::size_t x) const {
    const int64_t dims = std::max<int64_t>(pool[x].dim(), 1);
    return differentiable || !choose.one_in(12) ? choose.between(-dims, dims - 1) : choose.between(-dims - 2, dims + 2);
  }
};

Step view_step(const Context& c) {
  const std::size_t x = c.any();
  const Reference& r = c.pool[x];
  switch (c.choose.below(8)) {
    case 0: {
      Sizes sizes;  // the elements dealt out anew
      int64_t rest = r.numel();
      for (const int64_t n : {2, 3}) {
        if (rest % n != 0 || c.choose.one_in(3)) continue;
        sizes.push_back(n);
        rest /= n;
      }
      sizes.insert(sizes.begin() + c.choose.below(static_cast<int64_t>(sizes.size()) + 1),
                   c.choose.one_in(15) ? rest + 1 : rest);
      if (c.choose.one_in(2))
        return makes(
            fmt::format("t{}.view({})", x, sizes), [=](const SlowPool& p) { return view(p[x], sizes); },
            [=](const Pool& p) { return p[x].view(shape(sizes)); });
      return makes(
          fmt::format("t{}.reshape({})", x, sizes), [=](const SlowPool& p) { return reshape(p[x], sizes); },
          [=](const Pool& p) { return p[x].reshape(shape(sizes)); });
    }
    case 1: {
      Sizes dims;
      for (int64_t d = 0; d < r.dim(); ++d)
        dims.insert(dims.begin() + c.choose.below(static_cast<int64_t>(dims.size()) + 1), d);
      if (!c.differentiable && c.choose.one_in(15) && !dims.empty()) dims[0] = dims.back();
      return makes(
          fmt::format("t{}.permute({})", x, dims), [=](const SlowPool& p) { return permute(p[x], dims); },
          [=](const Pool& p) { return p[x].permute(shape(dims)); });
    }
    case 2: {
      Sizes sizes = r.sizes;
      for (int64_t& n : sizes)
        if (n == 1 && c.choose.one_in(2)) n = c.choose.between(0, 3);
      if (c.choose.one_in(3)) sizes.insert(sizes.begin(), c.choose.between(1, 3));
      if (sizes.size() > 5) sizes = r.sizes;
      return makes(
          fmt::format("t{}.expand({})", x, sizes), [=](const SlowPool& p) { return expand(p[x], sizes); },
          [=](const Pool& p) { return p[x].expand(shape(sizes)); });
    }
    case 3: {
      const int64_t dim = c.dim_of(x), i = c.choose.between(-3, 3);
      return makes(
          fmt::format("t{}.select({}, {})", x, dim, i), [=](const SlowPool& p) { return select(p[x], dim, i); },
          [=](const Pool& p) { return p[x].select(dim, i); });
    }
    case 4: {
      const int64_t dim = c.dim_of(x), start = c.choose.between(-4, 4), stop = c.choose.between(-4, 5),
                    step = c.choose.between(c.choose.one_in(20) ? 0 : 1, 3);
      return makes(
          fmt::format("t{}.slice({}, {}:{}:{})", x, dim, start, stop, step),
          [=](const SlowPool& p) { return slice(p[x], dim, start, stop, step); },
          [=](const Pool& p) { return p[x].slice(dim, Slice(start, stop, step)); });
    }
    case 5: {
      const int64_t dim = c.dim_of(x);
      return makes(
          fmt::format("t{}.squeeze({})", x, dim), [=](const SlowPool& p) { return squeeze(p[x], dim); },
          [=](const Pool& p) { return p[x].squeeze(dim); });
    }
    case 6: {
      const int64_t dim = r.dim() < 5 ? c.dim_of(x) : 99;
      return makes(
          fmt::format("t{}.unsqueeze({})", x, dim), [=](const SlowPool& p) { return unsqueeze(p[x], dim); },
          [=](const Pool& p) { return p[x].unsqueeze(dim); });
    }
    default: {
      const int64_t offset = c.choose.between(-2, 2), a = c.dim_of(x), b = c.dim_of(x);
      return makes(
          fmt::format("t{}.diagonal({}, {}, {})", x, offset, a, b),
          [=](const SlowPool& p) { return diagonal(p[x], offset, a, b); },
          [=](const Pool& p) { return p[x].diagonal(offset, a, b); });
    }
  }
}

Step in_place_step(const Context& c) {
  const std::size_t x = c.any(), y = c.any();
  const auto changes = [&](std::string text, std::function<Maybe(const SlowPool&)> value,
                           std::function<void(const Pool&)> fast) {
    return Step{std::move(text),
                [value = std::move(value), x](SlowPool& p) {
                  const Maybe v = value(p);
                  const auto kind = [](DType t) { return t == boolean ? 0 : is_integral(t) ? 1 : 2; };
                  return v && kind(v->dtype) <= kind(p[x].dtype) && v->sizes == p[x].sizes && assign(p[x], *v);
                },
                [fast = std::move(fast)](Pool& p) { fast(p); }};
  };
  // A copy of a place onto itself is nothing, even where that is overlapping memory, which otherwise cannot be written
  // to.
  const bool onto_itself = c.pool[x].memory == c.pool[y].memory && has_overlap(c.pool[x]);
  switch (c.choose.below(onto_itself ? 5 : 7)) {
    case 0:
      return changes(
          fmt::format("t{}.add_(t{})", x, y), [=](const SlowPool& p) { return binary("add", p[x], p[y]); },
          [=](const Pool& p) { p[x].add_(p[y]); });
    case 1:
      return changes(
          fmt::format("t{}.mul_(t{})", x, y), [=](const SlowPool& p) { return binary("mul", p[x], p[y]); },
          [=](const Pool& p) { p[x].mul_(p[y]); });
    case 2:
      return changes(
          fmt::format("t{}.sub_(t{})", x, y), [=](const SlowPool& p) { return binary("sub", p[x], p[y]); },
          [=](const Pool& p) { p[x].sub_(p[y]); });
    case 3:
      return {fmt::format("t{}.fill_(2)", x),
              [=](SlowPool& p) { return assign(p[x], make({}, int64, [](const Sizes&) { return 2; })); },
              [=](Pool& p) { p[x].fill_(2); }};
    case 4: {
      const int64_t dim = c.dim_of(x);
      return changes(
          fmt::format("t{}.cumsum_({})", x, dim),
          [=](const SlowPool& p) {
            const Maybe sums = cumsum(p[x], dim);
            return sums ? convert(*sums, p[x].dtype) : sums;
          },
          [=](const Pool& p) { p[x].cumsum_(dim); });
    }
    default:
      return {fmt::format("t{}.copy_(t{})", x, y), [=](SlowPool& p) { return x == y || assign(p[x], p[y]); },
              [=](Pool& p) { p[x].copy_(p[y]); }};
  }
}

using FastBinary = Tensor (*)(const Tensor&, const Tensor&);

Step elementwise_step(const Context& c) {
  const std::size_t x = c.any(), y = c.any(), z = c.any();
  if (c.choose.one_in(3)) {
    static const std::vector<std::pair<const char*, Tensor (Tensor::*)() const>> functions{
        {"sin", &Tensor::sin}, {"tanh", &Tensor::tanh}, {"sigmoid", &Tensor::sigmoid}, {"square", &Tensor::square},
        {"neg", &Tensor::neg}, {"abs", &Tensor::abs},   {"relu", &Tensor::relu}};
    const auto [name, f] = functions[static_cast<std::size_t>(c.choose.below(c.differentiable ? 5 : 7))];
    return makes(
        fmt::format("t{}.{}()", x, name), [=, name = name](const SlowPool& p) { return unary(name, p[x]); },
        [=, f = f](const Pool& p) { return (p[x].*f)(); });
  }
  if (!c.differentiable && c.choose.one_in(6)) {
    static const std::vector<std::pair<const char*, FastBinary>> comparisons{
        {"lt", [](const Tensor& a, const Tensor& b) { return a < b; }},
        {"ge", [](const Tensor& a, const Tensor& b) { return a >= b; }},
        {"eq", [](const Tensor& a, const Tensor& b) { return a == b; }}};
    const auto [name, f] = c.choose.of(comparisons);
    return makes(
        fmt::format("{}(t{}, t{})", name, x, y),
        [=, name = name](const SlowPool& p) { return compare(name, p[x], p[y]); },
        [=, f = f](const Pool& p) { return f(p[x], p[y]); });
  }
  if (!c.differentiable && c.choose.one_in(6))
    return makes(
        fmt::format("where(t{}, t{}, t{})", z, x, y), [=](const SlowPool& p) { return where(p[z], p[x], p[y]); },
        [=](const Pool& p) { return tenon::where(p[z], p[x], p[y]); });
  static const std::vector<std::pair<const char*, FastBinary>> functions{
      {"add", [](const Tensor& a, const Tensor& b) { return a + b; }},
      {"sub", [](const Tensor& a, const Tensor& b) { return a - b; }},
      {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }},
      {"div", [](const Tensor& a, const Tensor& b) { return a / b; }},
      {"maximum", tenon::maximum},
      {"minimum", tenon::minimum}};
  const auto [name, f] = functions[static_cast<std::size_t>(c.choose.below(c.differentiable ? 3 : 6))];
  return makes(
      fmt::format("{}(t{}, t{})", name, x, y), [=, name = name](const SlowPool& p) { return binary(name, p[x], p[y]); },
      [=, f = f](const Pool& p) { return f(p[x], p[y]); });
}

Step other_step(const Context& c) {
  const std::size_t x = c.any(), y = c.any();
  const int64_t dim = c.dim_of(x);
  switch (c.choose.below(9)) {
    case 0:
    case 1: {
      static const std::vector<const char*> names{"sum", "mean", "amax", "amin"};
      const char* const name = names[static_cast<std::size_t>(c.choose.below(c.differentiable ? 2 : 4))];
      const bool keep = c.choose.one_in(2);
      return makes(
          fmt::format("t{}.{}({}, {})", x, name, dim, keep),
          [=](const SlowPool& p) { return reduce(name, p[x], dim, keep); },
          [=](const Pool& p) {
            if (name == names[0]) return p[x].sum(dim, keep);
            if (name == names[1]) return p[x].mean(dim, keep);
            return name == names[2] ? p[x].amax(dim, keep) : p[x].amin(dim, keep);
          });
    }
    case 2:
      return makes(
          fmt::format("cat(t{}, t{}, {})", x, y, dim),
          [=](const SlowPool& p) {
            return cat({p[x], p[y]}, dim);
          },
          [=](const Pool& p) {
            return tenon::cat({p[x], p[y]}, dim);
          });
    case 3:
      return makes(
          fmt::format("t{}.flip({})", x, dim), [=](const SlowPool& p) { return flip(p[x], dim); },
          [=](const Pool& p) { return p[x].flip(dim); });
    case 4: {
      const int64_t shift = c.choose.between(-5, 5);
      return makes(
          fmt::format("t{}.roll({}, {})", x, shift, dim), [=](const SlowPool& p) { return roll(p[x], shift, dim); },
          [=](const Pool& p) { return p[x].roll(shift, dim); });
    }
    case 5: {
      const auto at = static_cast<std::size_t>(
          std::clamp<int64_t>(dim < 0 ? dim + c.pool[x].dim() : dim, 0, std::max<int64_t>(c.pool[x].dim() - 1, 0)));
      const int64_t n = c.pool[x].dim() == 0 ? 1 : c.pool[x].sizes[at];
      Sizes places;
      for (int64_t k = c.choose.below(4); k > 0 && n > 0; --k)
        places.push_back(c.choose.one_in(40) ? n : c.choose.below(n));
      const Reference index = make({static_cast<int64_t>(places.size())}, int64,
                                   [&](const Sizes& i) { return places[static_cast<std::size_t>(i[0])]; });
      return makes(
          fmt::format("t{}.index_select({}, {})", x, dim, places),
          [=](const SlowPool& p) { return index_select(p[x], dim, index); },
          [=](const Pool& p) { return p[x].index_select(dim, to_tensor(index)); });
    }
    case 6:
      return makes(
          fmt::format("t{}.cumsum({})", x, dim), [=](const SlowPool& p) { return cumsum(p[x], dim); },
          [=](const Pool& p) { return p[x].cumsum(dim); });
    case 7:
      if (!c.differentiable) {
        const DType to = c.choose.of(all_types);
        return makes(
            fmt::format("t{}.to({})", x, to),
            [=](const SlowPool& p) { return p[x].dtype == to ? Maybe(p[x]) : convert(p[x], to); },
            [=](const Pool& p) { return p[x].to(to); });
      }
      [[fallthrough]];
    default: {  // two that fit each other are rare: look for them
      std::size_t a = x, b = y;
      for (std::size_t i = 0; i < c.pool.size(); ++i)
        for (std::size_t k = 0; k < c.pool.size(); ++k)
          if (c.pool[i].dim() == 2 && c.pool[k].dim() == 2 && c.pool[i].sizes[1] == c.pool[k].sizes[0] &&
              c.choose.one_in(2)) {
            a = i;
            b = k;
          }
      if (c.pool[a].dim() != 2 || c.pool[b].dim() != 2) return view_step(c);
      return makes(
          fmt::format("t{}.mm(t{})", a, b), [=](const SlowPool& p) { return matmul(p[a], p[b]); },
          [=](const Pool& p) { return p[a].mm(p[b]); });
    }
  }
}

}  // namespace

uint64_t Choices::next() {
  uint64_t z = state_ += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

Reference random_tensor(Choices& choose, const std::vector<DType>& dtypes) {
  Sizes sizes;
  for (int64_t d = choose.below(4); d > 0; --d) sizes.push_back(choose.one_in(12) ? 0 : choose.between(1, 4));
  const DType dtype = choose.of(dtypes);
  return make(sizes, dtype, [&](const Sizes&) -> Number {
    const int64_t n = choose.between(-2000, 2000);
    return is_floating_point(dtype) ? static_cast<Number>(n) / 1024 : static_cast<Number>(n % 8);
  });
}

Tensor to_tensor(const Reference& x) {
  std::vector<double> values;  // those of new tensors are small
  for_each(x.sizes, [&](const Sizes& i) { values.push_back(static_cast<double>(x.at(i))); });
  return tensor(values, {.dtype = float64}).to(x.dtype).reshape(shape(x.sizes));
}

Step random_step(Choices& choose, const SlowPool& pool, bool differentiable) {
  const Context c{choose, pool, differentiable};
  switch (choose.below(differentiable ? 10 : 11)) {
    case 0:
    case 1:
    case 2: return view_step(c);
    case 3:
    case 4: return in_place_step(c);
    case 5:
    case 6:
    case 7: return elementwise_step(c);
    case 8:
    case 9: return other_step(c);
    default: {
      const Reference fresh = random_tensor(choose, all_types);
      return makes(
          fmt::format("a new {} {}", fresh.dtype, fresh.sizes),
          [=](const SlowPool&) { return make(fresh.sizes, fresh.dtype, [&](const Sizes& i) { return fresh.at(i); }); },
          [=](const Pool&) { return to_tensor(fresh); });
    }
  }
}

}  // namespace tenon::fuzz
