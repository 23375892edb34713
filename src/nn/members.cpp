#include <tenon/nn/members.h>

namespace tenon::nn::detail {

std::string element_key(std::string_view key, std::size_t index) { return fmt::format("{}.{}", key, index); }

std::string element_key(std::string_view key, std::string_view name) {
  if (name.empty() || name.find('.') != name.npos)
    fail(key, "expected keys that are not empty and have no dot, since they become part of a path; got \"{}\"", name);
  return fmt::format("{}.{}", key, name);
}

MemberList::MemberList(Visitor& visitor, const void* object, std::size_t size, std::string_view class_name,
                       const std::string_view* keys, bool exact_class)
    : visitor_(visitor),
      copies_(visitor.tenon_copies()),
      begin_(reinterpret_cast<std::uintptr_t>(object)),
      end_(begin_ + size),
      last_(begin_),
      class_name_(class_name),
      key_(keys) {
  if (!exact_class)
    fail(class_name,
         "this class was derived from, and TENON_MODULE does not list the derived members: make it a member");
}

std::string_view MemberList::next_key(const volatile void* member, bool is_empty) {
  const auto at = reinterpret_cast<std::uintptr_t>(member);
  const std::string_view key = *key_++;
  if (at < begin_ || at >= end_)
    fail(class_name_, "TENON_MODULE lists {}, a reference: hold a value or a std::shared_ptr (or nn::Untracked<T*>)",
         key);
  if (!is_empty) {  // an empty [[no_unique_address]] member may lie anywhere
    if (at < last_)
      fail(class_name_, "TENON_MODULE lists {} too late: list the members in the order of their declaration", key);
    last_ = at;
  }
  return key;
}

}  // namespace tenon::nn::detail
