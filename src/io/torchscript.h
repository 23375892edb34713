#pragma once
// The weights in a TorchScript archive.
#include <functional>
#include <string>

#include <tenon/value.h>

#include "base/internal_api.h"
#include "io/stream.h"

namespace tenon::io {

/// The parameters and buffers of the module that an archive's data.pkl holds, as its state_dict() names them.
/// `module`: that pickle, of so many bytes, whose classes are carried; `text`: what a record of the archive says
/// (empty: there is none), for the program's lists of names. Nothing of the program is run. A module that stands in
/// several places has all of their names; an error where they do so without end. `file` is for messages.
TENON_INTERNAL_API Dict torchscript_state(const Value& module, std::size_t pickle_bytes, const Source& file,
                                          const std::function<std::string(const std::string&)>& text);

}  // namespace tenon::io
