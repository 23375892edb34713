// The table of tenon inspect.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

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

/// Where entries begin that repeat: `layers` times the same `rows` tensors, under successive numbers.
struct Repeat {
  std::size_t rows = 0, layers = 1;
  uint64_t first = 0;
};
Repeat repeat_at(const std::vector<Entry>& entries, std::size_t at) {
  const auto start = numbered(entries[at].key);
  if (!start || !is_tensor(*entries[at].value)) return {};
  const auto fits = [&](std::size_t i, uint64_t number) {
    if (i >= entries.size() || entries[i].depth != entries[at].depth || !is_tensor(*entries[i].value)) return false;
    const auto n = numbered(entries[i].key);
    return n && n->before == start->before && n->number == number;
  };
  Repeat repeat{0, 1, start->number};
  while (fits(at + repeat.rows, start->number)) ++repeat.rows;
  const auto same = [&](std::size_t layer) {
    const std::size_t begin = at + layer * repeat.rows;
    for (std::size_t i = 0; i < repeat.rows; ++i)
      if (!fits(begin + i, start->number + layer) ||
          numbered(entries[begin + i].key)->after != numbered(entries[at + i].key)->after ||
          type_text(*entries[begin + i].value) != type_text(*entries[at + i].value))
        return false;
    return !fits(begin + repeat.rows, start->number + layer);
  };
  while (same(repeat.layers)) ++repeat.layers;
  return repeat;
}

class Table {
 public:
  Table(const InspectOptions& options, const std::vector<Entry>& entries) : options_(options), entries_(entries) {}

  void make() {
    constexpr std::size_t least = 3;  // two layers are shown as they are
    const bool fold = !options_.all && !options_.stats;
    for (std::size_t i = 0; i < entries_.size();) {
      const Repeat repeat = fold ? repeat_at(entries_, i) : Repeat{};
      const bool folds = repeat.rows > 0 && repeat.layers >= least;
      for (std::size_t k = 0; k < (folds ? repeat.rows : 1); ++k) add(entries_[i + k], folds ? &repeat : nullptr);
      const std::size_t n = folds ? repeat.rows * repeat.layers : 1;
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
    out.line("{}, {}, {}{}", counted(totals_.tensors, "tensor", "tensors"),
             counted(totals_.elements, "element", "elements"), size_text(totals_.bytes), shared);
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
      key = fmt::format("{}[{}–{}]{}", n.before, repeat->first, repeat->first + repeat->layers - 1, n.after);
    }
    Row row{std::string(2 * static_cast<std::size_t>(entry.depth), ' ') + key, type_text(*entry.value), "", "",
            entry.children > 0};
    if (is_tensor(*entry.value)) {
      const Tensor& x = entry.value->as<Tensor>();
      totals_.add(x);
      row.size = size_text(static_cast<uint64_t>(x.nbytes()));
      row.remark = remarks(entry, memory_.of(entry));
      if (repeat) row.remark = fmt::format("× {}{}{}", repeat->layers, row.remark.empty() ? "" : ", ", row.remark);
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
    for (std::size_t end = entry.path.find('.'); end != entry.path.npos; end = entry.path.find('.', end + 1)) {
      const auto [place, is_new] = modules.try_emplace(entry.path.substr(0, end));
      if (is_new) order.push_back(place->first);
      place->second.add(entry.value->as<Tensor>());
    }
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
  if (!options.no_name)
    out.line("{}  {}{}", out.paint(Paint::bold, printable(options.file)),
             size_text(std::filesystem::file_size(options.file)), what);
  if (options.modules) show_modules(entries, out);
  else table.write(out);
  table.write_totals(out);
}

}  // namespace tenon::tool
