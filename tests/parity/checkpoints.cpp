// parity checkpoints DIR: files that PyTorch and safetensors wrote, read and written again; and files to be refused.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include <fmt/format.h>

#include <tenon/io.h>

#include "checkpoint_holds.h"
#include "io/zip.h"
#include "subcommands.h"

namespace tenon::parity {
namespace {

using nlohmann::json;
using std::filesystem::path;

// Far more than any of the files takes, far less than one that does harm would.
constexpr auto longest = std::chrono::seconds(20);
constexpr int64_t most_memory = int64_t{1} << 30;

/// The most memory that the process has had, in bytes.
int64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{1024} * usage.ru_maxrss;
}

/// What each record of an archive holds, by its name below the archive's folder, in the archive's order.
std::vector<std::pair<std::string, std::string>> records(const path& file) {
  io::ZipReader zip(std::make_unique<io::FileSource>("parity", file));
  std::vector<std::pair<std::string, std::string>> all;
  for (const io::ZipEntry& e : zip.entries()) {
    std::string bytes(static_cast<std::size_t>(e.size), '\0');
    zip.open(e)->read(bytes.data(), bytes.size());
    all.emplace_back(e.name.substr(e.name.find('/') + 1), std::move(bytes));
  }
  return all;
}

bool is_zip(const path& file) {
  std::array<char, 4> begin{};
  std::ifstream(file, std::ios::binary).read(begin.data(), begin.size());
  return std::string_view(begin.data(), begin.size()) == "PK\x03\x04";
}

/// Saves what was loaded and compares the records with those of the file.
void save_again(Case& one, const Value& value, const path& file) {
  const path folder = std::filesystem::temp_directory_path() / fmt::format("tenon-parity-{}", ::getpid());
  std::filesystem::create_directory(folder);
  const path again = folder / file.filename();
  save(value, again, {.sync = false});
  const auto written = records(again), original = records(file);
  std::filesystem::remove_all(folder);
  one.check(written.size() == original.size(),
            fmt::format("{} records instead of {}", written.size(), original.size()));
  for (std::size_t i = 0; i < std::min(written.size(), original.size()); ++i) {
    const auto& [name, bytes] = written[i];
    one.check(name == original[i].first, fmt::format("the record {} instead of {}", name, original[i].first));
    one.check(bytes == original[i].second || name == ".data/serialization_id",
              fmt::format("other bytes in the record {}", name));
  }
}

void compare_texts(Case& one, const Value& value, const json& expected) {
  const Dict* metadata = value.as<Dict>().metadata();
  one.check(metadata && metadata->size() == expected.size(), "other metadata");
  for (const auto& [key, text] : expected.items())
    one.check(metadata && metadata->contains(key) && (*metadata)[key].as<std::string>() == text.get<std::string>(),
              fmt::format("other metadata for {}", key));
}

/// A file whose tensors were on a device that is not here.
void check_places(Case& one, const path& file) {
  try {
    (void)load(file);
    one.check(false, "loads without a map_location");
  } catch (const Error& e) {
    const std::string_view text = e.what();
    one.check(text.find("cuda:1") != text.npos && text.find("map_location") != text.npos,
              fmt::format("says: {}", text));
  }
  const Value mapped = load(file, {.map_location = {{"cuda:1", "cpu"}}});
  for (const auto& [key, value] : mapped.as<Dict>())
    one.check(value.as<Tensor>().device() == kCPU, key.to_string() + " is not on the CPU");
}

void check_good(Case& one, const path& file, const json& description, const Bundle& bundle) {
  const bool placed = description.contains("needs");
  if (placed) check_places(one, file);
  const bool is_safetensors = file.extension() == ".safetensors";
  for (const bool mapped : {true, false}) {
    const Value value =
        load(file, {.map_location = placed ? MapLocation("cpu") : MapLocation(), .verify = true, .mmap = mapped});
    Holds holds(one, bundle);
    holds.check_order = !is_safetensors;
    holds.compare(mapped ? "" : "read", value, member(description, "holds"));
    if (description.contains("metadata")) compare_texts(one, value, description["metadata"]);
    if (mapped && !placed && is_zip(file)) save_again(one, value, file);
  }
}

void check_refused(Case& one, const path& file, bool may_be_read, const path& marker) {
  const auto before = peak_memory();
  const auto begin = std::chrono::steady_clock::now();
  try {
    (void)load(file);
    one.check(may_be_read, "is read");
  } catch (const Error&) {
  }
  one.check(std::chrono::steady_clock::now() - begin < longest, "takes too long");
  one.check(peak_memory() - before < most_memory, fmt::format("takes {} bytes", peak_memory() - before));
  one.check(!std::filesystem::exists(marker), "was executed");
}

}  // namespace

void checkpoints(const path& folder, Report& report) {
  for (const auto& file : descriptions(folder)) {
    const Bundle bundle(file);
    const json& all = bundle.description();
    for (const auto& good : member(all, "good"))
      report.run(member(good, "file").get<std::string>(),
                 [&](Case& one) { check_good(one, folder / good["file"].get<std::string>(), good, bundle); });
    const path marker = member(all, "marker_that_must_not_appear").get<std::string>();
    for (const auto& bad : member(all, "refuse"))
      report.run(member(bad, "file").get<std::string>(), [&](Case& one) {
        check_refused(one, folder / bad["file"].get<std::string>(), member(bad, "may_be_read").get<bool>(), marker);
      });
  }
}

}  // namespace tenon::parity
