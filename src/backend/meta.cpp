// The meta device: tensors without data, whose kernels have nothing to do. Products are counted.
#include "backend/backend.h"

namespace tenon {
namespace {

class MetaBackend final : public Backend {
 public:
  void matmul(const MatmulArgs& args) const override { meta_multiply_adds() += args.out.numel() * args.a.size(-1); }
};

constinit const MetaBackend backend;

}  // namespace

const Backend& meta_backend() { return backend; }

int64_t& meta_multiply_adds() {
  thread_local int64_t count = 0;
  return count;
}

}  // namespace tenon
