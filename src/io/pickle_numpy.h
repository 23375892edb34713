#pragma once
// NumPy's numbers and arrays in a pickle.
#include <functional>
#include <string>

#include <tenon/value.h>

#include "io/pickle_graph.h"
#include "io/pickle_names.h"
#include "io/pickle_tensor.h"

namespace tenon::io {

/// A number for one of NumPy's, a tensor for an array, a DType for a type. `data` makes the value of an object, of
/// which bytes are needed; `place` is for messages. BadArgument, or an Error for a type that no tensor has.
Value numpy_value(Known what, const PickleGraph::Parts& call, const Arguments& arguments,
                  const std::function<Value(PickleGraph::Index)>& data, const std::string& place);

}  // namespace tenon::io
