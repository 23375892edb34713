#include "io/safetensors.h"

#include <algorithm>

#include <tenon/autograd.h>

#include "backend/new_tensor.h"
#include "io/safetensors_header.h"

namespace tenon::io {
namespace {

/// Whatever is not 0 is true; a bool of another value would be neither.
void make_booleans(const Tensor& x) {
  if (x.dtype() != boolean) return;
  auto* const bytes = static_cast<uint8_t*>(x.raw_data());
  for (int64_t i = 0; i < x.numel(); ++i)
    if (bytes[i] > 1) bytes[i] = 1;  // written only where needed: a mapped page that is written to is a copy
}

/// All tensors, each made by make(where its bytes begin in the source, entry).
template <class Make>
Dict tensors_of(SeekableSource& source, Make make) {
  SafetensorsHeader header = read_safetensors_header(source);
  const uint64_t data = source.size() - source.left();
  Dict tensors;
  if (!header.metadata.empty()) tensors.set_metadata(std::move(header.metadata));
  for (const SafetensorsEntry& entry : header.tensors) {
    Tensor x = make(data + entry.begin, entry);
    make_booleans(x);
    tensors.set(entry.name, std::move(x));
  }
  return tensors;
}

/// The tensors to be written, with their places.
std::vector<std::pair<SafetensorsEntry, Tensor>> layout(const std::string& operation, const Dict& dict) {
  std::vector<std::pair<SafetensorsEntry, Tensor>> all;
  for (const auto& [key, value] : dict) {
    if (!key.is_string() || key.string() == "__metadata__")
      fail(operation, "the format takes names for keys, and not the key {}", key.quoted());
    if (!value.is<Tensor>())
      fail(operation,
           "expected a tensor for the key {}, found {}: the format holds tensors by name and nothing else; a .pt file "
           "holds everything",
           key.quoted(), value.type_name());
    const Tensor& x = value.as<Tensor>();
    if (!x.defined()) fail(operation, "the tensor for the key {} is undefined", key.quoted());
    if (x.device() == kMeta)
      fail(operation, "the tensor for the key {} is on the meta device and has no elements to save", key.quoted());
    if (!safetensors_rank(x.dtype()))
      fail(operation, "the format has no type {}, which the tensor for the key {} has: convert it", x.dtype(),
           key.quoted());
    all.emplace_back(SafetensorsEntry{key.string(), x.dtype(), x.shape()}, x);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    const int rank_a = *safetensors_rank(a.first.dtype), rank_b = *safetensors_rank(b.first.dtype);
    return rank_a != rank_b ? rank_a < rank_b : a.first.name < b.first.name;
  });
  uint64_t at = 0;
  for (auto& [entry, x] : all) {
    entry.begin = at;
    entry.end = at += static_cast<uint64_t>(x.nbytes());
  }
  return all;
}

}  // namespace

Dict read_safetensors(const MappedFile& file) {
  MemorySource source = file.source();
  return tensors_of(source, [&](uint64_t begin, const SafetensorsEntry& entry) {
    return file.tensor(begin, entry.shape, entry.dtype);
  });
}

Dict read_safetensors(SeekableSource& source) {
  return tensors_of(source, [&](uint64_t begin, const SafetensorsEntry& entry) {
    Tensor x = new_tensor(entry.shape, entry.dtype);
    source.seek(begin);
    source.read(x.raw_data(), static_cast<std::size_t>(x.nbytes()));
    return x;
  });
}

void write_safetensors(Sink& sink, const Dict& dict) {
  const auto tensors = layout(sink.operation(), dict);
  SafetensorsHeader header;
  for (const auto& [entry, x] : tensors) header.tensors.push_back(entry);
  if (dict.metadata())
    for (const auto& [key, value] : *dict.metadata())
      if (key.is_string() && value.is<std::string>()) header.metadata.set(key, value);
  const std::string text = safetensors_header(sink.operation(), header);
  sink.write(text.data(), text.size());
  const NoGrad guard;
  for (const auto& [entry, x] : tensors) {
    const Tensor whole = x.detach().cpu().contiguous();
    sink.write(whole.raw_data(), static_cast<std::size_t>(whole.nbytes()));
  }
}

}  // namespace tenon::io
