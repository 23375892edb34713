#include <tenon/value.h>

#include <functional>
#include <unordered_map>

#include <fmt/format.h>

namespace tenon {
namespace {

constexpr std::size_t index_from = 16;  // keys; below that a list is searched as fast as a hash table

struct KeyHash {
  std::size_t operator()(const Key& k) const { return k.hash(); }
};

std::string quote(std::string_view s) {
  // Python's rule: double quotes where that saves an escape.
  const char mark = s.find('\'') != s.npos && s.find('"') == s.npos ? '"' : '\'';
  std::string out(1, mark);
  for (char c : s) {
    if (c == mark || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + mark;
}

/// Python's repr of a float: the shortest text that reads back, always with a point or an exponent.
std::string float_text(double d) {
  std::string s = fmt::format("{}", d);
  if (s.find_first_of(".en") == std::string::npos) s += ".0";  // n: inf and nan
  return s;
}

}  // namespace

// ---------------------------------------------------------------- Key
const std::string& Key::string() const {
  if (const auto* s = std::get_if<std::string>(&key_)) return *s;
  fail("Key", "expected a string, found the integer {}", std::get<int64_t>(key_));
}
int64_t Key::integer() const {
  if (const auto* i = std::get_if<int64_t>(&key_)) return *i;
  fail("Key", "expected an integer, found the string {}", quoted());
}
std::string Key::to_string() const {
  return is_string() ? std::get<std::string>(key_) : fmt::to_string(std::get<int64_t>(key_));
}
std::string Key::quoted() const { return is_string() ? quote(std::get<std::string>(key_)) : to_string(); }
std::size_t Key::hash() const { return std::hash<std::variant<std::string, int64_t>>{}(key_); }

// ---------------------------------------------------------------- Dict
struct Dict::Index {
  std::unordered_map<Key, std::list<Item>::iterator, KeyHash> places;
};

Dict::Dict() = default;
Dict::Dict(Dict&&) noexcept = default;
Dict& Dict::operator=(Dict&&) noexcept = default;
Dict::~Dict() = default;

Dict::Dict(std::initializer_list<Item> items) {
  for (const Item& item : items) {
    if (contains(item.key)) fail("Dict", "the key {} is given twice", item.key.quoted());
    append(item.key, item.value);
  }
}
Dict::Dict(const Dict& o) {
  for (const Item& item : o.items_) append(item.key, item.value);
  if (o.metadata_) metadata_ = std::make_unique<Dict>(*o.metadata_);
}
Dict& Dict::operator=(const Dict& o) {
  if (this != &o) *this = Dict(o);
  return *this;
}

void Dict::set_metadata(Dict metadata) { metadata_ = std::make_unique<Dict>(std::move(metadata)); }

namespace {

/// Copies tensors, those that show the same elements once.
class Snapshot {
 public:
  Dict operator()(Dict dict) {
    for (auto& [key, value] : dict) copy(value);
    return dict;
  }

 private:
  void copy(Value& value) {
    if (value.is<Tensor>()) {
      value = copied(value.as<Tensor>());
    } else if (value.is<Value::List>()) {
      for (Value& item : value.as_mutable<Value::List>()) copy(item);
    } else if (value.is<Dict>()) {
      for (auto& [key, item] : value.as_mutable<Dict>()) copy(item);
    }
  }
  Tensor copied(const Tensor& x) {
    if (!x.defined()) return x;
    auto& of_storage = copies_[x.impl()->storage.get()];
    for (const auto& [original, its_copy] : of_storage)
      if (original.storage_offset() == x.storage_offset() && original.dtype() == x.dtype() && original.shape() == x.shape() &&
          original.strides() == x.strides())
        return its_copy;
    return of_storage.emplace_back(x, x.detach().clone()).second;
  }

  std::unordered_map<const Storage*, std::vector<std::pair<Tensor, Tensor>>> copies_;
};

}  // namespace

Dict Dict::clone() const { return Snapshot()(*this); }

Dict::Item* Dict::lookup(const Key& key) const {
  if (index_) {
    const auto found = index_->places.find(key);
    return found == index_->places.end() ? nullptr : &*found->second;
  }
  for (const Item& item : items_)
    if (item.key == key) return const_cast<Item*>(&item);
  return nullptr;
}

Value& Dict::append(Key key, Value value) {
  Item& item = items_.emplace_back(std::move(key), std::move(value));
  if (index_) {
    index_->places.emplace(item.key, std::prev(items_.end()));
  } else if (items_.size() >= index_from) {
    index_ = std::make_unique<Index>();
    for (auto at = items_.begin(); at != items_.end(); ++at) index_->places.emplace(at->key, at);
  }
  return item.value;
}

Value* Dict::find(const Key& key) {
  Item* item = lookup(key);
  return item ? &item->value : nullptr;
}
const Value* Dict::find(const Key& key) const {
  const Item* item = lookup(key);
  return item ? &item->value : nullptr;
}

const Value& Dict::operator[](const Key& key) const {
  if (const Value* v = find(key)) return *v;
  constexpr std::size_t shown = 8;
  std::string keys;
  for (const Item& item : items_) {
    if (keys.size() > shown * 40) break;
    keys += (keys.empty() ? "" : ", ") + item.key.quoted();
  }
  fail("Dict", "there is no key {}; its {} keys are: {}", key.quoted(), size(), empty() ? "none" : keys);
}
Value& Dict::operator[](const Key& key) { return const_cast<Value&>(std::as_const(*this)[key]); }

Value& Dict::set(Key key, Value value) {
  if (Value* old = find(key)) {
    *old = std::move(value);
    return *old;
  }
  return append(std::move(key), std::move(value));
}

bool Dict::erase(const Key& key) {
  for (auto at = items_.begin(); at != items_.end(); ++at) {
    if (!(at->key == key)) continue;
    if (index_) index_->places.erase(key);
    items_.erase(at);
    return true;
  }
  return false;
}

void Dict::clear() {
  items_.clear();
  index_.reset();
}

// ---------------------------------------------------------------- Value
std::string_view Value::type_name() const {
  static constexpr std::string_view names[] = {"NoneType", "bool", "int", "float", "str", "Tensor", "list", "dict"};
  static_assert(std::size(names) == std::variant_size_v<Data>);
  return names[data_.index()];
}

std::string Value::place() const {
  return tag_.key ? fmt::format(" for the key {}", tag_.key->quoted()) : std::string();
}

void Value::wrong_type(const char* expected) const {
  fail("Value", "expected {}{}, found {}", expected, place(), is_none() ? std::string_view("None") : type_name());
}
void Value::out_of_range(int64_t i) const {
  fail("Value", "the integer {}{} does not fit into the type asked for", i, place());
}

const Value& Value::operator[](const Key& key) const {
  if (const auto* items = std::get_if<List>(&data_); items && !key.is_string()) {
    const int64_t i = key.integer();
    if (i < 0 || i >= static_cast<int64_t>(items->size()))
      fail("Value", "there is no item {} in a list of {}{}", i, items->size(), place());
    return (*items)[static_cast<std::size_t>(i)];
  }
  return as<Dict>()[key];
}

bool Value::contains(const Key& key) const {
  const auto* d = std::get_if<Dict>(&data_);
  return d && d->contains(key);
}

std::size_t Value::size() const {
  if (const auto* items = std::get_if<List>(&data_)) return items->size();
  return as<Dict>().size();
}

std::string Value::to_string() const {
  if (is<bool>()) return as<bool>() ? "True" : "False";
  if (is<int64_t>()) return fmt::to_string(as<int64_t>());
  if (is<double>()) return float_text(as<double>());
  if (is<std::string>()) return quote(as<std::string>());
  if (is<Tensor>()) return as<Tensor>().defined() ? tenon::to_string(as<Tensor>()) : "tensor(undefined)";
  std::string out;
  if (is<List>()) {
    for (const Value& v : as<List>()) out += (out.empty() ? "" : ", ") + v.to_string();
    return "[" + out + "]";
  }
  if (is<Dict>()) {
    for (const auto& [key, value] : as<Dict>())
      out += (out.empty() ? "" : ", ") + key.quoted() + ": " + value.to_string();
    return "{" + out + "}";
  }
  return "None";
}

}  // namespace tenon
