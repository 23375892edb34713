#include <tenon/nn/sequential.h>

namespace tenon::nn {

Sequential::Sequential(std::initializer_list<Layer> layers) {
  // Compilers differ in whether Sequential{Sequential{...}} moves or nests: g++ comes here, clang++ moves.
  if (layers.size() == 1 && !layers.begin()->name())
    if (auto* only = dynamic_cast<Sequential*>(layers.begin()->module().get())) {
      items_ = std::move(only->items_);
      return;
    }
  for (const Layer& layer : layers) {
    std::string name = layer.name().value_or(std::to_string(items_.size()));
    detail::check_name("Sequential", name, items_.names);
    tenon_take_in(name, layer.module());
  }
}

Sequential& Sequential::insert(int64_t index, const Layer& layer) {
  const std::size_t at = place_to_insert(index);
  if (layer.name()) detail::check_name("Sequential", *layer.name(), items_.names);
  put(at,
      detail::handle_for<std::shared_ptr<ModuleBase>>("Sequential", layer.name().value_or(std::to_string(at)),
                                                      layer.module()),
      layer.name());
  return *this;
}

bool Sequential::tenon_take_in(const std::string& name, const std::shared_ptr<ModuleBase>& module) {
  items_.add(name, detail::handle_for<std::shared_ptr<ModuleBase>>("Sequential", name, module));
  return true;
}

Sequential& Sequential::operator*=(int64_t n) {
  if (n < 1) fail("Sequential", "expected a factor of 1 or more, got {}", n);
  const Sequential once = (*this)[Slice()];
  Sequential more;
  for (int64_t i = 1; i < n; ++i) more.extend(once);
  return extend(more);
}

Sequential operator*(const Sequential& layers, int64_t n) {
  Sequential out;
  out += layers;
  out *= n;
  return out;
}
Sequential operator*(int64_t n, const Sequential& layers) { return layers * n; }

Tensor Sequential::forward(Tensor x) const {
  for (const auto& layer : items_.handles) x = (*layer)(std::move(x));
  return x;
}

ModuleBase& Sequential::find(std::string_view name) const {
  const std::size_t at = items_.find(name);
  if (at == items_.size()) detail::fail_name("Sequential", name, items_.names);
  return *items_.handles[at];
}

}  // namespace tenon::nn
