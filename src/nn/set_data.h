#pragma once
// Other memory for a module's tensors.
#include <unordered_map>

#include <tenon/nn/module_base.h>

namespace tenon::nn {

/// The tensor shows other data from now on, of another type or device perhaps: every handle of it sees that. Its
/// gradient is dropped, its flag stays. No backward pass can run any more through what was recorded with the old data.
void set_data(const Tensor& x, const Tensor& data);

/// Gives tensors other data, one after the other. A parameter stays the same tensor, since optimizers hold it. A
/// buffer's slot gets another tensor, since the old one may be in the user's hands; slots that held one tensor hold one
/// again.
class Rehousing {
 public:
  void parameter(const Tensor& parameter, const Tensor& data) { set_data(parameter, data); }
  template <class MakeData>
  void buffer(Buffer& slot, MakeData make_data) {
    Buffer before = slot;  // lives on in the map's key, whose address nobody else can get meanwhile
    const auto [at, is_new] = moved_.try_emplace(before.impl(), Moved{before, {}});
    if (is_new) at->second.now = make_data(before);
    slot = at->second.now;
  }

 private:
  struct Moved {
    Tensor before, now;
  };
  std::unordered_map<const TensorImpl*, Moved> moved_;
};

}  // namespace tenon::nn
