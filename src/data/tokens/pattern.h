#pragma once
// Cutting text by a regular expression.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/internal_api.h"

namespace tenon::data {

/// A regular expression over UTF-8, by PCRE2. Bytes that are no UTF-8 are matched by nothing.
class TENON_INTERNAL_API Pattern {
 public:
  /// An std::invalid_argument that says where the expression is wrong.
  explicit Pattern(const std::string& expression);

  /// f(part, whether it is a match) for all of the text: matches that are not empty, and what lies between them.
  void cut(std::string_view text, const std::function<void(std::string_view, bool)>& f) const;

 private:
  std::shared_ptr<void> code_;
};

}  // namespace tenon::data
