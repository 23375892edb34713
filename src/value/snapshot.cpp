// Dict::clone.
#include <unordered_map>

#include <tenon/value.h>

namespace tenon {
namespace {

/// Copies tensors, those that show the same elements once; and what holds values, each object once.
class Snapshot {
 public:
  Dict dict(const Dict& d) {
    Dict copy;
    copy.set_ordered(d.is_ordered());
    if (d.metadata()) copy.set_metadata(*d.metadata());
    for (const auto& [key, value] : d) copy.set(key, this->value(value));
    return copy;
  }

 private:
  Value value(const Value& v) {
    if (v.is<Tensor>())
      return v.is<nn::Parameter>()
                 ? Value(nn::Parameter(tensor(v.as<Tensor>()), {.requires_grad = v.as<Tensor>().requires_grad()}))
                 : Value(tensor(v.as<Tensor>()));
    if (!v.is<Value::List>() && !v.is<Dict>() && !v.is<Tuple>() && !v.is<Set>() && !v.is<Opaque>()) return v;
    if (const auto found = values_.find(v.identity()); found != values_.end()) return found->second;
    const detail::Level level;
    Value copy = container(v);
    values_.emplace(v.identity(), copy);
    return copy;
  }
  Value container(const Value& v) {
    if (v.is<Dict>()) return dict(v.as<Dict>());
    if (v.is<Value::List>()) return list(v.as<Value::List>());
    if (v.is<Tuple>()) return Tuple{list(v.as<Tuple>().items)};
    if (v.is<Set>()) return Set{list(v.as<Set>().items)};
    Opaque o = v.as<Opaque>();
    o.arguments = list(o.arguments);
    o.state = list(o.state);
    o.items = list(o.items);
    for (auto& [key, entry] : o.entries) entry = value(entry);
    return o;
  }
  Value::List list(const Value::List& items) {
    Value::List copies;
    for (const Value& item : items) copies.push_back(value(item));
    return copies;
  }
  Tensor tensor(const Tensor& x) {
    if (!x.defined()) return x;
    auto& of_storage = tensors_[x.impl()->storage.get()];
    for (const auto& [original, its_copy] : of_storage)
      if (original.storage_offset() == x.storage_offset() && original.dtype() == x.dtype() &&
          original.shape() == x.shape() && original.strides() == x.strides())
        return its_copy;
    return of_storage.emplace_back(x, x.detach().clone()).second;
  }

  std::unordered_map<const Storage*, std::vector<std::pair<Tensor, Tensor>>> tensors_;
  std::unordered_map<const void*, Value> values_;
};

}  // namespace

Dict Dict::clone() const { return Snapshot().dict(*this); }

}  // namespace tenon
