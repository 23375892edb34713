// Random programs on the library and on a slow, obvious reference; they must agree, in values, in errors and in
// gradients.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <tenon/autograd.h>
#include <tenon/ops.h>

#include "fuzz/program.h"

namespace tenon::fuzz {
namespace {

constexpr int64_t most_elements = 4096;  // of one tensor: expand and cat can grow

struct Counts {
  int64_t programs = 0, steps = 0, errors = 0, gradients = 0, stale = 0;
};

/// What a program did, for the report of a difference.
struct Trace {
  std::vector<std::string> lines;
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}\n  {}", what, fmt::join(lines, "\n  ")));
  }
};

Number number_at(const Tensor& x, const Sizes& index) {
  int64_t at = 0;
  for (std::size_t d = 0; d < index.size(); ++d) at += index[d] * x.strides()[d];
  const std::byte* p = x.impl()->data + at * item_size(x.dtype());
  switch (x.dtype()) {
    case DType::boolean: return *reinterpret_cast<const bool*>(p) ? 1 : 0;
    case DType::uint8: return *reinterpret_cast<const uint8_t*>(p);
    case DType::int32: return *reinterpret_cast<const int32_t*>(p);
    case DType::int64: return static_cast<Number>(*reinterpret_cast<const int64_t*>(p));
    case DType::float32: return *reinterpret_cast<const float*>(p);
    default: return *reinterpret_cast<const double*>(p);
  }
}

bool near(Number a, Number b, DType dtype, Number scale) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (!is_floating_point(dtype)) return false;
  return std::abs(a - b) <= (dtype == float32 ? 2e-6L : 1e-13L) * (scale + std::abs(b));
}

/// The largest finite number in the pool: sums of such may differ in what was rounded off.
Number largest(const SlowPool& pool) {
  Number top = 1;
  for (const Reference& x : pool)
    for (const Number v : *x.memory)
      if (std::isfinite(v)) top = std::max(top, std::abs(v));
  return top;
}

/// Every tensor of both sides; then the reference takes over the library's roundings, so that they do not add up.
void compare(const Pool& pool, const SlowPool& slow, Number scale, const Trace& trace) {
  for (std::size_t k = 0; k < pool.size(); ++k) {
    const Reference& wanted = slow[k];
    const Tensor& got = pool[k];
    if (got.dtype() != wanted.dtype || got.shape() != Shape(wanted.sizes))
      trace.fail(
          fmt::format("t{} is {} {} instead of {} {}", k, got.dtype(), got.shape(), wanted.dtype, Shape(wanted.sizes)));
    for_each(wanted.sizes, [&](const Sizes& i) {
      const Number g = number_at(got, i);
      if (!near(g, wanted.at(i), wanted.dtype, scale))
        trace.fail(fmt::format("t{} at {} is {} instead of {}", k, Shape(i), static_cast<double>(g),
                               static_cast<double>(wanted.at(i))));
    });
  }
  for (std::size_t k = 0; k < pool.size(); ++k)
    for_each(slow[k].sizes, [&](const Sizes& i) { slow[k].at(i) = number_at(pool[k], i); });
}

/// The order of a new tensor's elements in memory is the library's choice; what can be viewed as another shape hangs on
/// it, and so whether a reshape() is a view that sees later changes.
void take_layout(Reference& slow, const Shape& strides) {
  if (slow.memory.use_count() > 1) return;  // a view: its layout is given
  Reference again = slow;
  again.strides.assign(strides.begin(), strides.end());
  again.offset = 0;
  int64_t last = 0;
  for (std::size_t d = 0; d < again.sizes.size(); ++d)
    last += std::max<int64_t>(again.sizes[d] - 1, 0) * again.strides[d];
  again.memory = std::make_shared<std::vector<Number>>(static_cast<std::size_t>(last + 1));
  for_each(slow.sizes, [&](const Sizes& i) { again.at(i) = slow.at(i); });
  slow = std::move(again);
}

void run_values(uint64_t seed, Counts& counts) {
  Choices choose(seed);
  Trace trace;
  SlowPool slow{random_tensor(choose, {boolean, uint8, int32, int64, float32, float64}),
                random_tensor(choose, {float32, float64})};
  Pool pool{to_tensor(slow[0]), to_tensor(slow[1])};
  for (const Reference& x : slow) trace.lines.push_back(fmt::format("a new {} {}", x.dtype, Shape(x.sizes)));
  for (int64_t left = choose.between(5, 30); left > 0; --left) {
    const Step step = random_step(choose, slow, false);
    trace.lines.push_back(step.text);
    const Number scale = largest(slow);
    const std::size_t before = slow.size();
    const bool allowed = step.slow(slow);
    std::string error;
    try {
      step.fast(pool);
    } catch (const Error& e) {
      error = e.what();
    }
    if (allowed != error.empty())
      trace.fail(allowed ? "an error that should be none: " + error : "an error was expected");
    const bool products = step.text.find(".mm(") != std::string::npos;  // sums of products may cancel
    compare(pool, slow, 8 * (products ? scale * scale : scale), trace);
    if (slow.size() > before) take_layout(slow.back(), pool.back().strides());
    if (slow.size() > before && (slow.back().numel() > most_elements || slow.size() > 12)) {
      slow.erase(slow.begin() + (slow.back().numel() > most_elements ? static_cast<std::ptrdiff_t>(before) : 0));
      pool.erase(pool.begin() + (pool.back().numel() > most_elements ? static_cast<std::ptrdiff_t>(before) : 0));
      trace.lines.push_back("(one tensor less: the numbers above move)");
    }
    ++counts.steps;
    counts.errors += allowed ? 0 : 1;
  }
}

/// Σ of all elements of all tensors, each with a weight of its own.
double weighted(std::size_t tensor, std::size_t element) {
  return std::sin(static_cast<double>(3 * tensor + element) + 1);
}

/// `layouts`: the strides of each tensor that the steps make.
double slow_total(const std::vector<Step>& steps, const SlowPool& leaves, const std::vector<Shape>& layouts) {
  SlowPool pool;
  for (const Reference& x : leaves) pool.push_back(make(x.sizes, x.dtype, [&](const Sizes& i) { return x.at(i); }));
  for (const Step& step : steps) {
    const std::size_t before = pool.size();
    step.slow(pool);
    if (pool.size() > before) take_layout(pool.back(), layouts[before - leaves.size()]);
  }
  Number total = 0;
  for (std::size_t k = 0; k < pool.size(); ++k) {
    std::size_t element = 0;
    for_each(pool[k].sizes, [&](const Sizes& i) { total += pool[k].at(i) * weighted(k, element++); });
  }
  return static_cast<double>(total);
}

/// slow_total()'s counterpart.
Tensor total_of(const Pool& pool) {
  Tensor total = zeros({}, {.dtype = float64});
  for (std::size_t k = 0; k < pool.size(); ++k) {
    std::vector<double> weights;
    for (std::size_t e = 0; e < static_cast<std::size_t>(pool[k].numel()); ++e) weights.push_back(weighted(k, e));
    total = total + (pool[k] * tensor(weights, {.dtype = float64}).reshape(pool[k].shape())).sum();
  }
  return total;
}

/// Compares the gradient of leaf k, which is changed meanwhile, with differences of the slow total.
void check_gradient(const Tensor& grad, std::size_t k, SlowPool& leaves, const std::vector<Step>& steps,
                    const std::vector<Shape>& layouts, Trace& trace) {
  for_each(leaves[k].sizes, [&](const Sizes& i) {
    Number& element = leaves[k].at(i);
    const Number before = element;
    double largest_total = 0;
    const auto slope = [&](double step) {
      element = before + step;
      const double above = slow_total(steps, leaves, layouts);
      element = before - step;
      const double below = slow_total(steps, leaves, layouts);
      element = before;
      largest_total = std::max({largest_total, std::abs(above), std::abs(below)});
      return (above - below) / (2 * step);
    };
    // Two steps: what they differ by is of the order of what either lacks, where the function is not a parabola.
    const double coarse = slope(2e-5), fine = slope(1e-5), wanted = (4 * fine - coarse) / 3,
                 got = grad.defined() ? static_cast<double>(number_at(grad, i)) : 0,
                 tolerance = 1e-5 * (1 + std::abs(wanted)) + std::abs(fine - coarse) + 1e-9 * largest_total;
    if (!(std::abs(got - wanted) <= tolerance))
      trace.fail(fmt::format("the gradient of leaf {} at {} is {} instead of {}", k, Shape(i), got, wanted));
  });
}

void run_gradients(uint64_t seed, Counts& counts) {
  Choices choose(seed);
  Trace trace;
  SlowPool leaves;
  for (int k = 0; k < 2; ++k) leaves.push_back(random_tensor(choose, {float64}));
  for (const Reference& x : leaves) trace.lines.push_back(fmt::format("a leaf {}, times 1", Shape(x.sizes)));
  SlowPool slow;
  for (const Reference& x : leaves) slow.push_back(make(x.sizes, x.dtype, [&](const Sizes& i) { return x.at(i); }));
  std::vector<Tensor> inputs;
  Pool pool;
  for (const Reference& x : leaves) {
    inputs.push_back(to_tensor(x).requires_grad_());
    pool.push_back(inputs.back() * 1);
  }
  const auto run = [&](auto f) {  // false: what a step had saved was changed later, or is none of the views that can be
    try {
      f();
      return true;
    } catch (const Error& e) {
      if (std::string_view(e.what()).find("changed in place") == std::string_view::npos) trace.fail(e.what());
      ++counts.stale;
      return false;
    }
  };
  std::vector<Step> steps;
  std::vector<Shape> layouts;
  for (int64_t left = choose.between(3, 14); left > 0; --left) {
    Step step = random_step(choose, slow, true);
    SlowPool kept = slow;
    if (!step.slow(slow)) {
      slow = std::move(kept);
      continue;
    }
    if (slow.back().numel() > 64) {
      slow.pop_back();
      continue;
    }
    for (const Reference& x : slow)
      for (const Number v : *x.memory)
        if (std::isnan(v)) return;  // the mean of nothing: 0 · NaN in the backward pass is NaN, in PyTorch too
    trace.lines.push_back(step.text);
    if (!run([&] { step.fast(pool); })) return;
    if (pool.size() > kept.size()) {
      layouts.push_back(pool.back().strides());
      take_layout(slow.back(), layouts.back());
    }
    steps.push_back(std::move(step));
  }
  if (largest(slow) > 1e3L) return;  // differences would lose their digits

  const auto go_back = [&] {
    if (const Tensor total = total_of(pool); total.requires_grad()) total.backward();
  };
  if (!run(go_back)) return;
  for (std::size_t k = 0; k < leaves.size(); ++k) check_gradient(inputs[k].grad(), k, leaves, steps, layouts, trace);
  ++counts.gradients;
}

}  // namespace
}  // namespace tenon::fuzz

int main(int argc, char** argv) {
  using namespace tenon::fuzz;
  CLI::App app(
      "Runs random programs on the library and on a slow reference; a difference ends it with exit code 1 and the "
      "program.");
  uint64_t seed = 0;
  int64_t programs = 1000;
  double seconds = 0;
  app.add_option("--seed", seed, "the first program's seed; each further program has the next")->capture_default_str();
  app.add_option("--programs", programs, "how many programs")->capture_default_str();
  app.add_option("--seconds", seconds, "instead: for how long");
  CLI11_PARSE(app, argc, argv);
  const auto start = std::chrono::steady_clock::now();
  const auto goes_on = [&](int64_t done) {
    if (seconds == 0) return done < programs;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds;
  };
  Counts counts;
  for (; goes_on(counts.programs); ++counts.programs, ++seed) {
    try {
      if (seed % 3 == 0) run_gradients(seed, counts);
      else run_values(seed, counts);
    } catch (const std::exception& e) {
      fmt::print("seed {}: {}\n", seed, e.what());
      return 1;
    }
  }
  fmt::print(
      "{} programs, {} steps, of which {} errors on both sides; {} gradients, {} programs with stale saved tensors: no "
      "difference\n",
      counts.programs, counts.steps, counts.errors, counts.gradients, counts.stale);
}
