#pragma once
// TensorBoard's events: protocol buffers, and the frame in which they lie in a file.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/internal_api.h"

namespace tenon::training {

/// A message, field by field, as protocol buffers are encoded.
class Message {
 public:
  Message& integer(int field, uint64_t value);
  Message& number(int field, double value);
  Message& number(int field, float value);
  Message& bytes(int field, std::string_view value);
  Message& message(int field, const Message& value) { return bytes(field, value.encoded_); }
  Message& numbers(int field, const std::vector<double>& values);
  /// The fields of another one, too.
  Message& append(const Message& o) {
    encoded_ += o.encoded_;
    return *this;
  }
  const std::string& encoded() const { return encoded_; }

 private:
  void tag(int field, int type);
  void varint(uint64_t value);
  std::string encoded_;
};

/// The checksum of RFC 3720.
TENON_INTERNAL_API uint32_t crc32c(std::string_view bytes);
/// The length, its checksum, the message, its checksum: TFRecord's frame.
std::string framed(const Message& event);

}  // namespace tenon::training
