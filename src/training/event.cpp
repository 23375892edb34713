#include "training/event.h"

#include <array>
#include <bit>
#include <cstring>

namespace tenon::training {
namespace {

// As on the wire, which is x86's own order.
template <class T>
void put(std::string& to, const T& value) {
  static_assert(std::endian::native == std::endian::little);
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] & 1 ? table[i] >> 1 ^ 0x82F63B78U : table[i] >> 1;
  }
  return table;
}

uint32_t masked(uint32_t crc) { return std::rotr(crc, 15) + 0xA282EAD8U; }

}  // namespace

void Message::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) encoded_ += static_cast<char>(value | 0x80);
  encoded_ += static_cast<char>(value);
}

void Message::tag(int field, int type) { varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(type)); }

Message& Message::integer(int field, uint64_t value) {
  tag(field, 0);
  varint(value);
  return *this;
}

Message& Message::number(int field, double value) {
  tag(field, 1);
  put(encoded_, value);
  return *this;
}

Message& Message::number(int field, float value) {
  tag(field, 5);
  put(encoded_, value);
  return *this;
}

Message& Message::bytes(int field, std::string_view value) {
  tag(field, 2);
  varint(value.size());
  encoded_ += value;
  return *this;
}

Message& Message::numbers(int field, const std::vector<double>& values) {
  return bytes(field, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
}

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> table = crc_table();
  uint32_t crc = ~0U;
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

std::string framed(const Message& event) {
  std::string length, record;
  put(length, static_cast<uint64_t>(event.encoded().size()));
  record = length;
  put(record, masked(crc32c(length)));
  record += event.encoded();
  put(record, masked(crc32c(event.encoded())));
  return record;
}

}  // namespace tenon::training
