#include <tenon/parameter.h>

namespace tenon::nn {

Parameter::Parameter(const Tensor& data, const ParameterOptions& options) {
  if (!data.defined()) return;
  if (!data.is_leaf())
    fail("Parameter",
         "expected a tensor that is no operation's result, got one of shape {} with a history; detach() it first",
         data.shape().to_string());
  Tensor::operator=(data.detach());
  requires_grad_(options.requires_grad);
}

}  // namespace tenon::nn
