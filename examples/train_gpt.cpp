// Trains a small GPT on text, one character after another, and lets it write: build/examples/train_gpt --help
#include "models/generate.h"
#include "models/gpt2.h"
#include "support/output.h"
#include "support/text.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

struct GPTSettings : support::TextSettings {
  int64_t context = 128, write = 400;
  double temperature = 0.8;
};

/// `length` characters from each place on, and the same one further: what comes next.
class Windows {
 public:
  Windows(Tensor text, int64_t length) : text_(std::move(text)), places_(tenon::arange(length)) {
    if (size() < 1) tenon::fail("train_gpt", "{} characters are too few for windows of {}", text_.numel(), length);
  }
  int64_t size() const { return text_.numel() - places_.numel(); }
  std::array<Tensor, 2> get_batch(const Tensor& from) const {
    const Tensor at = from.unsqueeze(1) + places_;  // (B, T)
    return {text_.take(at), text_.take(at + 1)};
  }

 private:
  Tensor text_, places_;  // of int64
};

Tensor loss_of(models::GPT2& model, const Tensor& x, const Tensor& y) {
  return nn::functional::cross_entropy(model(x).flatten(0, 1), y.flatten());
}

void train(const GPTSettings& s) {
  support::begin(s);
  const support::Stopwatch total;
  support::Characters characters;
  std::vector<int64_t> numbers;
  for (const std::string& text : support::read_texts(s.text))
    for (const char c : text) numbers.push_back(characters.number(c));
  const Tensor text = tenon::tensor(numbers);
  const int64_t learned = text.numel() / 10 * 9;
  const Windows train_set(text.narrow(0, 0, learned), s.context);
  const Windows test_set(text.narrow(0, learned, text.numel() - learned), s.context);

  // An epoch takes as many windows as stand in the text side by side, from anywhere in it.
  const int64_t windows = std::max<int64_t>(1, learned / s.context);
  const data::DataLoader loader(
      train_set, {.batch_size = s.batch,
                  .sampler = data::RandomSampler(train_set.size(), {.replacement = true, .num_samples = windows})});
  const data::DataLoader test_loader(data::Subset(test_set, tenon::arange(0, test_set.size(), s.context)),
                                     {.batch_size = 64});

  models::GPT2 model({.vocab_size = characters.size(),
                      .n_positions = s.context,
                      .n_embd = 128,
                      .n_layer = 4,
                      .n_head = 4,
                      .dropout = 0.1});
  // Decay is for matrices.
  std::vector<nn::Parameter> matrices, vectors;
  for (const nn::Parameter& p : model.parameters()) (p.dim() > 1 ? matrices : vectors).push_back(p);
  optim::AdamW optimizer({{matrices, {.weight_decay = 0.1}}, {vectors, {.weight_decay = 0}}},
                         {.lr = s.lr, .betas = {0.9, 0.99}});
  const int64_t steps = s.epochs * loader.size(), warm_up_steps = std::max<int64_t>(1, steps / 20);
  optim::LinearLR warm_up(optimizer, {.start_factor = 0.01, .total_iters = warm_up_steps});
  optim::CosineAnnealingLR cosine(optimizer, std::max<int64_t>(1, steps - warm_up_steps));
  optim::SequentialLR scheduler(optimizer, {warm_up, cosine}, {warm_up_steps});
  fmt::print("{} characters, {} different ones\nParameters: {}\n\n", training::grouped(text.numel()), characters.size(),
             training::grouped(nn::count(model.parameters())));

  std::vector<training::Curve> curves{{"train", {}, {}}, {"test", {}, {}}};
  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    const std::string title = fmt::format("Epoch {}/{}", epoch, s.epochs);
    training::Progress progress(windows * s.context, {.title = title, .unit = "characters", .plain_seconds = 10});
    tenon::metrics::Mean train_loss;
    tenon::metrics::Perplexity perplexity;
    model.train();
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = loss_of(model, x, y);
      loss.backward();
      nn::utils::clip_grad_norm_(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      train_loss.update(loss.item<double>(), static_cast<double>(x.numel()));
      progress.update(progress.done() + x.numel(), fmt::format("loss {:.4f}", train_loss.compute()));
    }
    {
      model.eval();
      const tenon::NoGrad guard;
      for (auto& [x, y] : test_loader) perplexity.update(model(x), y);
    }
    progress.clear();
    const double test_loss = std::log(perplexity.compute());
    fmt::print("{}  train loss {:.4f}  test loss {:.4f}  perplexity {:.3f}  {:.2f} s\n", title, train_loss.compute(),
               test_loss, perplexity.compute(), progress.seconds());
    support::check_output();
    support::add_point(curves, epoch, {train_loss.compute(), test_loss});
    if (!s.chart.empty()) training::save_chart(s.chart, curves, {"GPT, by characters", "epoch", "loss (nats)"});
  }
  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);

  // Half of what it sees at once it has written before, half is new.
  Tensor written = text.narrow(0, 0, 1).unsqueeze(0);
  const int64_t half = s.context / 2;
  for (int64_t left = s.write; left > 0; left -= half) {
    const int64_t seen = std::min(half, written.size(1));
    const Tensor more =
        models::generate(model, written.narrow(1, -seen, seen),
                         {.max_new_tokens = std::min(left, half), .temperature = s.temperature, .top_k = 40});
    written = tenon::cat({written, more.narrow(1, seen, more.size(1) - seen)}, 1);
  }
  std::string shown;
  for (const int64_t number : written[0].to_vector<int64_t>()) shown += characters[number];
  fmt::print("\n{}\n\nTotal time: {:.2f} s\n", shown, total.seconds());
  support::check_output();
}

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  GPTSettings s;
  s.epochs = 8;
  s.batch = 16;
  s.lr = 2e-3;
  CLI::App app("Trains a small GPT to write text, one character after another.");
  support::add_settings(app, s);
  app.add_option("--context", s.context, "Characters that it sees at once")->check(support::from(2));
  app.add_option("--write", s.write, "Characters that it writes at the end")->check(support::from(0));
  app.add_option("--temperature", s.temperature, "0: always the likeliest one; 1: as likely as it finds them")
      ->check(support::from(0));
  return support::run(app, argc, argv, "train_gpt", [&] { train(s); });
}
