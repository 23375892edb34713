#include "io/pickle_writer.h"

#include <bit>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "io/pickle_opcodes.h"
#include "io/pickle_text.h"
#include "io/pickle_values.h"

namespace tenon::io {
namespace {

using pickle::Opcode;

constexpr std::size_t batch = 1000;  // items that Python adds at once

/// Does what Python's pickler does, in its order. What it could meet again goes into the memo: objects by their
/// identity, texts and names by what they say.
class PickleWriter {
 public:
  explicit PickleWriter(std::string_view operation) : operation_(operation) {}

  PickledCheckpoint run(const Value& value) {
    op(Opcode::proto);
    number(uint8_t{2});
    save(value);
    op(Opcode::stop);
    return std::move(result_);
  }

 private:
  // ---- bytes
  void op(Opcode code) { result_.pickle += static_cast<char>(code); }
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      result_.pickle += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  }

  // ---- the memo
  void put() {
    if (memo_size_ < 256) {
      op(Opcode::binput);
      number(static_cast<uint8_t>(memo_size_));
    } else {
      op(Opcode::long_binput);
      number(memo_size_);
    }
    ++memo_size_;
  }
  void get(uint32_t place) {
    if (place < 256) {
      op(Opcode::binget);
      number(static_cast<uint8_t>(place));
    } else {
      op(Opcode::long_binget);
      number(place);
    }
  }
  /// Writes what is in the memo already.
  template <class Map, class K>
  bool known(const Map& memo, const K& key) {
    const auto found = memo.find(key);
    if (found == memo.end()) return false;
    get(found->second);
    return true;
  }
  void put(const Value& v) {
    if (v.identity()) objects_.emplace(v.identity(), memo_size_);
    put();
  }

  // ---- plain values
  void integer(int64_t i) {
    if (i >= 0 && i < 256) {
      op(Opcode::binint1);
      number(static_cast<uint8_t>(i));
    } else if (i >= 0 && i < 65536) {
      op(Opcode::binint2);
      number(static_cast<uint16_t>(i));
    } else if (std::in_range<int32_t>(i)) {
      op(Opcode::binint);
      number(static_cast<int32_t>(i));
    } else {
      std::array<std::byte, sizeof i> bytes;
      for (std::size_t k = 0; k < sizeof i; ++k) bytes[k] = static_cast<std::byte>(static_cast<uint64_t>(i) >> (8 * k));
      integer(BigInt::from_bytes(bytes));
    }
  }
  void integer(const BigInt& i) {
    const auto& bytes = i.bytes();
    if (bytes.size() < 256) {
      op(Opcode::long1);
      number(static_cast<uint8_t>(bytes.size()));
    } else {
      op(Opcode::long4);
      number(static_cast<uint32_t>(bytes.size()));
    }
    result_.pickle.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void real(double d) {
    op(Opcode::binfloat);
    number(__builtin_bswap64(std::bit_cast<uint64_t>(d)));
  }
  void text(const std::string& s) {
    if (known(texts_, s)) return;
    texts_.emplace(s, memo_size_);
    new_text(s);
  }
  /// A text that Python has as an object of its own, whatever others say the same.
  void new_text(const std::string& s) {
    if (!is_utf8(s)) failed(fmt::format("text that is not UTF-8, {}: bytes are tenon::Bytes", Value(s).to_string()));
    if (s.size() > UINT32_MAX) failed(fmt::format("a text of {} bytes", s.size()));
    op(Opcode::binunicode);
    number(static_cast<uint32_t>(s.size()));
    result_.pickle += s;
    put();
  }
  void global(const std::string& module, const std::string& name) {
    const std::string both = module + "\n" + name;
    if (known(globals_, both)) return;
    if (module.empty() || name.empty() || module.find('\n') != module.npos || name.find('\n') != name.npos)
      failed(fmt::format("an object without a name of two parts: {}", Value(module + "." + name).to_string()));
    op(Opcode::global);
    result_.pickle += both + "\n";
    globals_.emplace(both, memo_size_);
    put();
  }
  void boolean(bool b) { op(b ? Opcode::newtrue : Opcode::newfalse); }

  /// A tuple that nothing else refers to; `save_item(i)` writes one of its n items.
  template <class F>
  void tuple(std::size_t n, F save_item) {
    if (n == 0) return op(Opcode::empty_tuple);
    if (n > 3) op(Opcode::mark);
    for (std::size_t i = 0; i < n; ++i) save_item(i);
    constexpr std::array<Opcode, 4> by_size{Opcode::empty_tuple, Opcode::tuple1, Opcode::tuple2, Opcode::tuple3};
    op(n > 3 ? Opcode::tuple : by_size[n]);
  }
  void sizes(const Shape& shape) {
    tuple(shape.size(), [&](std::size_t i) { integer(shape[i]); });
    if (!shape.empty()) put();
  }
  /// The call's function and arguments are written; what it makes stands for `v`.
  void reduce(const Value& v) {
    op(Opcode::reduce);
    put(v);
  }

  // ---- values
  void save(const Value& v) {
    if (v.is_none()) return op(Opcode::none);
    if (v.is<bool>()) return boolean(v.as<bool>());
    if (v.is<int64_t>()) return integer(v.as<int64_t>());
    if (v.is<double>()) return real(v.as<double>());
    if (v.is<BigInt>()) return integer(v.as<BigInt>());
    if (v.is<std::string>()) return text(v.as<std::string>());
    if (v.is<DType>()) return dtype(v.as<DType>());
    if (v.is<Tuple>() && v.size() == 0) return op(Opcode::empty_tuple);
    if (known(objects_, v.identity())) return;
    if (v.is<Tensor>()) return tensor(v);
    std::optional<detail::Level> level;
    try {
      level.emplace();
    } catch (const Error&) {
      failed(fmt::format("values nested more than {} levels deep", detail::Level::most));
    }
    container(v);
  }
  void save_at(const Key* key, std::size_t number, const Value& v) {
    path_.emplace_back(key, number);
    save(v);
    path_.pop_back();
  }
  void save(const Key& key) { key.is_string() ? text(key.string()) : save(key.value()); }

  void container(const Value& v) {
    if (v.is<Dict>()) return dict(v);
    if (v.is<Value::List>()) return list(v);
    if (v.is<Tuple>()) {
      const auto& items = v.as<Tuple>().items;
      tuple(items.size(), [&](std::size_t i) { save_at(nullptr, i, items[i]); });
      return put(v);
    }
    if (v.is<Set>()) return set(v);
    if (v.is<Bytes>()) return bytes(v);
    if (v.is<std::complex<double>>()) {
      global("__builtin__", "complex");
      const auto c = v.as<std::complex<double>>();
      tuple(2, [&](std::size_t i) { real(i == 0 ? c.real() : c.imag()); });
      put();
      return reduce(v);
    }
    if (v.is<Shape>()) {
      global("torch", "Size");
      tuple(1, [&](std::size_t) { sizes(v.as<Shape>()); });
      put();
      return reduce(v);
    }
    if (v.is<Device>()) return device(v);
    opaque(v);
  }
  void dtype(DType t) { global("torch", std::string(name(t))); }
  void device(const Value& v) {
    const auto d = v.as<Device>();
    const std::string type = d.to_string().substr(0, d.to_string().find(':'));
    global("torch", "device");
    tuple(d.type == DeviceType::cuda ? 2 : 1, [&](std::size_t i) { i == 0 ? new_text(type) : integer(d.index); });
    put();
    reduce(v);
  }
  void bytes(const Value& v) {
    const std::string& data = v.as<Bytes>().data;
    global("_codecs", "encode");
    tuple(2, [&](std::size_t i) { i == 0 ? new_text(utf8_from_latin1(data)) : text("latin1"); });
    put();
    reduce(v);
  }
  void set(const Value& v) {
    global("__builtin__", "set");
    tuple(1, [&](std::size_t) {
      op(Opcode::empty_list);
      put();
      items_of_list(v.as<Set>().items);
    });
    put();
    reduce(v);
  }
  void list(const Value& v) {
    op(Opcode::empty_list);
    put(v);
    items_of_list(v.as<Value::List>());
  }
  void items_of_list(const Value::List& items) {
    if (items.size() == 1) {
      save_at(nullptr, 0, items[0]);
      return op(Opcode::append);
    }
    for (std::size_t i = 0; i < items.size();) {
      op(Opcode::mark);
      for (const std::size_t end = std::min(items.size(), i + batch); i < end; ++i) save_at(nullptr, i, items[i]);
      op(Opcode::appends);
    }
  }

  void entry(const Dict::Item& item) {
    save(item.key);
    save_at(&item.key, 0, item.value);
  }
  void dict(const Value& v) {
    const Dict& d = v.as<Dict>();
    if (d.is_ordered()) return ordered(v, d);
    op(Opcode::empty_dict);
    put(v);
    plain_entries(d);
  }
  void plain_entries(const Dict& d) {
    auto item = d.begin();
    if (d.size() == 1) {
      entry(*item);
      return op(Opcode::setitem);
    }
    if (d.empty()) return;
    // A full batch is followed by one more, which may be empty.
    std::size_t n = batch;
    while (n == batch) {
      op(Opcode::mark);
      for (n = 0; n < batch && item != d.end(); ++n, ++item) entry(*item);
      op(Opcode::setitems);
    }
  }
  /// As Python adds what it only gets one by one: `save_one(i)` writes the i-th of n.
  template <class F>
  void batches(std::size_t n, Opcode one, Opcode several, F save_one) {
    for (std::size_t i = 0; i < n;) {
      const std::size_t end = std::min(n, i + batch);
      const bool single = end - i == 1;
      if (!single) op(Opcode::mark);
      for (; i < end; ++i) save_one(i);
      op(single ? one : several);
    }
  }
  void ordered(const Value& v, const Dict& d) {
    global("collections", "OrderedDict");
    op(Opcode::empty_tuple);
    reduce(v);
    auto item = d.begin();
    batches(d.size(), Opcode::setitem, Opcode::setitems, [&](std::size_t) { entry(*item++); });
    if (!d.metadata()) return;
    op(Opcode::empty_dict);
    put();
    text("_metadata");
    save(kept_.emplace_back(*d.metadata()));
    op(Opcode::setitem);
    op(Opcode::build);
  }
  void opaque(const Value& v) {
    const auto& o = v.as<Opaque>();
    global(o.module, o.name);
    if (o.made == Opaque::Made::not_called) return;
    tuple(o.arguments.size(), [&](std::size_t i) { save(o.arguments[i]); });
    if (!o.arguments.empty()) put();
    op(o.made == Opaque::Made::called ? Opcode::reduce : Opcode::newobj);
    put(v);
    batches(o.items.size(), Opcode::append, Opcode::appends, [&](std::size_t i) { save_at(nullptr, i, o.items[i]); });
    batches(o.entries.size(), Opcode::setitem, Opcode::setitems, [&](std::size_t i) {
      save(o.entries[i].first);
      save(o.entries[i].second);
    });
    if (o.state.empty()) return;
    save(o.state.front());
    op(Opcode::build);
  }

  // ---- tensors
  void tensor(const Value& v) {
    const Tensor& x = v.as<Tensor>();
    if (!x.defined()) failed("an undefined tensor: leave it out, or put None in its place");
    if (!v.is<nn::Parameter>()) return rebuilt(v, x, x.requires_grad());
    global("torch._utils", "_rebuild_parameter");
    tuple(3, [&](std::size_t i) {
      if (i == 0) rebuilt({}, x, false);
      else if (i == 1) boolean(x.requires_grad());
      else hooks();
    });
    put();
    reduce(v);
  }
  /// The call that makes a tensor. `v`: what it stands for, if anything refers to it.
  void rebuilt(const Value& v, const Tensor& x, bool requires_grad) {
    if (x.is_meta()) {
      global("torch._utils", "_rebuild_meta_tensor_no_storage");
      tuple(4, [&](std::size_t i) {
        if (i == 0) dtype(x.dtype());
        else if (i < 3) sizes(i == 1 ? x.shape() : x.strides());
        else boolean(requires_grad);
      });
    } else {
      Stored& stored = this->stored(x);
      // PyTorch has classes of storages for most types. A storage has one type in a file; further ones look at its
      // bytes.
      const bool typed = !storage_class_of(x.dtype()).empty() && stored.dtype == x.dtype();
      global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
      tuple(typed ? 6 : 7, [&](std::size_t i) {
        switch (i) {
          case 0: return storage(x, stored, typed);
          case 1: return integer(x.storage_offset());
          case 2: return sizes(x.shape());
          case 3: return sizes(x.strides());
          case 4: return boolean(requires_grad);
          case 5: return hooks();
          default: return dtype(x.dtype());
        }
      });
    }
    put();
    reduce(v);
  }
  struct Stored {
    std::string key;
    DType dtype;
    std::optional<uint32_t> place = {};  // of the key in the memo
  };
  Stored& stored(const Tensor& x) {
    const Ref<Storage>& storage = x.impl()->storage;
    const auto [place, is_new] =
        storages_.try_emplace(storage.get(), Stored{fmt::to_string(result_.storages.size()), x.dtype()});
    if (is_new) result_.storages.push_back(storage);
    return place->second;
  }
  void storage(const Tensor& x, Stored& stored, bool typed) {
    const int64_t bytes = x.impl()->storage->nbytes;
    tuple(5, [&](std::size_t i) {
      switch (i) {
        case 0: return text("storage");
        case 1:
          return typed ? global("torch", std::string(storage_class_of(x.dtype())))
                       : global("torch.storage", "UntypedStorage");
        case 2: return storage_key(stored);
        case 3: return text(x.device().to_string());
        default: return integer(typed ? bytes / x.element_size() : bytes);
      }
    });
    put();
    op(Opcode::binpersid);
  }
  void storage_key(Stored& stored) {
    if (stored.place) return get(*stored.place);
    stored.place = memo_size_;
    new_text(stored.key);
  }
  void hooks() {
    global("collections", "OrderedDict");
    op(Opcode::empty_tuple);
    op(Opcode::reduce);
    put();
  }

  [[noreturn]] void failed(std::string_view what) const {
    constexpr std::size_t most = 12;
    std::string path;
    for (std::size_t i = 0; i < std::min(path_.size(), most); ++i)
      path += fmt::format("[{}]", path_[i].first ? path_[i].first->quoted() : fmt::to_string(path_[i].second));
    fail(operation_, "cannot write {}{}{}", what, path.empty() ? "" : ", under ",
         path_.size() > most ? path + "…" : path);
  }

  std::string_view operation_;
  PickledCheckpoint result_;
  uint32_t memo_size_ = 0;
  std::unordered_map<const void*, uint32_t> objects_;
  std::map<std::string, uint32_t> texts_, globals_;
  std::unordered_map<const Storage*, Stored> storages_;
  std::vector<std::pair<const Key*, std::size_t>> path_;
  std::deque<Value> kept_;  // what the memo knows must live as long
};

}  // namespace

PickledCheckpoint pickled(const Value& value, std::string_view operation) { return PickleWriter(operation).run(value); }

}  // namespace tenon::io
