// tenon inspect: what is in a file.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "command.h"
#include "entries.h"
#include "output.h"

namespace tenon::tool {
namespace {

/// The memory that tensors lie in, numbered as it is met.
class Memory {
 public:
  struct Place {
    std::size_t number;
    const Entry* first;  ///< who was met in it first
    bool is_new;
  };
  Place of(const Entry& entry) {
    const Storage* const storage = entry.value->as<Tensor>().impl()->storage.get();
    const auto [at, is_new] = places_.try_emplace(storage, Place{places_.size(), &entry, false});
    if (is_new) bytes_ += static_cast<uint64_t>(storage->nbytes);
    return {at->second.number, at->second.first, is_new};
  }
  std::size_t blocks() const { return places_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  std::map<const Storage*, Place> places_;
  uint64_t bytes_ = 0;
};

struct Totals {
  uint64_t tensors = 0, elements = 0, bytes = 0;
  void add(const Tensor& x) {
    ++tensors;
    elements += static_cast<uint64_t>(x.numel());
    bytes += static_cast<uint64_t>(x.nbytes());
  }
};

bool is_tensor(const Value& value) { return value.is<Tensor>() && value.as<Tensor>().defined(); }

/// Shortened, on one line.
std::string value_text(const Value& value) {
  constexpr std::size_t longest = 60;
  std::string text;
  // What is large is not written out to be thrown away.
  if (value.is<std::string>()) text = printable(Value(value.as<std::string>().substr(0, 4 * longest)).to_string());
  else if (value.is<BigInt>() && value.as<BigInt>().bytes().size() > longest)
    text = counted(value.as<BigInt>().bytes().size(), "byte", "bytes");
  else text = printable(value.to_string());
  if (width(text) <= longest) return text;
  std::size_t end = 0;
  for (std::size_t n = 0; end < text.size() && n < longest; ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80) ++n;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
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

void show_table(const std::string& file, const Value& top, const std::vector<Entry>& entries, Output& out) {
  struct Row {
    std::string key, type, size, remark;
    bool container;
  };
  constexpr std::size_t widest_key = 60, widest_type = 40;
  std::vector<Row> rows;
  std::size_t key_places = 0, type_places = 0, size_places = 0;
  Memory memory;
  Totals totals;
  for (const Entry& entry : entries) {
    Row row{std::string(2 * static_cast<std::size_t>(entry.depth), ' ') +
                (entry.path.empty() ? "(the whole file)" : entry.key),
            type_text(*entry.value), "", "", entry.children > 0};
    if (is_tensor(*entry.value)) {
      const Tensor& x = entry.value->as<Tensor>();
      totals.add(x);
      row.size = size_text(static_cast<uint64_t>(x.nbytes()));
      row.remark = remarks(entry, memory.of(entry));
    } else if (entry.children > 0) {
      row.remark = children_text(entry);
    } else {
      row.remark = value_text(*entry.value);
    }
    key_places = std::max(key_places, std::min(width(row.key), widest_key));
    type_places = std::max(type_places, std::min(width(row.type), widest_type));
    size_places = std::max(size_places, width(row.size));
    rows.push_back(std::move(row));
  }
  const std::string what = top.is<Dict>() ? "" : "  " + type_text(top);
  out.line("{}  {}{}", out.paint(Paint::bold, printable(file)), size_text(std::filesystem::file_size(file)), what);
  for (const Row& row : rows) {
    const std::string key = padded(row.key, key_places), type = padded(row.type, type_places);
    std::string line = (row.container ? out.paint(Paint::bold, key) : key) + "  " + type + "  ";
    if (size_places > 0) line += std::string(size_places - width(row.size), ' ') + row.size + "  ";
    line += out.paint(Paint::dim, row.remark);
    line.erase(line.find_last_not_of(' ') + 1);
    out.line("{}", line);
  }
  const std::string shared = memory.bytes() == totals.bytes ? ""
                                                            : ", in " + counted(memory.blocks(), "block", "blocks") +
                                                                  " of memory of " + size_text(memory.bytes());
  out.line("{}, {}, {}{}", counted(totals.tensors, "tensor", "tensors"),
           counted(totals.elements, "element", "elements"), size_text(totals.bytes), shared);
}

void show_json(const std::string& file, const Value& top, const std::vector<Entry>& entries, Output& out) {
  using Json = nlohmann::ordered_json;
  Memory memory;
  Totals totals;
  Json list = Json::array();
  for (const Entry& entry : entries) {
    const Value& value = *entry.value;
    Json one{{"path", entry.path}};
    if (is_tensor(value)) {
      const Tensor& x = value.as<Tensor>();
      totals.add(x);
      one.update({{"type", value.is<nn::Parameter>() ? "parameter" : "tensor"},
                  {"dtype", std::string(name(x.dtype()))},
                  {"shape", std::vector<int64_t>(x.shape().begin(), x.shape().end())},
                  {"strides", std::vector<int64_t>(x.strides().begin(), x.strides().end())},
                  {"offset", x.storage_offset()},
                  {"bytes", x.nbytes()},
                  {"storage", memory.of(entry).number},
                  {"requires_grad", x.requires_grad()}});
    } else {
      one["type"] = type_text(value);
      if (entry.children > 0) one["size"] = entry.children;
      else if (value.is<bool>()) one["value"] = value.as<bool>();
      else if (value.is<int64_t>()) one["value"] = value.as<int64_t>();
      else if (value.is<double>()) one["value"] = value.as<double>();
      else if (value.is<std::string>()) one["value"] = value.as<std::string>();
      else if (!value.is_none()) one["text"] = value.to_string();
    }
    list.push_back(std::move(one));
  }
  Json all{{"file", file}, {"file_bytes", std::filesystem::file_size(file)}, {"type", type_text(top)}};
  if (top.is<Dict>() && top.as<Dict>().metadata()) {
    Json texts = Json::object();
    for (const auto& [key, value] : *top.as<Dict>().metadata())
      if (value.is<std::string>()) texts[key.to_string()] = value.as<std::string>();
    if (!texts.empty()) all["metadata"] = std::move(texts);
  }
  all["entries"] = std::move(list);
  all["totals"] = {{"tensors", totals.tensors},
                   {"elements", totals.elements},
                   {"bytes", totals.bytes},
                   {"storages", memory.blocks()},
                   {"storage_bytes", memory.bytes()}};
  out.line("{}", all.dump(1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

Command add_inspect(CLI::App& app, const std::string& color) {
  struct Options {
    std::string file;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file, "a checkpoint: .pt, .pth, .safetensors")->required();
  app.add_flag("--json", options->json, "for programs: every entry with its path");
  return [options, &color] {
    Output out(color);
    const Value top = load_to_look_at(options->file);
    const std::vector<Entry> entries = entries_of(top);
    if (options->json) show_json(options->file, top, entries, out);
    else show_table(options->file, top, entries, out);
    out.write();
    return 0;
  };
}

}  // namespace tenon::tool
