// tenon inspect --json.
#include <cmath>

#include <nlohmann/json.hpp>

#include "inspect.h"
#include "stats.h"

namespace tenon::tool {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinity.
Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

}  // namespace

void show_json(const InspectOptions& options, const Value& top, const std::vector<Entry>& entries, Output& out) {
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
      if (const auto stats = options.stats ? stats_of(x) : std::nullopt)
        one["stats"] = {{"mean", number(stats->mean)}, {"std", number(stats->std)},    {"min", number(stats->min)},
                        {"max", number(stats->max)},   {"nan", stats->nans},           {"inf", stats->infinities},
                        {"zeros", stats->zeros},       {"histogram", stats->histogram}};
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
  const auto size = file_size(options.file);
  Json all{{"file", options.file}, {"file_bytes", size ? Json(*size) : Json(nullptr)}, {"type", type_text(top)}};
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

}  // namespace tenon::tool
