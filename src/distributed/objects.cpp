// A value travels as the bytes of a checkpoint.
#include <tenon/distributed/objects.h>

#include <cstring>
#include <span>

#include <tenon/distributed/collectives.h>
#include <tenon/io/checkpoint.h>
#include <tenon/ops.h>

namespace tenon::distributed {
namespace {

Tensor bytes_of(const Value& value) {
  const std::vector<std::byte> bytes = save_to_bytes(value);
  Tensor x = empty({static_cast<int64_t>(bytes.size())}, {uint8});
  std::memcpy(x.raw_data(), bytes.data(), bytes.size());
  return x;
}

Value value_of(const Tensor& bytes) {
  return load(std::span(static_cast<const std::byte*>(bytes.raw_data()), static_cast<std::size_t>(bytes.numel())));
}

std::vector<Value> values_of(const std::vector<Tensor>& all) {
  std::vector<Value> values;
  values.reserve(all.size());
  for (const Tensor& x : all) values.push_back(value_of(x));
  return values;
}

}  // namespace

std::vector<Value> all_gather_object(const Value& value, const Group& group) {
  return values_of(all_gather(bytes_of(value), {.group = group}).result());
}

std::vector<Value> gather_object(const Value& value, int64_t destination, const Group& group) {
  return values_of(gather(bytes_of(value), destination, {.group = group}).result());
}

Value broadcast_object(const Value& value, int64_t source, const Group& group) {
  const bool gives = group.rank() == source;
  const Tensor size = zeros({}, {int64});
  Tensor bytes;
  if (gives) {
    bytes = bytes_of(value);
    size.fill_(bytes.numel());
  }
  broadcast(size, source, {.group = group});
  if (!gives) bytes = empty({size.item<int64_t>()}, {uint8});
  broadcast(bytes, source, {.group = group});
  return gives ? value : value_of(bytes);
}

}  // namespace tenon::distributed
