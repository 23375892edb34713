#pragma once
// Small models that the tests of the module system's statements share.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace tenon::nn::semantics {

using Names = std::vector<std::string>;

template <class Named>
Names names(const std::vector<Named>& entries) {
  Names out;
  for (const auto& e : entries) out.push_back(e.name);
  return out;
}
inline Names keys(const Dict& dict) {
  Names out;
  for (const auto& [key, value] : dict) out.push_back(key.string());
  return out;
}

/// What an Error says; the test fails if nothing is thrown.
inline std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}
inline testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "expected\n  " << part << "\nin\n  " << text;
}

/// A stand-in for a layer: a weight of ones and an optional bias.
struct Scale : Module<Scale> {
  Parameter weight;
  Parameter bias;
  explicit Scale(int64_t n = 2, bool with_bias = true) : weight(ones({n})) {
    if (with_bias) bias = Parameter(zeros({n}));
  }
  Tensor forward(const Tensor& x) { return bias.defined() ? x * weight + bias : x * weight; }
  TENON_MODULE(Scale, weight, bias)
};

/// Counts as BatchNorm does, in train mode only; its version is 2, and older entries lack the counter.
struct Norm : Module<Norm> {
  Parameter weight;
  Parameter bias;
  Buffer running_mean;
  Buffer num_batches_tracked;
  explicit Norm(int64_t n = 2)
      : weight(ones({n})), bias(zeros({n})), running_mean(zeros({n})), num_batches_tracked(tensor(int64_t{0})) {}
  Tensor forward(const Tensor& x) {  // (B, n)
    if (training()) {
      const NoGrad guard;
      running_mean.copy_(running_mean * 0.5 + x.mean({0}) * 0.5);
      num_batches_tracked.add_(1);
    }
    return (x - running_mean) * weight + bias;
  }
  int64_t state_dict_version() const override { return 2; }
  void upgrade_state_dict(LoadingState& loading) override {
    const std::string key = loading.prefix + "num_batches_tracked";
    if (loading.version.value_or(1) < 2 && !loading.state_dict.contains(key))
      loading.state_dict.set(key, tensor(int64_t{0}));
  }
  TENON_MODULE(Norm, weight, bias, running_mean, num_batches_tracked)
};

struct Net : Module<Net> {
  Scale first;
  Norm norm;
  Parameter gain{ones({1})};
  Scale last{2, false};
  Buffer mask{ones({2}), {.persistent = false}};
  Tensor forward(const Tensor& x) { return last(norm(first(x))) * gain; }
  TENON_MODULE(Net, first, norm, gain, last, mask)
};

}  // namespace tenon::nn::semantics
