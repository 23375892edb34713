#include <tenon/nn/sequential.h>

namespace tenon::nn {

Layers::Layers(std::initializer_list<Layer> layers) : layers_(layers) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    std::string& name = layers_[i].name_;
    if (name.empty()) name = fmt::format("{}", i);
    if (name.find('.') != name.npos) fail("Sequential", "expected a name without a dot, got \"{}\"", name);
    for (std::size_t k = 0; k < i; ++k)
      if (layers_[k].name_ == name)
        fail("Sequential", "expected names that differ, got \"{}\" for layers {} and {}", name, k, i);
  }
}

void Layers::tenon_visit(Visitor& visitor) const {
  for (const Layer& layer : layers_) visitor.module(layer.name_, &*layer);
}

Tensor Sequential::forward(Tensor x) {
  for (const Layer& layer : layers_.all()) x = (*layer)(std::move(x));
  return x;
}

ModuleBase& Sequential::operator[](int64_t index) const {
  const int64_t at = index < 0 ? index + size() : index;
  if (at < 0 || at >= size())
    fail("Sequential", "expected an index below {}, the number of layers, got {}", size(), index);
  return *layers_.all()[static_cast<std::size_t>(at)];
}

ModuleBase& Sequential::find(std::string_view name) const {
  std::string names;
  for (const Layer& layer : layers_.all()) {
    if (layer.name() == name) return *layer;
    names += (names.empty() ? "" : ", ") + layer.name();
  }
  fail("Sequential", "expected one of the layers {}, got \"{}\"", names, name);
}

void Sequential::fail_type(const ModuleBase& layer, std::string_view name) {
  fail("Sequential", "layer {} is a {}, not what was asked for", name, layer.type_name());
}

}  // namespace tenon::nn
