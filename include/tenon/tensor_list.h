#pragma once
// TensorList: what a function of several tensors takes.
#include <concepts>
#include <initializer_list>
#include <utility>
#include <vector>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

namespace detail {
/// A tensor of a list in braces. A template, so that braces within those braces are no tensor but something else: a
/// group of an optimizer's.
struct ListedTensor {
  ListedTensor() = default;
  template <std::convertible_to<Tensor> T>
  ListedTensor(const T& given) : tensor(given) {}

  Tensor tensor;
};
}  // namespace detail

/// Tensors as an argument: in braces, a std::vector<Tensor>, model.parameters(), or any other range of tensors of
/// whatever kind.
class TensorList : public std::vector<Tensor> {
 public:
  TensorList() = default;
  TensorList(std::initializer_list<detail::ListedTensor> tensors) {
    reserve(tensors.size());
    for (const auto& listed : tensors) push_back(listed.tensor);
  }
  TensorList(std::vector<Tensor> tensors) : vector(std::move(tensors)) {}
  template <class R>
  requires(!std::derived_from<R, Tensor> && !std::derived_from<R, std::vector<Tensor>>) &&
      requires(const R& r) {  // a tensor's rows are not meant
    r.end();
    static_cast<const Tensor&>(*r.begin());
  }
  TensorList(const R& range) {
    for (const Tensor& t : range) push_back(t);
  }
};

}  // namespace tenon

#pragma GCC visibility pop
