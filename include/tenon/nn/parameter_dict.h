#pragma once
#include <initializer_list>
#include <string>
#include <utility>

#include <tenon/nn/dict_interface.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Parameters under names, in the order in which they came. A tensor that is none becomes one. Source:
/// torch.nn.ParameterDict.
class ParameterDict : public Module<ParameterDict>, public detail::DictInterface<ParameterDict, Parameter> {
 public:
  using mapped_type = Parameter;

  ParameterDict() = default;
  ParameterDict(std::initializer_list<std::pair<std::string, Parameter>> parameters) {
    for (const auto& [key, parameter] : parameters) insert(key, parameter);
  }

  /// Makes a parameter of the tensor's data under a new key.
  Parameter& emplace(std::string key, const Tensor& data, const ParameterOptions& options = {}) {
    insert(std::move(key), Parameter(data, options));
    return items_.handles.back();
  }
  /// The parameter under this key; where there is none, one of the tensor's data.
  Parameter& setdefault(const std::string& key, const Tensor& data) {
    return contains(key) ? (*this)[key] : emplace(key, data);
  }

  std::string extra_repr() const override;

 private:
  friend detail::DictInterface<ParameterDict, Parameter>;
  detail::NamedHandles<Parameter> items_;

  TENON_MODULE(ParameterDict, items_)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
