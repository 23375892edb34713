#include "io/pickle_numpy.h"

#include <algorithm>
#include <cstring>

#include <tenon/ops.h>

#include "io/arrays.h"

namespace tenon::io {
namespace {

using Index = PickleGraph::Index;
using Kind = PickleGraph::Kind;

/// What `numpy.dtype("f8", False, True)` with its state (3, "<", …) says: "<f8".
std::string type_name(const PickleGraph& graph, Index type) {
  const Kind kind = graph.kind(type);
  if ((kind != Kind::call && kind != Kind::creation) ||
      known(graph.text(graph.parts(type).function)) != Known::numpy_dtype)
    throw BadArgument("expected a numpy.dtype");
  const auto& parts = graph.parts(type);
  const std::string name(Arguments(graph, parts.arguments).text(0));
  if (parts.state == PickleGraph::nothing) return name;
  const std::string_view order = Arguments(graph, parts.state).text(1);
  return order.size() == 1 && order != "|" ? std::string(order) + name : name;
}

Value number(const Tensor& x) {
  if (x.dtype() == boolean) return x.item<bool>();
  if (is_complex(x.dtype())) {
    const Tensor wide = x.to(complex128);
    return *static_cast<const std::complex<double>*>(wide.raw_data());
  }
  if (is_floating_point(x.dtype())) return x.item<double>();
  std::array<std::byte, 9> bytes{};  // one more than a number has: the sign
  if (x.dtype() == uint64) {
    std::memcpy(bytes.data(), x.raw_data(), 8);
    return BigInt::from_bytes(bytes);
  }
  const Tensor wide = x.to(int64);
  return *static_cast<const int64_t*>(wide.raw_data());
}

}  // namespace

Value numpy_value(Known what, const PickleGraph::Parts& call, const Arguments& arguments,
                  const std::function<Value(Index)>& data, const std::string& place) {
  const PickleGraph& graph = arguments.graph();
  const auto read = [&](Index type, Shape shape, bool fortran_order, Index elements) {
    // The type first: what is no number has no bytes either.
    NpyHeader header = header_of_type(MemorySource(graph.operation(), {}, place), type_name(graph, type));
    const Value bytes = data(elements);
    if (!bytes.is<Bytes>()) throw BadArgument(fmt::format("expected bytes, found a {}", bytes.type_name()));
    const std::string& raw = bytes.as<Bytes>().data;
    MemorySource source(graph.operation(), std::as_bytes(std::span(raw)), place);
    header.shape = std::move(shape);
    header.fortran_order = fortran_order;
    for (const int64_t size : header.shape)
      if (size < 0) throw BadArgument("a negative size: " + header.shape.to_string());
    Tensor x = read_elements(source, header);
    if (source.left() > 0) throw BadArgument("more bytes than elements");
    return x;
  };
  if (what == Known::numpy_scalar) return number(read(arguments.at(0), {}, false, arguments.at(1)));
  if (what == Known::numpy_buffer) {  // (bytes, type, shape, "C" or "F")
    return read(arguments.at(1), arguments.shape(2), arguments.text(3) == "F", arguments.at(0));
  }
  if (what == Known::numpy_array) {  // its state: (version, shape, type, column-major, bytes)
    if (call.state == PickleGraph::nothing) throw BadArgument("an array without elements");
    const Arguments state(graph, call.state);
    return read(state.at(2), state.shape(1), state.boolean(3), state.at(4));
  }
  return header_of_type(MemorySource(graph.operation(), {}, place), arguments.text(0)).dtype;
}

}  // namespace tenon::io
