// Pickles as they stand in a checkpoint's data.pkl, whose storages are all there.
#include "backend/new_tensor.h"
#include "fuzz/files/target.h"
#include "io/pickle_graph.h"
#include "io/pickle_values.h"

namespace tenon::fuzz {
namespace {

/// One block for every name, as long as it has to be, up to a limit.
class AnyStorage final : public io::Storages {
 public:
  Ref<Storage> get(const io::StorageName& name) override {
    constexpr int64_t most = 1 << 16;
    if (name.numel < 0 || name.numel > most / item_size(name.dtype)) throw io::StorageProblem("is too large");
    Ref<Storage> storage = new_storage(name.numel * item_size(name.dtype), kCPU);
    std::fill_n(storage->data, storage->nbytes, std::byte{1});
    return storage;
  }
};

/// What was saved is the same when it is loaded.
void comes_back(const Value& value) {
  const std::vector<std::byte> saved = save_to_bytes(value);
  Value again;
  try {
    again = load(saved);
  } catch (const Error& e) {
    require(false, e.what());
  }
  require(again.to_string() == value.to_string(), "a value is the same after it was saved and loaded");
}

}  // namespace
}  // namespace tenon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace tenon;
  for (const bool opaque : {false, true})
    fuzz::reads_or_refuses([&] {
      const io::PickleGraph graph(fuzz::bytes_of(data, size), "fuzz", "data.pkl");
      fuzz::require(graph.length() <= size, "a pickle is no longer than its bytes");
      fuzz::AnyStorage storages;
      const Value value = io::values_of(graph, storages, {.map_location = "cpu", .opaque = opaque});
      if (fuzz::look_at(value) && !opaque) fuzz::comes_back(value);
    });
  return 0;
}
