#include <tenon/data/data_loader.h>

#include <fmt/format.h>

namespace tenon::data::detail {

std::string told_items(const Tensor& indices) {
  constexpr int64_t shown = 8;
  const std::vector<int64_t> items = indices.to_vector<int64_t>();
  const auto end = items.begin() + std::min<int64_t>(shown, std::ssize(items));
  return fmt::format("the batch of items {}{}", fmt::join(items.begin(), end, ", "), end == items.end() ? "" : ", …");
}

void rethrow_naming(const std::string& what) {
  std::string message;
  try {
    throw;
  } catch (const std::exception& e) {
    message = e.what();
  }
  std::throw_with_nested(Error("DataLoader", fmt::format("{}: {}", what, message)));
}

}  // namespace tenon::data::detail
