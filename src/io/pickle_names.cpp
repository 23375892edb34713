#include "io/pickle_names.h"

#include <array>
#include <utility>

#include "io/pickle_values.h"

namespace tenon::io {
namespace {

constexpr std::array<std::pair<std::string_view, Known>, 27> names{{
    {"torch._utils\n_rebuild_tensor", Known::tensor_v1},
    {"torch._utils\n_rebuild_tensor_v2", Known::tensor_v2},
    {"torch._utils\n_rebuild_tensor_v3", Known::tensor_v3},
    {"torch._utils\n_rebuild_meta_tensor_no_storage", Known::meta_tensor},
    {"torch._utils\n_rebuild_parameter", Known::parameter},
    {"torch._utils\n_rebuild_parameter_with_state", Known::parameter_with_state},
    {"torch._tensor\n_rebuild_from_type_v2", Known::from_type},
    {"collections\nOrderedDict", Known::ordered_dict},
    {"collections\nCounter", Known::counter},
    {"torch\nSize", Known::size},
    {"torch\ndevice", Known::device},
    {"_codecs\nencode", Known::bytes},
    {"builtins\nbytearray", Known::bytearray},
    {"builtins\nbytes", Known::bytearray},
    {"builtins\nset", Known::set},
    {"builtins\ncomplex", Known::complex},
    // NumPy 2 has another name for the same module.
    {"numpy.core.multiarray\nscalar", Known::numpy_scalar},
    {"numpy._core.multiarray\nscalar", Known::numpy_scalar},
    {"numpy.core.multiarray\n_reconstruct", Known::numpy_array},
    {"numpy._core.multiarray\n_reconstruct", Known::numpy_array},
    {"numpy.core.numeric\n_frombuffer", Known::numpy_buffer},
    {"numpy._core.numeric\n_frombuffer", Known::numpy_buffer},
    {"numpy\ndtype", Known::numpy_dtype},
    {"numpy\nndarray", Known::numpy_array_class},
    {"torch\nTensor", Known::tensor_class},
    {"torch.nn.parameter\nParameter", Known::parameter_class},
    {"torch.nn.parameter\nBuffer", Known::tensor_class},
}};

// Types of PyTorch's that Tenon has no tensors of; as plain values they are carried.
constexpr std::array<std::string_view, 25> other_types{
    "qint8",  "quint8",  "qint32",  "quint4x2", "quint2x4",   "bits8",
    "bits16", "bits1x8", "bits2x4", "bits4x2",  "bcomplex32", "float4_e2m1fn_x2",
    "int1",   "int2",    "int3",    "int4",     "int5",       "int6",
    "int7",   "uint1",   "uint2",   "uint3",    "uint4",      "uint5",
    "uint6"};

std::optional<std::string_view> in_module(std::string_view name, std::string_view module) {
  if (name.size() <= module.size() || !name.starts_with(module) || name[module.size()] != '\n') return {};
  return name.substr(module.size() + 1);
}

}  // namespace

std::optional<DType> dtype_of_global(std::string_view global) {
  const auto in_torch = in_module(global, "torch");
  for (int i = 0; in_torch && i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (*in_torch == name(dtype)) return dtype;
  }
  return {};
}

std::optional<Known> known(std::string_view name) {
  constexpr std::string_view python2 = "__builtin__";  // as protocol 2 spells it
  for (const auto& [full, what] : names)
    if (full == name || (in_module(name, python2) && in_module(full, "builtins") == in_module(name, python2)))
      return what;
  if (dtype_of_global(name)) return Known::dtype;
  if (const auto in_torch = in_module(name, "torch"))
    for (const std::string_view type : other_types)
      if (type == *in_torch) return Known::dtype;
  for (const std::string_view module : {"torch", "torch.storage", "torch.cuda"})
    if (const auto storage = in_module(name, module); storage && dtype_of_storage_class(*storage))
      return Known::storage_class;
  return {};
}

}  // namespace tenon::io
