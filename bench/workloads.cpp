// The speed goals' workloads, named as bench/peers/torch_anchor.py names them. A row appears here once the library can
// run it.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "bench.h"
#include "resnet18.h"
#include "transformers.h"

using namespace tenon;

namespace {

struct MLP : nn::Module<MLP> {
  nn::Linear fc1;
  nn::ReLU relu;
  nn::Linear fc2;

  MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}
  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }

  TENON_MODULE(MLP, fc1, relu, fc2)
};

struct Chain : nn::Module<Chain> {
  std::vector<nn::Linear> layers;

  Chain(int n, int64_t width) {
    for (int i = 0; i < n; ++i) layers.emplace_back(width, width);
  }
  Tensor forward(Tensor x) {
    for (nn::Linear& layer : layers) x = layer(x);
    return x;
  }

  TENON_MODULE(Chain, layers)
};

struct Tagger : nn::Module<Tagger> {
  nn::LSTM rnn{256, 512, {.num_layers = 2, .batch_first = true}};
  nn::Linear head{512, 32};

  Tensor forward(const Tensor& x) { return head(rnn(x).output).flatten(0, 1); }

  TENON_MODULE(Tagger, rnn, head)
};

/// A step of training, its forward pass in bfloat16 where `autocast` says so.
template <class F>
void step(optim::Optimizer& optimizer, bool autocast, F loss_of) {
  optimizer.zero_grad();
  Tensor loss;
  {
    const Autocast types({.enabled = autocast});
    loss = loss_of();
  }
  loss.backward();
  optimizer.step();
}

template <class Model>
void train(const bench::Settings& s, std::string_view name, Model& model, optim::Optimizer& optimizer, const Tensor& x,
           const Tensor& y, bool autocast = false) {
  bench::row(s, name, [&] { step(optimizer, autocast, [&] { return nn::functional::cross_entropy(model(x), y); }); });
}

constexpr const char* same_in_bf16 = "  same, bf16 autocast";

void operations(const bench::Settings& s) {
  const Tensor a = randn({4}), b = randn({4}, {.requires_grad = true}), x = randn({1, 4});
  bench::row(s, "op: add 4 floats, no grad", [&] { const Tensor c = a + a; });
  bench::row(s, "op: add 4 floats, grad", [&] { const Tensor c = b + b; });
  nn::ReLU relu;
  bench::row(s, "module: ReLU(4) call", [&] { const Tensor y = relu(a); });
  nn::Linear linear(4, 4);
  bench::row(s, "module: Linear(4,4) fwd+bwd", [&] { linear(x).sum().backward(); });
  Chain chain(100, 4);
  bench::row(s, "100 x Linear(4,4) fwd", [&] { const Tensor y = chain(x); });
  bench::row(s, "100 x Linear(4,4) fwd+bwd", [&] { chain(x).sum().backward(); });
}

void perceptrons(const bench::Settings& s) {
  const char* small = "mlp 784-256-10 b32 train Adam";
  if (bench::wanted(s, small)) {
    MLP model(784, 256, 10);
    optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
    train(s, small, model, optimizer, randn({32, 784}), randint(0, 10, {32}));
  }
  {
    const InferenceMode guard;
    MLP model(784, 256, 10);
    model.eval();
    const Tensor x = randn({32, 784}), x1 = randn({1, 784});
    bench::row(s, "mlp fwd b32", [&] { const Tensor y = model(x); });
    bench::row(s, "mlp fwd b1", [&] { const Tensor y = model(x1); });
  }
  const char* large = "mlp 1024-4096-4096-10 b256 train SGDm";
  if (bench::wanted(s, large, same_in_bf16)) {
    nn::Sequential model{nn::Linear(1024, 4096), nn::ReLU(), nn::Linear(4096, 4096), nn::ReLU(), nn::Linear(4096, 10)};
    optim::SGD optimizer(model.parameters(), {.lr = 1e-3, .momentum = 0.9});
    const Tensor x = randn({256, 1024}), y = randint(0, 10, {256});
    train(s, large, model, optimizer, x, y);
    train(s, same_in_bf16, model, optimizer, x, y, true);
  }
}

void residual_network(const bench::Settings& s) {
  const char *const plain = "ResNet-18 CIFAR b32 train SGDm", *const last = "  same, channels_last",
                    *const forward = "ResNet-18 CIFAR fwd b32";
  if (!bench::wanted(s, plain, last, forward)) return;
  const Tensor x = randn({32, 3, 32, 32}), y = randint(0, 10, {32});
  for (const bool channels_side_by_side : {false, true}) {
    bench::ResNet18 model;
    if (channels_side_by_side) model.to(channels_last);
    optim::SGD optimizer(model.parameters(), {.lr = 1e-3, .momentum = 0.9});
    train(s, channels_side_by_side ? last : plain, model, optimizer,
          channels_side_by_side ? x.contiguous(channels_last) : x, y);
  }
  const InferenceMode guard;
  bench::ResNet18 model;
  model.eval();
  bench::row(s, forward, [&] { const Tensor z = model(x); });
}

void recurrent_networks(const bench::Settings& s) {
  const char* name = "LSTM 2x512 [32,64,256] train Adam";
  if (bench::wanted(s, name)) {
    Tagger model;
    optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
    train(s, name, model, optimizer, randn({32, 64, 256}), randint(0, 32, {2048}));
  }
  const InferenceMode guard;
  const nn::GRU gru(128, 128, {.batch_first = true});
  const Tensor x = randn({1, 256, 128});
  bench::row(s, "GRU 128 [1,256,128] fwd", [&] { const auto y = gru(x); });
}

void transformers(const bench::Settings& s) {
  const Tensor x = randn({8, 128, 512}), target = randn({8, 128, 512});
  const char* block = "TransformerBlock d512 h8 [8,128] train";
  for (const bool autocast : {false, true}) {
    const char* name = autocast ? same_in_bf16 : block;
    if (!bench::wanted(s, name)) continue;
    bench::Block model(512, 8);
    optim::Adam optimizer(model.parameters(), {.lr = 1e-3});
    bench::row(s, name, [&] { step(optimizer, autocast, [&] { return nn::functional::mse_loss(model(x), target); }); });
  }
  const char* encoder = "Encoder 6x d512 fwd [8,128]";
  if (bench::wanted(s, encoder)) {
    const InferenceMode guard;
    bench::Encoder model(6, 512, 8);
    model.eval();
    bench::row(s, encoder, [&] { const Tensor y = model(x); });
  }
}

void language_model(const bench::Settings& s) {
  const char *const training = "GPT-2 124M [4,64] train AdamW", *const forward = "GPT-2 124M fwd [1,64]",
                    *const decode = "GPT-2 124M decode b1, 64 tokens cached";
  if (!bench::wanted(s, training, same_in_bf16, forward, decode)) return;
  bench::Gpt model;
  const Tensor x = randint(0, 50257, {4, 64}), y = randint(0, 50257, {4, 64});
  optim::AdamW optimizer(model.parameters(), {.lr = 1e-4});
  for (const bool autocast : {false, true})
    bench::row(s, autocast ? same_in_bf16 : training, [&] {
      step(optimizer, autocast, [&] {
        return nn::functional::cross_entropy(model(x).view({-1, 50257}), y.view({-1}));
      });
    });
  const InferenceMode guard;
  model.eval();
  const Tensor first = x.narrow(0, 0, 1);
  bench::row(s, forward, [&] { const Tensor z = model(first); });
  std::vector<bench::Cache> cache;
  for (int i = 0; i < 12; ++i) cache.push_back({randn({1, 12, 64, 64}), randn({1, 12, 64, 64})});
  const Tensor token = tensor({7}).view({1, 1});
  bench::row(s, decode, [&] { const Tensor z = model(token, cache); });
}

void attention(const bench::Settings& s) {
  const char *const one = "attention causal [1,8,2048,64] fwd+bwd", *const several =
                                                                        "attention causal [4,12,1024,64] fwd+bwd";
  for (const char* name : {one, several}) {
    if (!bench::wanted(s, name)) continue;
    const Tensor q = randn(name == one ? Shape{1, 8, 2048, 64} : Shape{4, 12, 1024, 64}, {.requires_grad = true});
    bench::row(s, name, [&] {
      q.set_grad({});
      nn::functional::scaled_dot_product_attention(q, q, q, {.is_causal = true}).sum().backward();
    });
  }
}

void memory_bound(const bench::Settings& s) {
  if (bench::wanted(s, "relu 64 MiB", "gelu 64 MiB", "softmax 16384x1024", "layernorm 16384x1024", "add 64 MiB",
                    "sum 64 MiB")) {
    const InferenceMode guard;
    const Tensor a = randn({int64_t{1} << 24}), matrix = a.view({-1, 1024});
    nn::LayerNorm norm(1024);
    bench::row(s, "relu 64 MiB", [&] { const Tensor y = a.relu(); });
    bench::row(s, "gelu 64 MiB", [&] { const Tensor y = nn::functional::gelu(a); });
    bench::row(s, "softmax 16384x1024", [&] { const Tensor y = softmax(matrix, -1); });
    bench::row(s, "layernorm 16384x1024", [&] { const Tensor y = norm(matrix); });
    bench::row(s, "add 64 MiB", [&] { const Tensor y = a + a; });
    bench::row(s, "sum 64 MiB", [&] { const Tensor y = a.sum(); });
  }
  const char* name = "AdamW step 118M params";
  if (bench::wanted(s, name)) {
    std::vector<nn::Parameter> parameters;
    for (int i = 0; i < 50; ++i) {
      parameters.emplace_back(randn({768, 3072}));
      parameters.back().set_grad(randn({768, 3072}));
    }
    optim::AdamW optimizer(parameters, {.lr = 1e-4});
    bench::row(s, name, [&] { optimizer.step(); });
  }
}

void files(const bench::Settings& s) {
  const char *const saved = "save 472 MB state_dict (/dev/shm)", *const read = "load 472 MB (mmap=False)",
                    *const mapped = "load 472 MB (mmap=True)";
  if (!bench::wanted(s, saved, read, mapped)) return;
  Dict state;
  for (int i = 0; i < 50; ++i) state.set(std::to_string(i), randn({768, 3072}));
  const std::filesystem::path file = fmt::format("/dev/shm/tenon-workloads-{}.pt", ::getpid());
  save(state, file);  // for the rows that load, where only they are asked for
  bench::row(s, saved, [&] { save(state, file); });
  bench::row(s, read, [&] { const Value v = load(file, {.mmap = false}); });
  bench::row(s, mapped, [&] { const Value v = load(file); });
  std::filesystem::remove(file);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times the speed goals' workloads: microseconds, the best of several runs.");
  bench::Settings settings;
  int threads = num_threads();
  app.add_option("--threads", threads, "threads to use (default: the machine's processors)")
      ->check(CLI::PositiveNumber);
  app.add_option("--filter", settings.filter, "only rows whose name holds this text");
  app.add_option("--seconds", settings.seconds, "time spent on each row")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  set_num_threads(threads);
  manual_seed(0);
  bench::header();
  operations(settings);
  perceptrons(settings);
  residual_network(settings);
  recurrent_networks(settings);
  transformers(settings);
  language_model(settings);
  attention(settings);
  memory_bound(settings);
  files(settings);
}
