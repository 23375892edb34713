// What becomes of a job when one of its processes does not come, fails or is killed: failures.sh looks at it.
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

using namespace tenon;
namespace d = tenon::distributed;

namespace {

/// Rank 1 waits for a message instead of coming, longer than the others wait for it.
int absent() {
  const Tensor x = zeros({3});
  if (d::rank() == 1) {
    const d::Work message = d::recv(x, 0, {.async_op = true});
    while (!message.is_completed()) std::this_thread::yield();
    return 0;
  }
  for (int i = 0; i < 2; ++i) {
    try {
      d::all_reduce(x);
    } catch (const Error& e) {
      std::printf("rank %d: %s\n", static_cast<int>(d::rank()), e.what());
    }
  }
  std::fflush(stdout);
  if (d::rank() == 0) d::send(x, 1);
  return 0;
}

int one_alone(std::string_view what) {
  if (d::rank() == 1) {
    if (what == "killed") std::raise(SIGKILL);
    if (what == "throws") throw std::runtime_error("on purpose");
    return what == "ends" ? 3 : 0;
  }
  if (what != "early") d::barrier();
  // The others may end before this one has done all that it has to do.
  double sum = 0;
  for (int i = 0; i < 200; ++i) sum += randn({1000}).sum().item<double>();
  std::printf("rank %d has gone on\n", static_cast<int>(d::rank()));
  return sum == 0;
}

}  // namespace

int main(int, char** argv) {
  const std::string_view what = argv[1];
  d::init({.timeout = what == "absent" ? std::chrono::seconds(2) : std::chrono::minutes(5)});
  return what == "absent" ? absent() : one_alone(what);
}
