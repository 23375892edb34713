// Functions of special::, and their kin, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

void unary(Operations& to, const std::string& name, Tensor (*f)(const Tensor&)) {
  one(to, name, [f](const Arguments& a) { return f(a.x()); });
}

}  // namespace

void add_special(Operations& to) {
#define POINTWISE(...)
#define SPECIAL(name, ...) unary(to, "special." #name, &special::name);
#include "ops/elementwise/pointwise.inc"
  unary(to, "special.ndtr", &special::ndtr);
  unary(to, "special.entr", &special::entr);
  one(to, "special.xlog1py", [](const Arguments& a) {
    if (!a.is_tensor(0)) return special::xlog1py(a.scalar(0, "self"), a.x(1));
    return a.is_tensor(1) ? special::xlog1py(a.x(), a.x(1)) : special::xlog1py(a.x(), a.scalar(1, "other"));
  });
  one(to, "mvlgamma", [](const Arguments& a) { return a.x().mvlgamma(a.i(1, "p", 1)); });
  changed(to, "i0_", [](const Tensor& x, const Arguments&) { x.i0_(); });
  changed(to, "mvlgamma_", [](const Tensor& x, const Arguments& a) { x.mvlgamma_(a.i(1, "p", 1)); });
}

}  // namespace tenon::parity
