// What has to work between a program and the library although both hide what they can: the program is compiled with
// -fvisibility=hidden.
#include <cstdio>
#include <stdexcept>
#include <string>

#include <tenon/tenon.h>

using namespace tenon;

struct Stop : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Net : nn::Module<Net> {
  nn::Linear fc{2, 3};
  Tensor forward(const Tensor& x) { return fc(x); }
  TENON_MODULE(Net, fc)
};

bool holds = true;

void expect(bool what, const char* text) {
  if (what) return;
  holds = false;
  std::fprintf(stderr, "this does not hold: %s\n", text);
}

int main() {
  Net net;
  const Tensor x = ones({4, 2});
  expect(net(x).shape() == Shape{4, 3}, "a layer computes");
  {
    NoGrad off;
    expect(!net(x).requires_grad(), "the thread's mode is one");
  }
  try {
    net(ones({4, 5}));
    expect(false, "a wrong shape is an error");
  } catch (const Error& e) {
    expect(e.module_path() == "fc", "the library's error is caught by its class");
  }
  nn::ModuleBase& part = net.get_submodule("fc");
  expect(dynamic_cast<nn::Linear*>(&part) == &net.fc, "a module is found to be of its class");
  expect(dynamic_cast<Net*>(&part) == nullptr, "and of no other");
  const auto hook = net.fc.register_forward_pre_hook([](auto&&...) { throw Stop("by the hook"); });
  try {
    net(x);
    expect(false, "a hook that throws is heard");
  } catch (const Stop& e) {
    expect(e.what() == std::string("by the hook"), "what a hook throws comes back through the library");
  }
  manual_seed(3);
  const Tensor a = randn({2});
  default_generator().manual_seed(3);
  expect(equal(a, randn({2})), "the generator is one");
  expect(version() == fmt::format("{}.{}.{}", TENON_VERSION_MAJOR, TENON_VERSION_MINOR, TENON_VERSION_PATCH),
         "headers and library are of one version");
  if (holds) std::printf("%s\n", std::string(version()).c_str());
  return holds ? 0 : 1;
}
