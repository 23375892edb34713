#include "data/tokens/pattern.h"

#include <stdexcept>

#include <fmt/format.h>

#include <tenon/error.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace tenon::data {
namespace {

const pcre2_code* code_of(const std::shared_ptr<void>& code) { return static_cast<const pcre2_code*>(code.get()); }

std::string message_of(int error) {
  PCRE2_UCHAR text[200];
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

Pattern::Pattern(const std::string& expression) {
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                                   PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &error, &at, nullptr);
  if (!code) throw std::invalid_argument(fmt::format("{} (at byte {})", message_of(error), at));
  code_ = std::shared_ptr<void>(code, [](void* p) { pcre2_code_free(static_cast<pcre2_code*>(p)); });
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is no compiler for the processor, it is interpreted
}

void Pattern::cut(std::string_view text, const std::function<void(std::string_view, bool)>& f) const {
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code_of(code_), nullptr), &pcre2_match_data_free);
  if (!match) throw std::bad_alloc();
  const auto find = [&](std::size_t from, uint32_t options) {
    return pcre2_match(code_of(code_), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, options,
                       match.get(), nullptr);
  };
  std::size_t done = 0, from = 0;
  while (from < text.size()) {
    int found = find(from, PCRE2_NOTEMPTY);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = find(from, PCRE2_NOTEMPTY | PCRE2_NO_JIT);
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0)
      fail("BytePairTokenizer", "the expression that cuts words cannot be matched with this text: {}",
           message_of(found));
    const PCRE2_SIZE* const span = pcre2_get_ovector_pointer(match.get());
    if (span[0] > done) f(text.substr(done, span[0] - done), false);
    f(text.substr(span[0], span[1] - span[0]), true);
    from = done = span[1];
  }
  if (done < text.size()) f(text.substr(done), false);
}

}  // namespace tenon::data
