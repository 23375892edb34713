#pragma once
// Small modules of various signatures, for the tests of hooks.
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <tenon/tenon.h>

namespace tenon::nn {

using Log = std::vector<std::string>;

template <class M>
concept HasPublicForward = requires(M& m, const Tensor& x) {
  m.forward(x);
}
|| requires(M& m, const Tensor& x) { m.forward(x, x); };
template <class M>
inline constexpr bool forward_is_public = HasPublicForward<M>;

inline Tensor grad_ones(const Shape& shape) { return ones(shape, {.requires_grad = true}); }

struct AddOne : Module<AddOne> {
  Untracked<Log*> log;
  explicit AddOne(Log* l = nullptr) : log(l) {}
  Tensor forward(const Tensor& x) {
    if (static_cast<Log*>(log)) log->push_back("forward");
    return x + 1;
  }
  TENON_MODULE(AddOne, log)
};

struct ReturnsItsArgument : Module<ReturnsItsArgument> {
  const Tensor& forward(const Tensor& x) { return x; }
  TENON_MODULE(ReturnsItsArgument)
};

struct Throws : Module<Throws> {
  Tensor forward(const Tensor&) { fail("Throws", "as it should"); }
  TENON_MODULE(Throws)
};

struct Mixed : Module<Mixed> {
  std::tuple<Tensor, int, Tensor> forward(const Tensor& x, int n, Tensor y, const std::string&) {
    return {x + y, n, y};
  }
  TENON_MODULE(Mixed)
};

struct Pair : Module<Pair> {
  std::pair<Tensor, Tensor> forward(const Tensor& x) { return {x * 2, x * 3}; }
  TENON_MODULE(Pair)
};

struct ScaleBy {
  double scale = 1;
  Tensor offset = {};
};
struct State {
  Tensor hidden;
  int steps = 0;
  Tensor cell = {};
};
struct StructInStructOut : Module<StructInStructOut> {
  State forward(const Tensor& x, const ScaleBy& options = {}) { return {x * options.scale + options.offset, 1}; }
  TENON_MODULE(StructInStructOut)
};

struct Lists : Module<Lists> {
  std::vector<Tensor> forward(const std::vector<Tensor>& list) {
    std::vector<Tensor> out;
    for (const Tensor& t : list) out.push_back(t * 2);
    return out;
  }
  TENON_MODULE(Lists)
};

class Packed {
 public:
  Packed(Tensor a, Tensor b) : a_(std::move(a)), b_(std::move(b)) {}
  const Tensor& second() const { return b_; }
  template <class F>
  decltype(auto) tenon_tensors(F&& f) {
    return f(a_, b_);
  }

 private:
  Tensor a_, b_;
};
struct Packing : Module<Packing> {
  Packed forward(const Tensor& x) { return {x, x * 2}; }
  TENON_MODULE(Packing)
};

}  // namespace tenon::nn
