// Weights in a file that PyTorch reads and writes, and files of others: keys that do not fit, devices that are not
// there, foreign classes.
#include <filesystem>

#include <tenon/tenon.h>

using namespace tenon;

struct MLP : nn::Module<MLP> {
  nn::Linear fc1;
  nn::ReLU relu;
  nn::Linear fc2;

  MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}

  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }

  TENON_MODULE(MLP, fc1, relu, fc2)
};

int main() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "tenon_save_and_load";
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);

  tenon::manual_seed(0);
  MLP model(16, 8, 4);
  Tensor x = tenon::randn({2, 16});
  Tensor before = model(x);
  tenon::save(model.state_dict(), "model.pt");  // torch.load reads it, weights_only=True

  MLP other(16, 8, 4);
  other.load_state_dict(tenon::load("model.pt"));  // always safe; memory-mapped
  fmt::print("{}\n", other(x).equal(before));
  const Value loaded = tenon::load("model.pt");
  for (auto& [key, value] : loaded.as<Dict>()) fmt::print("{} {}\n", key, value.as<Tensor>().shape());

  // A file of another model: the keys that fit are loaded, the others are told.
  tenon::save(
      Dict{{"fc1.weight", tenon::ones({8, 16})}, {"fc1.bias", tenon::zeros({8})}, {"head.weight", tenon::ones({2, 8})}},
      "pretrained.pt");
  auto report = model.load_state_dict(tenon::load("pretrained.pt"), {.strict = false});
  for (const std::string& key : report.missing) fmt::print("missing {}\n", key);
  for (const std::string& key : report.unexpected) fmt::print("unexpected {}\n", key);
  fmt::print("{}\n", model.fc1.weight.mean().item<float>());
  try {
    model.load_state_dict(tenon::load("pretrained.pt"));
  } catch (const tenon::Error& error) {
    fmt::print("{}\n", error.what());
  }

  // Where tensors go that a file says were elsewhere.
  tenon::load("model.pt", {.map_location = "cpu"});
  tenon::load("model.pt", {.map_location = {{"cuda:0", "cuda:1"}}});  // nothing here was on cuda:0

  std::filesystem::current_path(folder.parent_path());
  std::filesystem::remove_all(folder);
}
