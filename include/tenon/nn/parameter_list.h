#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include <tenon/nn/list_interface.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Parameters in order, used as a std::vector is. A tensor that is none becomes one. Source: torch.nn.ParameterList.
class ParameterList : public Module<ParameterList>, public detail::ListInterface<ParameterList, Parameter> {
 public:
  using value_type = Parameter;

  ParameterList() = default;
  ParameterList(std::initializer_list<Parameter> parameters) {
    for (const Parameter& p : parameters) push_back(p);
  }

  ParameterList& push_back(Parameter parameter) { return insert(size(), std::move(parameter)); }
  ParameterList& append(Parameter parameter) { return push_back(std::move(parameter)); }
  /// The tensor's data as a parameter.
  template <std::same_as<Tensor> X>
  ParameterList& push_back(const X& data) {
    return push_back(Parameter(data));
  }
  template <std::same_as<Tensor> X>
  ParameterList& append(const X& data) {
    return push_back(Parameter(data));
  }
  Parameter& emplace_back(const Tensor& data, const ParameterOptions& options = {}) {
    push_back(Parameter(data, options));
    return back();
  }
  /// Before the one at the index.
  ParameterList& insert(int64_t index, Parameter parameter) {
    put(place_to_insert(index), std::move(parameter));
    return *this;
  }

  std::string extra_repr() const override;

  static constexpr bool keeps_names = false;

 private:
  friend detail::ListInterface<ParameterList, Parameter>;
  detail::NamedHandles<Parameter> items_;

  TENON_MODULE(ParameterList, items_)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
