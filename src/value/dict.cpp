#include <unordered_map>

#include <fmt/format.h>

#include <tenon/value.h>

namespace tenon {
namespace {

constexpr std::size_t index_from = 16;  // keys; below that a list is searched as fast as a hash table

/// Mixes in where the system has put this program: a file cannot know which of its keys would meet in one place.
struct KeyHash {
  std::size_t operator()(const Key& k) const {
    static const char here = 0;
    std::size_t h = k.hash() ^ reinterpret_cast<std::size_t>(&here);
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
    return (h ^ (h >> 27)) * 0x94D049BB133111EB;
  }
};

}  // namespace

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
  metadata_ = o.metadata_;
  ordered_ = o.ordered_;
}
Dict& Dict::operator=(const Dict& o) {
  if (this != &o) *this = Dict(o);
  return *this;
}

void Dict::set_metadata(Dict metadata) { metadata_ = std::make_shared<const Dict>(std::move(metadata)); }

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

Value* Dict::find(const Key& key) & {
  Item* item = lookup(key);
  return item ? &item->value : nullptr;
}
const Value* Dict::find(const Key& key) const& {
  const Item* item = lookup(key);
  return item ? &item->value : nullptr;
}

const Value& Dict::operator[](const Key& key) const& {
  if (const Value* v = find(key)) return *v;
  constexpr std::size_t shown = 8;
  std::string keys;
  for (const Item& item : items_) {
    if (keys.size() > shown * 40) break;
    keys += (keys.empty() ? "" : ", ") + item.key.quoted();
  }
  fail("Dict", "there is no key {}; its {} keys are: {}", key.quoted(), size(), empty() ? "none" : keys);
}
Value& Dict::operator[](const Key& key) & { return const_cast<Value&>(std::as_const(*this)[key]); }
Value Dict::operator[](const Key& key) && { return Value(std::as_const(*this)[key], key); }

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

}  // namespace tenon
