#include "io/pickle_tensor.h"

#include <algorithm>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/ops.h>

#include "backend/new_tensor.h"

namespace tenon::io {
namespace {

using Index = PickleGraph::Index;
using Kind = PickleGraph::Kind;

constexpr std::size_t most_dims = 64;           // PyTorch's own limit
constexpr int64_t furthest = int64_t{1} << 42;  // elements: a tensor without any may begin beyond its storage's end

void check_sizes(const Shape& sizes, const Shape& strides) {
  if (sizes.size() != strides.size())
    throw BadArgument(fmt::format("{} sizes and {} strides", sizes.size(), strides.size()));
  if (sizes.size() > most_dims)
    throw BadArgument(fmt::format("{} dimensions; there can be {}", sizes.size(), most_dims));
  int64_t numel = 1;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] < 0) throw BadArgument("a negative size: " + sizes.to_string());
    if (strides[d] < 0) throw BadArgument("a negative stride: " + strides.to_string());
    if (__builtin_mul_overflow(numel, std::max<int64_t>(sizes[d], 1), &numel) || numel > most_elements)
      throw BadArgument("more elements than memory has addresses: " + sizes.to_string());
  }
}

/// An error unless the storage has all elements that the tensor shows.
void check_extent(const Shape& sizes, const Shape& strides, int64_t offset, int64_t available) {
  int64_t end = offset;  // of the last element, and one more
  bool lies_beyond = offset < 0;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == 0) return;
    int64_t reach = 0;
    lies_beyond = lies_beyond || __builtin_mul_overflow(sizes[d] - 1, strides[d], &reach) ||
                  __builtin_add_overflow(end, reach, &end);
  }
  if (lies_beyond || end >= available)
    throw BadArgument(
        fmt::format("a tensor of shape {} with strides {} at {} reaches beyond its storage of {} elements",
                    sizes.to_string(), strides.to_string(), offset, available));
}

DType dtype_argument(const Arguments& arguments, std::size_t place) {
  const auto dtype = dtype_of_global(arguments.global(place));
  if (!dtype)
    throw BadArgument(fmt::format("there is no tensor of type {}",
                                  arguments.global(place).substr(arguments.global(place).find('\n') + 1)));
  return *dtype;
}

}  // namespace

// ---------------------------------------------------------------- Arguments
Arguments::Arguments(const PickleGraph& graph, Index tuple)
    : graph_(graph),
      items_(graph.kind(tuple) == Kind::tuple ? graph.parts(tuple).items : throw BadArgument("expected a tuple")) {}

Index Arguments::at(std::size_t place) const {
  if (place >= items_.size()) throw BadArgument(fmt::format("expected more than {} arguments", items_.size()));
  return items_[place];
}
bool Arguments::is_none(std::size_t place) const { return graph_.kind(at(place)) == Kind::none; }
int64_t Arguments::integer(std::size_t place) const {
  if (graph_.kind(at(place)) != Kind::integer)
    throw BadArgument(fmt::format("argument {} is not an integer of 64 bits", place));
  return graph_.integer(at(place));
}
double Arguments::real(std::size_t place) const {
  if (graph_.kind(at(place)) == Kind::integer) return static_cast<double>(graph_.integer(at(place)));
  if (graph_.kind(at(place)) != Kind::real) throw BadArgument(fmt::format("argument {} is not a number", place));
  return std::get<double>(graph_[at(place)].data);
}
bool Arguments::boolean(std::size_t place) const {
  if (graph_.kind(at(place)) != Kind::boolean) throw BadArgument(fmt::format("argument {} is not a bool", place));
  return graph_.integer(at(place)) != 0;
}
std::string_view Arguments::text(std::size_t place) const {
  if (graph_.kind(at(place)) != Kind::text) throw BadArgument(fmt::format("argument {} is not text", place));
  return graph_.text(at(place));
}
std::string_view Arguments::global(std::size_t place) const {
  if (graph_.kind(at(place)) != Kind::global)
    throw BadArgument(fmt::format("argument {} is not the name of a class", place));
  return graph_.text(at(place));
}
const std::vector<Index>& Arguments::items(std::size_t place) const {
  const Kind kind = graph_.kind(at(place));
  if (kind != Kind::list && kind != Kind::tuple && kind != Kind::set)
    throw BadArgument(fmt::format("argument {} is not a list", place));
  return graph_.parts(at(place)).items;
}
Shape Arguments::shape(std::size_t place) const {
  Index tuple = at(place);
  if (graph_.kind(tuple) == Kind::call && known(graph_.text(graph_.parts(tuple).function)) == Known::size)
    tuple = Arguments(graph_, graph_.parts(tuple).arguments).at(0);
  const Arguments sizes(graph_, tuple);
  if (sizes.size() > most_dims) throw BadArgument(fmt::format("{} sizes; there can be {}", sizes.size(), most_dims));
  Shape shape;
  for (std::size_t d = 0; d < sizes.size(); ++d) shape.push_back(sizes.integer(d));
  return shape;
}

// ---------------------------------------------------------------- PickledTensors
StorageName storage_name(const PickleGraph& graph, Index persistent) {
  if (graph.kind(persistent) != Kind::persistent) throw BadArgument("expected a storage");
  const Arguments id(graph, graph.parts(persistent).arguments);
  if (id.size() < 5 || id.text(0) != "storage") throw BadArgument("expected a storage");
  const std::string_view type = id.global(1);
  const auto dtype = dtype_of_storage_class(type.substr(type.find('\n') + 1));
  if (!dtype) throw BadArgument(fmt::format("there is no tensor on a {}", type.substr(type.find('\n') + 1)));
  // The longest are addresses; every tensor on the storage names them anew.
  constexpr std::size_t longest = 256;
  if (id.text(2).size() > longest || id.text(3).size() > longest)
    throw BadArgument(fmt::format("a storage's key or place of more than {} bytes", longest));
  StorageName name{std::string(id.text(2)), std::string(id.text(3)), *dtype, id.integer(4)};
  if (name.numel < 0 || name.numel > most_elements)
    throw BadArgument(fmt::format("a storage of {} elements", name.numel));
  if (id.size() > 5 && !id.is_none(5)) {
    const Arguments view(graph, id.at(5));
    name.view_key = view.text(0);
    name.view_offset = view.integer(1);
    name.view_numel = view.integer(2);
    if (name.view_key.empty() || name.view_offset < 0 || name.view_numel < 0 ||
        name.view_offset > name.numel - name.view_numel)
      throw BadArgument("a storage that is no part of the one that it is said to be");
  }
  return name;
}

Tensor PickledTensors::make(Known function, const Arguments& arguments) {
  if (function == Known::meta_tensor) return meta(arguments);
  const StorageName name = storage_name(arguments.graph(), arguments.at(0));
  const DType dtype = function == Known::tensor_v3 ? dtype_argument(arguments, 6) : name.dtype;
  const int64_t offset = arguments.integer(1);
  const Shape sizes = arguments.shape(2), strides = arguments.shape(3);
  check_sizes(sizes, strides);
  if (offset < 0) throw BadArgument(fmt::format("a negative offset into the storage: {}", offset));
  if (offset > furthest) throw BadArgument(fmt::format("an offset of {} elements into the storage", offset));
  const std::size_t about = function == Known::tensor_v3 ? 7 : 6;  // {"conj": True}: the elements mean something else
  if (arguments.size() > about && arguments.graph().kind(arguments.at(about)) == Kind::dict &&
      !arguments.graph().parts(arguments.at(about)).entries.empty())
    throw BadArgument("a tensor that is conjugated or negated when it is read; resolve that before saving it");

  Ref<Storage> storage = storages_.get(name);
  // A part of a storage is counted from its own begin.
  const int64_t begin = name.view_key.empty() ? 0 : name.view_offset;
  const int64_t bytes = (name.view_key.empty() ? name.numel : name.view_numel) * item_size(name.dtype);
  check_extent(sizes, strides, offset, bytes / item_size(dtype));
  const int64_t numel = sizes.numel();
  if (numel > 0 && offset + begin > storage->nbytes / item_size(dtype))
    throw BadArgument("a tensor outside of its storage");
  if (dtype == boolean) check_booleans(storage);
  Tensor t = new_on_storage(std::move(storage), sizes, strides, dtype, offset + begin);
  if (function != Known::tensor_v1 && arguments.boolean(4)) {
    if (!t.is_floating_point() && !t.is_complex())
      throw BadArgument(fmt::format("a tensor of {} cannot require grad", dtype));
    t.requires_grad_();
  }
  return t;
}

Tensor PickledTensors::meta(const Arguments& arguments) {
  const DType dtype = dtype_argument(arguments, 0);
  const Shape sizes = arguments.shape(1), strides = arguments.shape(2);
  check_sizes(sizes, strides);
  int64_t elements = 1;
  bool too_many = false;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    int64_t reach = 0;
    too_many = too_many || __builtin_mul_overflow(std::max<int64_t>(sizes[d] - 1, 0), strides[d], &reach) ||
               __builtin_add_overflow(elements, reach, &elements);
  }
  if (too_many || elements > most_elements)
    throw BadArgument("more elements than memory has addresses: " + strides.to_string());
  Tensor t = empty_strided(sizes, strides, {.dtype = dtype, .device = kMeta});
  if (arguments.boolean(3)) {
    if (!t.is_floating_point() && !t.is_complex())
      throw BadArgument(fmt::format("a tensor of {} cannot require grad", dtype));
    t.requires_grad_();
  }
  return t;
}

/// A bool is 0 or 1: whatever else a file has there becomes 1, as it would be if it were read as a condition.
void PickledTensors::check_booleans(const Ref<Storage>& storage) {
  if (storage->device == kMeta || !checked_.insert(storage.get()).second) return;
  if (storage->device != kCPU) {
    const NoGrad guard;
    const Tensor x = new_on_storage(storage, {storage->nbytes}, {1}, uint8);
    x.copy_(x != 0);
    return;
  }
  auto* const bytes = reinterpret_cast<uint8_t*>(storage->data);
  for (int64_t i = 0; i < storage->nbytes; ++i)
    if (bytes[i] > 1) bytes[i] = 1;
}

}  // namespace tenon::io
