#pragma once
// Dict: keys with values. Include tenon/value.h.
#include <cstddef>
#include <initializer_list>
#include <list>
#include <memory>

#include <tenon/value/key.h>

#pragma GCC visibility push(default)

namespace tenon {

/// Keys with values, in the order in which they were added. Copies are deep, but for the tensors, which are handles.
/// References to values stay good while others are added or removed.
class Dict {
 public:
  struct Item;
  using iterator = std::list<Item>::iterator;
  using const_iterator = std::list<Item>::const_iterator;

  Dict();
  Dict(std::initializer_list<Item> items);  ///< Dict{{"epoch", 3}, {"loss", 0.25}}; a key given twice is an error
  Dict(const Dict&);
  Dict(Dict&&) noexcept;
  Dict& operator=(const Dict&);
  Dict& operator=(Dict&&) noexcept;
  ~Dict();

  /// The value of a key that is there. An error that names the key otherwise; set() adds one.
  Value& operator[](const Key& key) &;
  const Value& operator[](const Key& key) const&;
  Value operator[](const Key& key) &&;  ///< of a dict that is about to go, a copy: const auto& x = load(file)["x"]
  /// The value, or null. Not of a dict that is about to go.
  Value* find(const Key& key) &;
  const Value* find(const Key& key) const&;
  void find(const Key& key) const&& = delete;
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// Adds the key at the end, or replaces its value where it stands.
  Value& set(Key key, Value value);
  /// Whether there was such a key.
  bool erase(const Key& key);
  void clear();
  /// A snapshot: tensors are copied too, here and in whatever holds values below; one that appears several times is
  /// copied once.
  Dict clone() const;

  /// What stands beside a state dict: the versions of its modules' classes by path (PyTorch's OrderedDict has it as
  /// `_metadata`), or what a safetensors file says about itself. Null where there is none.
  const Dict* metadata() const { return metadata_.get(); }
  void set_metadata(Dict metadata);
  /// Whether Python has a collections.OrderedDict here, as state dicts are; otherwise a dict. It keeps the order as
  /// well.
  bool is_ordered() const { return ordered_ || metadata_; }
  void set_ordered(bool ordered = true) { ordered_ = ordered; }

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// `for (auto& [key, value] : dict)`; the key is const.
  iterator begin();
  iterator end();
  const_iterator begin() const;
  const_iterator end() const;

 private:
  struct Index;
  Item* lookup(const Key& key) const;
  Value& append(Key key, Value value);

  std::list<Item> items_;
  std::shared_ptr<const Dict> metadata_;
  std::unique_ptr<Index> index_;  // only for large ones: few keys are found faster one after the other
  bool ordered_ = false;
};

}  // namespace tenon

#pragma GCC visibility pop
