#pragma once
// Parameters that are computed from others before each call of their module: the slot holds the result, and what is
// listed, trained and saved is what it is computed from.
#include <string>
#include <string_view>

#include <tenon/nn/module_base.h>

namespace tenon::nn {

/// What a parameter is now; it finds all that it needs through the module, which may be a copy of the one that it was
/// registered with.
using Compute = Tensor (*)(ModuleBase& module, const std::string& name);

/// The slot of a module's own parameter, be it computed or not; an error naming `operation` where it has none, or an
/// empty one.
Parameter& parameter_slot(ModuleBase& module, std::string_view name, std::string_view operation);
bool is_computed(ModuleBase& module, std::string_view name);
/// From now on the parameter is computed, now and before each call; it is not listed any more.
void start_computing(ModuleBase& module, const std::string& name, Compute compute);
/// The slot holds this parameter again.
void stop_computing(ModuleBase& module, const std::string& name, Parameter parameter);
/// All of a module's, now.
void compute_parameters(ModuleBase& module);

}  // namespace tenon::nn
