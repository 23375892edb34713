// Uniform and normal numbers.
#include <cmath>

#include <tenon/dtype_info.h>

#include "random/draw.h"

namespace tenon {
namespace {

using random::draw;
using random::redraw;

void check_bounds(const char* operation, const Tensor& x, double from, double to) {
  random::check_real_type(operation, x);
  const double limit = finfo(x.dtype()).max;
  if (!(std::abs(from) <= limit && std::abs(to) <= limit))
    fail(operation, "the bounds {} and {} must be finite in {}", from, to, x.dtype());
  if (from > to) fail(operation, "expected from <= to, got from = {} and to = {}", from, to);
  if (to - from > limit) fail(operation, "the range from {} to {} is wider than {} can express", from, to, x.dtype());
}

Tensor new_uniform(const char* operation, Tensor x, Generator* generator) {
  random::check_real_type(operation, x);
  draw(operation, x, generator, &RandomKernels::uniform, 0.0, 1.0);
  return x;
}

Tensor new_normal(const char* operation, Tensor x, Generator* generator) {
  random::check_real_type(operation, x);
  draw(operation, x, generator, &RandomKernels::normal, 0.0, 1.0);
  return x;
}

}  // namespace

void uniform_(const Tensor& x, double from, double to, Generator* generator) {
  check_bounds("uniform_", x, from, to);
  redraw("uniform_", x, generator, &RandomKernels::uniform, from, to);
}

void normal_(const Tensor& x, double mean, double std, Generator* generator) {
  random::check_real_type("normal_", x);
  if (!(std >= 0)) fail("normal_", "the standard deviation must not be negative, got {}", std);
  redraw("normal_", x, generator, &RandomKernels::normal, mean, std);
}

void log_normal_(const Tensor& x, double mean, double std, Generator* generator) {
  if (!(std > 0)) fail("log_normal_", "expected a standard deviation above 0, got {}", std);
  random::check_real_type("log_normal_", x);
  redraw("log_normal_", x, generator, &RandomKernels::log_normal, mean, std);
}

void exponential_(const Tensor& x, double rate, Generator* generator) {
  if (!(rate > 0)) fail("exponential_", "expected a rate above 0, got {}", rate);
  random::check_real_type("exponential_", x);
  redraw("exponential_", x, generator, &RandomKernels::exponential, rate);
}

void cauchy_(const Tensor& x, double median, double sigma, Generator* generator) {
  if (!(sigma > 0)) fail("cauchy_", "expected sigma above 0, got {}", sigma);
  random::check_real_type("cauchy_", x);
  redraw("cauchy_", x, generator, &RandomKernels::cauchy, median, sigma);
}

Tensor rand(const Shape& shape, const TensorOptions& options, Generator* generator) {
  return new_uniform("rand", empty(shape, options), generator);
}

Tensor randn(const Shape& shape, const TensorOptions& options, Generator* generator) {
  return new_normal("randn", empty(shape, options), generator);
}

Tensor rand_like(const Tensor& like, const TensorOptions& options, Generator* generator) {
  return new_uniform("rand_like", empty_like(like, options), generator);
}

Tensor randn_like(const Tensor& like, const TensorOptions& options, Generator* generator) {
  return new_normal("randn_like", empty_like(like, options), generator);
}

const Tensor& Tensor::uniform_(double from, double to) const {
  tenon::uniform_(*this, from, to, nullptr);
  return *this;
}

const Tensor& Tensor::normal_(double mean, double std) const {
  tenon::normal_(*this, mean, std, nullptr);
  return *this;
}

const Tensor& Tensor::log_normal_(double mean, double std) const {
  tenon::log_normal_(*this, mean, std, nullptr);
  return *this;
}

const Tensor& Tensor::exponential_(double rate) const {
  tenon::exponential_(*this, rate, nullptr);
  return *this;
}

const Tensor& Tensor::cauchy_(double median, double sigma) const {
  tenon::cauchy_(*this, median, sigma, nullptr);
  return *this;
}

}  // namespace tenon
