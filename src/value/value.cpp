#include <tenon/value.h>

#include <fmt/format.h>

namespace tenon {

const std::array<std::string_view, std::variant_size_v<Value::Data>> Value::type_names{
    "NoneType", "bool", "int",  "float", "str", "Tensor", "Parameter", "dtype", "complex",
    "device",   "list", "dict", "tuple", "set", "Size",   "bytes",     "int",   "object"};

Value::Value(const char* s) : data_(std::string(s)) {}
Value::Value(std::string_view s) : data_(std::string(s)) {}
Value::Value(std::string s) : data_(std::move(s)) {}
Value::Value(Tensor t) : data_(std::move(t)) {}
Value::Value(nn::Parameter p) : data_(std::move(p)) {}
Value::Value(std::complex<double> c) : data_(Shared<std::complex<double>>(c)) {}
Value::Value(DType t) : data_(t) {}
Value::Value(Device d) : data_(Shared<Device>(d)) {}
Value::Value(List items) : data_(Shared<List>(std::move(items))) {}
Value::Value(Dict d) : data_(Shared<Dict>(std::move(d))) {}
Value::Value(Tuple t) : data_(Shared<Tuple>(std::move(t))) {}
Value::Value(Set s) : data_(Shared<Set>(std::move(s))) {}
Value::Value(Shape size) : data_(Shared<Shape>(std::move(size))) {}
Value::Value(Bytes b) : data_(Shared<Bytes>(std::move(b))) {}
Value::Value(Opaque o) : data_(Shared<Opaque>(std::move(o))) {}
Value::Value(const Value&) = default;
Value::Value(Value&& o) noexcept : data_(std::exchange(o.data_, Data())) {}
Value& Value::operator=(const Value& o) { return *this = Value(o); }  // o may lie in what this one holds
Value& Value::operator=(Value&& o) noexcept {
  data_ = std::exchange(o.data_, Data());
  return *this;
}
Value::~Value() = default;

Value::Value(const Value& v, const Key& key) : Value(v) { tag_.keep(key); }

Value::Value(BigInt i) {
  if (i.fits_64_bits()) data_ = i.to_int64();
  else data_ = Shared<BigInt>(std::move(i));
}

std::string_view Value::type_name() const { return type_names[data_.index()]; }

std::string Value::place() const {
  return tag_.key() ? fmt::format(" for the key {}", tag_.key()->quoted()) : std::string();
}

void Value::wrong_type(std::string_view expected) const {
  fail("Value", "expected {}{}, found {}", expected, place(), is_none() ? std::string_view("None") : type_name());
}
void Value::out_of_range(int64_t i) const {
  fail("Value", "the integer {}{} does not fit into the type asked for", i, place());
}

const Value::List* Value::items() const {
  if (const List* list = pointer<List>()) return list;
  if (const Tuple* tuple = pointer<Tuple>()) return &tuple->items;
  if (const Set* set = pointer<Set>()) return &set->items;
  return nullptr;
}

std::size_t Value::sequence_size() const {
  if (const Shape* shape = pointer<Shape>()) return shape->size();
  if (const List* list = items(); list && !is<Set>()) return list->size();
  wrong_type("list");
}
Value Value::item(std::size_t i) const {
  if (const Shape* shape = pointer<Shape>()) return (*shape)[i];
  return (*items())[i];
}

const Value& Value::operator[](const Key& key) const& {
  if (const List* list = items(); list && !is<Set>() && !key.is_string()) {
    const int64_t i = key.integer();
    if (i < 0 || i >= static_cast<int64_t>(list->size()))
      fail("Value", "there is no item {} in a {} of {}{}", i, type_name(), list->size(), place());
    return (*list)[static_cast<std::size_t>(i)];
  }
  return as<Dict>()[key];
}

Value& Value::operator[](const Key& key) & {
  (void)std::as_const(*this)[key];  // its errors
  if (is<Dict>()) return as_mutable<Dict>()[key];
  List& list = is<List>() ? as_mutable<List>() : as_mutable<Tuple>().items;
  return list[static_cast<std::size_t>(key.integer())];
}

Value Value::operator[](const Key& key) && {
  const Value& found = std::as_const(*this)[key];
  return is<Dict>() ? Value(found, key) : found;
}

bool Value::contains(const Key& key) const {
  const Dict* d = pointer<Dict>();
  return d && d->contains(key);
}

std::size_t Value::size() const {
  if (const Dict* d = pointer<Dict>()) return d->size();
  if (const Shape* shape = pointer<Shape>()) return shape->size();
  if (const List* list = items()) return list->size();
  wrong_type("dict");
}

const void* Value::identity() const {
  return std::visit(
      []<class T>(const T& x) -> const void* {
        if constexpr (requires { x.identity(); }) return x.identity();
        else if constexpr (std::derived_from<T, Tensor>) return x.impl();
        else return nullptr;
      },
      data_);
}

}  // namespace tenon
