#include <tenon/data/csv.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include <tenon/creation.h>
#include <tenon/ops/shape.h>

#include "data/csv_records.h"
#include "io/mapped_file.h"
#include "io/named_errors.h"

namespace tenon::data {
namespace {

constexpr const char* operation = "CsvTable";

std::string_view without_spaces(std::string_view text) {
  constexpr std::string_view spaces = " \t";
  const std::size_t begin = text.find_first_not_of(spaces);
  return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

/// All of it as a number, in whichever language the program runs.
template <class T>
std::optional<T> number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T x{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return x;
}

std::string list_of(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

}  // namespace

struct CsvTable::Contents {
  struct Column {
    std::size_t field;
    CsvType type;
    std::vector<float> floats;
    std::vector<int64_t> integers;
    std::vector<std::string> texts;  ///< of text, and of a category until all are known; then its names
    Tensor numbers;
  };

  int64_t size = 0;
  std::vector<std::string> names;
  std::map<std::string, Column> columns;

  Contents(const std::string& file, std::string_view text, const CsvOptions& options)
      : missing_(options.missing.begin(), options.missing.end()), missing_int64_(options.missing_int64) {
    CsvRecords records(file, text, options.separator);
    std::vector<std::string> fields;
    bool there = records.next(fields);
    if (!there) fail(operation, "{}: expected records, found none", file);
    const std::size_t width = fields.size();
    choose_columns(records, fields, options);
    if (options.header) there = records.next(fields);
    for (; there; there = records.next(fields), ++size) {
      if (fields.size() != width)
        records.wrong(fmt::format("expected {} fields as in the first record, found {}", width, fields.size()));
      for (const std::string& name : names) read(records, name, fields);
    }
    for (auto& [name, column] : columns) finish(column);
  }

  const Column& at(const std::string& name) const {
    const auto found = columns.find(name);
    if (found == columns.end()) fail(operation, "there is no column {}: {}", shown(name), list_of(names));
    return found->second;
  }

 private:
  void choose_columns(const CsvRecords& records, const std::vector<std::string>& first, const CsvOptions& options) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::string name = options.header ? first[i] : std::to_string(i);
      if (!places.emplace(name, i).second) records.wrong(fmt::format("two columns have the name {}", shown(name)));
    }
    const auto check = [&](const std::string& name) {
      if (places.count(name) == 0)
        records.wrong(fmt::format("there is no column {}, which the options name", shown(name)));
    };
    for (const auto& [name, type] : options.types) check(name);
    std::for_each(options.columns.begin(), options.columns.end(), check);
    for (const auto& [name, place] : places) {
      const auto& chosen = options.columns;
      if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), name) == chosen.end()) continue;
      const auto type = options.types.find(name);
      columns[name] = {place, type == options.types.end() ? options.type : type->second, {}, {}, {}, {}};
      names.push_back(name);
    }
    std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return places[a] < places[b]; });
  }

  void read(const CsvRecords& records, const std::string& name, const std::vector<std::string>& fields) {
    Column& column = columns.at(name);
    const std::string& text = fields[column.field];
    const std::string_view trimmed = without_spaces(text);
    const auto wrong = [&](const char* expected) {
      records.wrong(fmt::format("column {}: expected {}, found {}", shown(name), expected, shown(text)));
    };
    switch (column.type) {
      case CsvType::float32:
        if (missing_.count(trimmed)) column.floats.push_back(std::numeric_limits<float>::quiet_NaN());
        else if (const auto x = number<double>(trimmed)) column.floats.push_back(static_cast<float>(*x));
        else wrong("a number");
        break;
      case CsvType::int64:
        if (const auto x = number<int64_t>(trimmed)) column.integers.push_back(*x);
        else if (missing_.count(trimmed) && missing_int64_) column.integers.push_back(*missing_int64_);
        else wrong("an integer");
        break;
      case CsvType::text:
      case CsvType::category: column.texts.push_back(text); break;
    }
  }

  void finish(Column& column) const {
    switch (column.type) {
      case CsvType::float32: column.numbers = tensor(column.floats, {.dtype = float32, .device = kCPU}); break;
      case CsvType::int64: column.numbers = tensor(column.integers, {.dtype = int64, .device = kCPU}); break;
      case CsvType::text: return;
      case CsvType::category: {
        std::map<std::string_view, int64_t> kinds;
        for (const std::string& text : column.texts)
          if (missing_.count(text) == 0) kinds[text] = 0;
        int64_t next = 0;
        std::vector<std::string> kinds_in_order;
        for (auto& [kind, i] : kinds) {
          i = next++;
          kinds_in_order.emplace_back(kind);
        }
        for (const std::string& text : column.texts)
          column.integers.push_back(missing_.count(text) ? -1 : kinds.at(text));
        column.numbers = tensor(column.integers, {.dtype = int64, .device = kCPU});
        column.texts = std::move(kinds_in_order);
      }
    }
    column.floats = {};
    column.integers = {};
  }

  std::set<std::string, std::less<>> missing_;
  std::optional<int64_t> missing_int64_;
};

CsvTable::CsvTable(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

CsvTable::CsvTable(const std::filesystem::path& file, const CsvOptions& options)
    : contents_(io::with_named_errors(operation, file.string(), [&] {
        const io::MappedFile mapped(operation, file);
        return std::make_shared<const Contents>(file.string(), mapped.text(), options);
      })) {}

CsvTable CsvTable::from_str(std::string_view text, const CsvOptions& options) {
  return CsvTable(std::make_shared<const Contents>("text", text, options));
}

int64_t CsvTable::size() const { return contents_->size; }
const std::vector<std::string>& CsvTable::columns() const { return contents_->names; }

const Tensor& CsvTable::column(const std::string& name) const {
  const Contents::Column& column = contents_->at(name);
  if (column.type == CsvType::text) fail(operation, "column {} has text: text(), not column()", shown(name));
  return column.numbers;
}

Tensor CsvTable::stack(const std::vector<std::string>& names) const {
  std::vector<Tensor> numbers;
  for (const std::string& name : names.empty() ? contents_->names : names)
    if (!names.empty() || contents_->at(name).type != CsvType::text) numbers.push_back(column(name).to(float32));
  if (numbers.empty()) fail(operation, "expected columns of numbers, found none");
  return tenon::stack(numbers, 1);
}

const std::vector<std::string>& CsvTable::text(const std::string& name) const {
  const Contents::Column& column = contents_->at(name);
  if (column.type != CsvType::text) fail(operation, "column {} has no text: column(), not text()", shown(name));
  return column.texts;
}

const std::vector<std::string>& CsvTable::categories(const std::string& name) const {
  const Contents::Column& column = contents_->at(name);
  if (column.type != CsvType::category) fail(operation, "column {} is no category", shown(name));
  return column.texts;
}

}  // namespace tenon::data
