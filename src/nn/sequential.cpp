#include <tenon/nn/sequential.h>

#include <algorithm>

namespace tenon::nn {
namespace {

void check_name(const std::string& name, const std::vector<std::string>& before) {
  if (name.empty()) fail("Sequential", "expected a name that is not empty");
  if (name.find('.') != name.npos) fail("Sequential", "expected a name without a dot, got \"{}\"", name);
  const auto same = std::find(before.begin(), before.end(), name);
  if (same != before.end())
    fail("Sequential", "expected names that differ, got \"{}\" for layers {} and {}", name, same - before.begin(),
         before.size());
}

}  // namespace

void detail::Layers::tenon_visit(Visitor& visitor) {
  for (std::size_t i = 0; i < modules.size(); ++i) show(visitor, names[i], modules[i]);
}

detail::Layers detail::Layers::tenon_clone(Cloner& cloner) { return {names, cloned(cloner, modules)}; }

Sequential::Sequential(std::initializer_list<Layer> layers) {
  // Compilers differ in whether Sequential{Sequential{...}} moves or nests: g++ comes here, clang++ moves.
  if (layers.size() == 1 && !layers.begin()->name())
    if (auto* only = dynamic_cast<Sequential*>(layers.begin()->module().get())) {
      layers_ = std::move(only->layers_);
      return;
    }
  for (const Layer& layer : layers) {
    std::string name = layer.name().value_or(fmt::format("{}", layers_.names.size()));
    check_name(name, layers_.names);
    layers_.names.push_back(std::move(name));
    layers_.modules.push_back(layer.module());
  }
}

Tensor Sequential::forward(Tensor x) {
  for (const auto& layer : layers_.modules) x = (*layer)(std::move(x));
  return x;
}

ModuleBase& Sequential::operator[](int64_t index) const {
  const int64_t at = index < 0 ? index + size() : index;
  if (at < 0 || at >= size())
    fail("Sequential", "expected an index below {}, the number of layers, got {}", size(), index);
  return *layers_.modules[static_cast<std::size_t>(at)];
}

ModuleBase& Sequential::find(std::string_view name) const {
  const auto at = std::find(layers_.names.begin(), layers_.names.end(), name);
  if (at != layers_.names.end()) return *layers_.modules[static_cast<std::size_t>(at - layers_.names.begin())];
  std::string names;
  for (const std::string& n : layers_.names) names += (names.empty() ? "" : ", ") + n;
  fail("Sequential", "expected one of the layers {}, got \"{}\"", names, name);
}

void Sequential::fail_type(const ModuleBase& layer, std::string_view name) {
  fail("Sequential", "layer {} is a {}, not what was asked for", name, layer.type_name());
}

}  // namespace tenon::nn
