#include <tenon/data/idx.h>

#include <tenon/creation.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "io/named_errors.h"

namespace tenon::data {
namespace {

constexpr std::string_view operation = "read_idx";

/// A file read through zlib, which passes plain files on as they are.
class Input {
 public:
  explicit Input(const std::filesystem::path& file) : name_(file.string()) {
    std::error_code unknown;  // opening it says what is wrong
    if (std::filesystem::is_directory(file, unknown)) fail(operation, "{}: is a folder", name_);
    errno = 0;
    file_ = gzopen(name_.c_str(), "rb");
    if (!file_) fail(operation, "{}: {}", name_, errno ? std::strerror(errno) : "not enough memory");
    gzbuffer(file_, 1 << 17);
  }
  ~Input() { gzclose_r(file_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// Up to n bytes; fewer only at the end of the file.
  std::size_t read(void* to, std::size_t n) {
    constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
    std::size_t done = 0;
    while (done < n) {
      const int got = gzread(file_, static_cast<char*>(to) + done, static_cast<unsigned>(std::min(n - done, most)));
      int error = Z_OK;
      const char* text = gzerror(file_, &error);
      if (got < 0 || error != Z_OK) {  // Z_BUF_ERROR: the compressed data ends too early
        fail(operation, "{}: damaged: {}", name_, error == Z_ERRNO ? std::strerror(errno) : text);
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  gzFile file_ = nullptr;
};

Tensor read(const std::filesystem::path& file) {
  Input in(file);
  // Two zeros, the data type, the number of dimensions; then each size, all of 32 bits, high byte first.
  uint8_t magic[4] = {};
  if (in.read(magic, 4) < 4 || magic[0] != 0 || magic[1] != 0) fail(operation, "{}: not an idx file", in.name());
  if (magic[2] != 0x08)
    fail(operation, "{}: expected unsigned bytes (data type 0x08), found type 0x{:02x}", in.name(), magic[2]);
  if (magic[3] == 0 || magic[3] > 8) fail(operation, "{}: expected 1 to 8 dimensions, found {}", in.name(), magic[3]);
  Shape shape;
  int64_t numel = 1;
  for (int d = 0; d < magic[3]; ++d) {
    uint8_t size[4];
    if (in.read(size, 4) < 4) fail(operation, "{}: ends inside its header", in.name());
    shape.push_back(int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
    if (__builtin_mul_overflow(numel, shape.back(), &numel)) fail(operation, "{}: its sizes are impossible", in.name());
  }
  // The header is not believed until the data is there: memory grows with what was read, not with what was promised.
  constexpr int64_t step = int64_t{64} << 20;
  std::vector<uint8_t> bytes;
  for (int64_t have = 0; have < numel;) {
    const int64_t want = std::min(step, numel - have);
    bytes.resize(static_cast<std::size_t>(have + want));
    const auto got = static_cast<int64_t>(in.read(bytes.data() + have, static_cast<std::size_t>(want)));
    have += got;
    if (got < want)
      fail(operation, "{}: ends after {} of {} elements of shape {}", in.name(), have, numel, shape.to_string());
  }
  if (uint8_t more; in.read(&more, 1) != 0)
    fail(operation, "{}: goes on after its {} elements of shape {}", in.name(), numel, shape.to_string());
  const Tensor out = empty(shape, {.dtype = uint8, .device = kCPU});
  std::copy(bytes.begin(), bytes.end(), out.data<uint8_t>());
  return out;
}

}  // namespace

Tensor read_idx(const std::filesystem::path& file) {
  return io::with_named_errors(operation, file.string(), [&] { return read(file); });
}

}  // namespace tenon::data
