// The passes of DataLoaders over 0 … n−1, told in words:
//   DataLoader(23, batch 5, shuffle), 3 epochs
//   DataLoader(generator=seeded with 99, drop_last), 2 epochs
//   DataLoader: shuffled epoch, unshuffled pass of a second loader, shuffled epoch
#include <charconv>

#include <fmt/core.h>

#include <tenon/data/data_loader.h>
#include <tenon/ops.h>

#include "draws.h"

namespace tenon::parity {
namespace {

constexpr int64_t default_items = 23, default_batch = 5;

using Loader = data::DataLoader<data::TensorDataset<1>>;

Loader loader(int64_t items, const data::DataLoaderOptions& options) {
  return Loader(data::TensorDataset(arange(items)), options);
}

void pass(const Loader& items, std::vector<Tensor>& order) {
  for (auto& [batch] : items) order.push_back(batch);
}

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view comma = ", ";
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(comma);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + comma.size());
  }
}

template <class T>
bool take_number(std::string_view text, std::string_view before, std::string_view after, T& number) {
  if (!text.starts_with(before) || !text.ends_with(after) || text.size() <= before.size() + after.size()) return false;
  const char* const end = text.data() + text.size() - after.size();
  const auto [stop, error] = std::from_chars(text.data() + before.size(), end, number);
  return error == std::errc() && stop == end;
}

[[noreturn]] void not_understood(std::string_view part) {
  throw NotYet(fmt::format("nothing here replays '{}' of a DataLoader", part));
}

// What stands in the parentheses, and how often one iterates over that loader.
void one_loader(std::string_view arguments, std::string_view epochs, std::vector<Tensor>& order) {
  int64_t items = default_items, passes = 0;
  uint64_t seed = 0;
  data::DataLoaderOptions options{.batch_size = default_batch};
  Generator own;
  for (const auto part : split(arguments)) {
    if (part == "shuffle") options.shuffle = true;
    else if (part == "drop_last") options.drop_last = true;
    else if (take_number(part, "generator=seeded with ", "", seed)) {
      options.generator = &own.manual_seed(seed);
      options.shuffle = true;  // what else would it be for
    } else if (!take_number(part, "batch ", "", options.batch_size) && !take_number(part, "", "", items)) {
      not_understood(part);
    }
  }
  if (!take_number(epochs, ", ", " epochs", passes)) not_understood(epochs);
  const Loader items_in_order = loader(items, options);
  for (int64_t i = 0; i < passes; ++i) pass(items_in_order, order);
}

// A shuffled loader and one that is not, in turn.
void told_passes(std::string_view story, std::vector<Tensor>& order) {
  const Loader shuffled = loader(default_items, {.batch_size = default_batch, .shuffle = true});
  const Loader plain = loader(default_items, {.batch_size = default_batch});
  for (const auto part : split(story)) {
    if (part == "shuffled epoch" || part == "then a whole epoch") {
      pass(shuffled, order);
    } else if (part == "unshuffled pass of a second loader") {
      pass(plain, order);
    } else if (part == "first batch only") {
      auto iterator = shuffled.begin();
      order.push_back((*iterator)[0]);
    } else if (part != "iterator dropped") {
      not_understood(part);
    }
  }
}

}  // namespace

Tensor data_loader_order(std::string_view text) {
  constexpr std::string_view with_arguments = "DataLoader(", with_story = "DataLoader: ";
  std::vector<Tensor> order;
  const auto close = text.rfind(')');
  if (text.starts_with(with_arguments) && close != std::string_view::npos)
    one_loader(text.substr(with_arguments.size(), close - with_arguments.size()), text.substr(close + 1), order);
  else if (text.starts_with(with_story)) told_passes(text.substr(with_story.size()), order);
  else not_understood(text);
  return cat(order);
}

}  // namespace tenon::parity
