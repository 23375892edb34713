// Tables: read as numbers and as text, or refused.
#include <tenon/data/csv.h>

#include "fuzz/files/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  using namespace tenon;
  using data::CsvType;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const CsvType type : {CsvType::float32, CsvType::int64, CsvType::text, CsvType::category})
    fuzz::reads_or_refuses([&] {
      const auto table = data::CsvTable::from_str(text, {.type = type, .missing_int64 = -1});
      for (const std::string& name : table.columns()) {
        const auto rows =
            type == CsvType::text ? static_cast<int64_t>(table.text(name).size()) : table.column(name).size(0);
        fuzz::require(rows == table.size(), "a column has an item for each record");
      }
    });
  return 0;
}
