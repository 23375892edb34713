#include <tenon/tenon.h>

#include <fmt/core.h>

int main() {
  tenon::Tensor ones = tenon::ones({2, 3});
  fmt::print("{}\n", ones.shape());
  return ones.numel() == 6 ? 0 : 1;
}
