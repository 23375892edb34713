// The table of tenon inspect.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "inspect.h"
#include "stats.h"

namespace tenon::tool {
namespace {

struct Row {
  std::string key, type, size, remark;
  bool container = false;
};

/// Shortened, on one line.
std::string value_text(const Value& value) {
  constexpr std::size_t longest = 60;
  std::string text;
  // What is large is not written out to be thrown away.
  if (value.is<std::string>()) text = printable(Value(value.as<std::string>().substr(0, 4 * longest)).to_string());
  else if (value.is<BigInt>() && value.as<BigInt>().bytes().size() > longest)
    text = counted(value.as<BigInt>().bytes().size(), "byte", "bytes");
  else text = printable(value.to_string());
  return begin_of(text, longest + 1);
}

/// What is to be known of a tensor beside its type and size.
std::string remarks(const Entry& entry, const Memory::Place& place) {
  const Tensor &x = entry.value->as<Tensor>(), &first = place.first->value->as<Tensor>();
  std::vector<std::string> all;
  if (entry.value->is<nn::Parameter>()) all.emplace_back(x.requires_grad() ? "parameter" : "frozen parameter");
  else if (x.requires_grad()) all.emplace_back("requires grad");
  if (x.device() != kCPU) all.push_back(fmt::format("on {}", x.device()));
  if (!x.is_contiguous()) all.push_back(fmt::format("strides {}", x.strides()));
  const bool same = x.storage_offset() == first.storage_offset() && x.shape() == first.shape() &&
                    x.strides() == first.strides() && x.dtype() == first.dtype();
  if (!place.is_new)
    all.push_back(fmt::format("{} {}", same ? "the same as" : "shares memory with", place.first->path));
  else if (x.impl()->storage->nbytes > x.nbytes() && x.device() == kCPU)
    all.push_back("part of " + size_text(static_cast<uint64_t>(x.impl()->storage->nbytes)));
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string children_text(const Entry& entry) {
  const bool keys = entry.value->is<Dict>() || entry.value->is<Opaque>();
  return counted(entry.children, keys ? "entry" : "item", keys ? "entries" : "items");
}

/// "mean 0.001, std 0.02, from -0.1 to 0.1 ▁▂█▂▁, 3 NaN".
std::string stats_text(const Tensor& x) {
  const auto stats = stats_of(x);
  if (!stats) return "";
  std::string text = fmt::format("mean {:.4g}, std {:.4g}, from {:.4g} to {:.4g} {}", stats->mean, stats->std,
                                 stats->min, stats->max, bars(stats->histogram));
  if (stats->nans > 0) text += fmt::format(", {} NaN", count_text(stats->nans));
  if (stats->infinities > 0) text += fmt::format(", {} infinite", count_text(stats->infinities));
  return text;
}

/// A key of a layer: "encoder.layer.", 3, ".norm.weight".
struct Numbered {
  std::string_view before, after;
  uint64_t number = 0;
};
std::optional<Numbered> numbered(std::string_view key) {
  for (std::size_t begin = 0; begin < key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    constexpr std::size_t most_digits = 9;
    if (!part.empty() && part.size() <= most_digits && part.find_first_not_of("0123456789") == part.npos)
      return Numbered{key.substr(0, begin), key.substr(end), std::stoull(std::string(part))};
    begin = end + 1;
  }
  return {};
}

/// Where entries begin that repeat: the same `rows` tensors under each of these numbers.
struct Repeat {
  std::size_t rows = 0;
  std::set<uint64_t> layers = {};
};
/// The numbers may come in any order: safetensors has 10 before 2.
class Repeats {
 public:
  explicit Repeats(const std::vector<Entry>& entries) : entries_(entries), ends_(entries.size()) {
    for (std::size_t i = entries.size(); i-- > 0;) {
      const auto here = numbered(entries[i].key);
      const bool goes_on = here && i + 1 < entries.size() && number_like(i, here->before, i + 1) == here->number;
      ends_[i] = goes_on ? ends_[i + 1] : i + 1;
    }
  }

  Repeat at(std::size_t first) const {
    const auto start = numbered(entries_[first].key);
    if (!start || !is_tensor(*entries_[first].value)) return {};
    Repeat repeat{ends_[first] - first, {start->number}};
    const auto is_one_more = [&](std::size_t begin) {
      const auto number = number_like(first, start->before, begin);
      if (!number || repeat.layers.contains(*number) || ends_[begin] - begin != repeat.rows) return false;
      for (std::size_t i = 0; i < repeat.rows; ++i)
        if (numbered(entries_[begin + i].key)->after != numbered(entries_[first + i].key)->after ||
            type_text(*entries_[begin + i].value) != type_text(*entries_[first + i].value))
          return false;
      return true;
    };
    for (std::size_t begin = first + repeat.rows; is_one_more(begin); begin += repeat.rows)
      repeat.layers.insert(numbered(entries_[begin].key)->number);
    return repeat;
  }

 private:
  /// The number of a tensor beside entry `like`, whose key begins as that one's does.
  std::optional<uint64_t> number_like(std::size_t like, std::string_view before, std::size_t i) const {
    if (i >= entries_.size() || entries_[i].depth != entries_[like].depth || !is_tensor(*entries_[i].value)) return {};
    const auto n = numbered(entries_[i].key);
    return n && n->before == before ? std::optional(n->number) : std::nullopt;
  }

  const std::vector<Entry>& entries_;
  std::vector<std::size_t> ends_;  // where the tensors of the same layer as each one end
};

/// "0–11, 13".
std::string ranges(const std::set<uint64_t>& numbers) {
  std::string text;
  for (auto n = numbers.begin(); n != numbers.end();) {
    const uint64_t first = *n;
    uint64_t last = first;
    while (++n != numbers.end() && *n == last + 1) last = *n;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", first);
    if (last > first) text += fmt::format("–{}", last);
  }
  return text;
}

class Table {
 public:
  Table(const InspectOptions& options, const std::vector<Entry>& entries) : options_(options), entries_(entries) {}

  void make() {
    constexpr std::size_t least = 3;  // two layers are shown as they are
    const bool fold = !options_.all && !options_.stats;
    const Repeats repeats(entries_);
    for (std::size_t i = 0; i < entries_.size();) {
      const Repeat repeat = fold ? repeats.at(i) : Repeat{};
      const bool folds = repeat.rows > 0 && repeat.layers.size() >= least;
      for (std::size_t k = 0; k < (folds ? repeat.rows : 1); ++k) add(entries_[i + k], folds ? &repeat : nullptr);
      const std::size_t n = folds ? repeat.rows * repeat.layers.size() : 1;
      for (std::size_t k = folds ? repeat.rows : 1; k < n; ++k) count(entries_[i + k]);
      i += n;
    }
  }
  void write(Output& out) const {
    constexpr std::size_t widest_key = 60, widest_type = 40, shortest_key = 24;
    std::size_t key_places = 0, type_places = 0, size_places = 0;
    for (const Row& row : rows_) {
      key_places = std::max(key_places, std::min(width(row.key), widest_key));
      type_places = std::max(type_places, std::min(width(row.type), widest_type));
      size_places = std::max(size_places, width(row.size));
    }
    // On a terminal a row is a line: remarks give way first, then the begins of keys.
    const std::size_t columns = out.columns(), others = type_places + 2 + (size_places > 0 ? size_places + 2 : 0);
    if (columns > 0 && key_places + others > columns)
      key_places = std::max(shortest_key, columns > others ? columns - others : 0);
    for (const Row& row : rows_) {
      const std::string key = padded(columns > 0 ? end_of(row.key, key_places) : row.key, key_places);
      std::string line = "  " + padded(row.type, type_places) + "  ";
      if (size_places > 0) line += std::string(size_places - width(row.size), ' ') + row.size + "  ";
      const std::size_t used = width(key) + width(line);
      const std::string remark = columns == 0 ? row.remark : begin_of(row.remark, columns > used ? columns - used : 0);
      line = (row.container ? out.paint(Paint::bold, key) : key) + line + out.paint(Paint::dim, remark);
      line.erase(line.find_last_not_of(' ') + 1);
      out.line("{}", line);
    }
  }
  void write_totals(Output& out) const {
    const std::string shared =
        memory_.bytes() == totals_.bytes
            ? ""
            : ", in " + counted(memory_.blocks(), "block", "blocks") + " of memory of " + size_text(memory_.bytes());
    const std::string line =
        fmt::format("{}, {}, {}{}", counted(totals_.tensors, "tensor", "tensors"),
                    counted(totals_.elements, "element", "elements"), size_text(totals_.bytes), shared);
    out.line("{}", out.columns() > 0 ? begin_of(line, out.columns()) : line);
  }

 private:
  void count(const Entry& entry) {
    totals_.add(entry.value->as<Tensor>());
    memory_.of(entry);
  }
  void add(const Entry& entry, const Repeat* repeat) {
    std::string key = entry.path.empty() ? "(the whole file)" : entry.key;
    if (repeat) {
      const auto n = *numbered(entry.key);
      key = fmt::format("{}[{}]{}", n.before, ranges(repeat->layers), n.after);
    }
    Row row{std::string(2 * static_cast<std::size_t>(entry.depth), ' ') + key, type_text(*entry.value), "", "",
            entry.children > 0};
    if (is_tensor(*entry.value)) {
      const Tensor& x = entry.value->as<Tensor>();
      totals_.add(x);
      row.size = size_text(static_cast<uint64_t>(x.nbytes()));
      row.remark = remarks(entry, memory_.of(entry));
      if (repeat)
        row.remark = fmt::format("× {}{}{}", repeat->layers.size(), row.remark.empty() ? "" : ", ", row.remark);
      if (const std::string stats = options_.stats ? stats_text(x) : ""; !stats.empty())
        row.remark = stats + (row.remark.empty() ? "" : ", ") + row.remark;
    } else {
      row.remark = entry.children > 0 ? children_text(entry) : value_text(*entry.value);
    }
    rows_.push_back(std::move(row));
  }

  const InspectOptions& options_;
  const std::vector<Entry>& entries_;
  std::vector<Row> rows_;
  Memory memory_;
  Totals totals_;
};

/// How much each module holds, itself and below it: the tensors' keys up to each of their dots.
void show_modules(const std::vector<Entry>& entries, Output& out) {
  std::map<std::string, Totals> modules;
  std::vector<std::string> order;
  for (const Entry& entry : entries) {
    if (!is_tensor(*entry.value)) continue;
    for_parents(entry.path, [&](std::string_view module) {
      const auto [place, is_new] = modules.try_emplace(std::string(module));
      if (is_new) order.push_back(place->first);
      place->second.add(entry.value->as<Tensor>());
      return false;
    });
  }
  std::size_t places = 0;
  for (const std::string& name : order) places = std::max(places, std::min<std::size_t>(width(name), 60));
  for (const std::string& name : order) {
    const Totals& t = modules[name];
    out.line("{}  {:>14}  {:>8}  {}", padded(name, places), count_text(t.elements), size_text(t.bytes),
             counted(t.tensors, "tensor", "tensors"));
  }
}

}  // namespace

void show_table(const InspectOptions& options, const Value& top, const std::vector<Entry>& entries, Output& out) {
  Table table(options, entries);
  table.make();
  const std::string what = top.is<Dict>() ? "" : "  " + type_text(top);
  const auto size = file_size(options.file);
  if (!options.no_name)
    out.line("{}  {}{}", out.paint(Paint::bold, printable(options.file)), size ? size_text(*size) : "", what);
  if (options.modules) show_modules(entries, out);
  else table.write(out);
  table.write_totals(out);
}

}  // namespace tenon::tool
