// Trains an LSTM to tell which letters of a text are capitals (Susanto et al. 2016, "Learning to capitalize with
// character-level recurrent neural networks"): build/examples/train_tagger --help
#include <cctype>

#include "models/lstm_tagger.h"
#include "support/output.h"
#include "support/text.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

constexpr int64_t no_letter = -100;  // what losses and metrics pass over

/// A text in small letters, and for each character whether it was a capital.
struct Tagged {
  Tensor characters, tags;  // (T), int64
};
/// Several, padded to the longest.
struct Batch {
  Tensor characters, tags;  // (B, T)
  Tensor lengths;           // (B)
};
struct Pad {
  Batch operator()(std::vector<Tagged> items) const {
    std::vector<Tensor> characters, tags;
    std::vector<int64_t> lengths;
    for (const Tagged& item : items) {
      characters.push_back(item.characters);
      tags.push_back(item.tags);
      lengths.push_back(item.tags.numel());
    }
    namespace rnn = nn::utils::rnn;
    return {rnn::pad_sequence(characters, {.batch_first = true}),
            rnn::pad_sequence(tags, {.batch_first = true, .padding_value = no_letter}), tenon::tensor(lengths)};
  }
};

class Texts {
 public:
  Texts(const std::vector<std::string>& texts, support::Characters& characters) {
    for (const std::string& text : texts) items_.push_back(tagged(text, characters));
  }
  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  Tagged get(int64_t i) const { return items_.at(static_cast<std::size_t>(i)); }

  static Tagged tagged(const std::string& text, support::Characters& characters) {
    std::vector<int64_t> numbers, tags;
    for (const char c : text) {
      const int byte = static_cast<unsigned char>(c);
      numbers.push_back(characters.number(static_cast<char>(std::tolower(byte))));
      tags.push_back(std::isalpha(byte) ? std::isupper(byte) != 0 : no_letter);
    }
    return {tenon::tensor(numbers), tenon::tensor(tags)};
  }

 private:
  std::vector<Tagged> items_;
};

std::string restored(models::LSTMTagger& model, const std::string& text, support::Characters& characters) {
  const tenon::NoGrad guard;
  model.eval();
  const Tensor numbers = Texts::tagged(text, characters).characters;
  const auto tags = model(numbers.unsqueeze(0), tenon::tensor({numbers.numel()})).argmax(2)[0].to_vector<int64_t>();
  std::string result = text;
  for (std::size_t k = 0; k < text.size(); ++k)
    if (tags[k] == 1) result[k] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[k])));
  return result;
}

void train(const support::TextSettings& s, const std::string& sentence) {
  support::begin(s);
  const support::Stopwatch total;
  support::Characters characters;
  const Texts texts(support::read_texts(s.text), characters);
  const auto parts = data::random_split(texts, {0.9, 0.1});
  const data::DataLoader loader(parts[0], {.batch_size = s.batch, .shuffle = true}, Pad());
  const data::DataLoader test_loader(parts[1], {.batch_size = 64}, Pad());
  for (const char c : sentence) characters.number(c);
  models::LSTMTagger model(characters.size(), 2, 32, 128);
  optim::Adam optimizer(model.parameters(), {.lr = s.lr});
  optim::OneCycleLR scheduler(optimizer, s.lr, {.total_steps = s.epochs * loader.size()});
  std::vector<training::Curve> curves{{"train", {}, {}}, {"test", {}, {}}};
  fmt::print("{}\n{} texts, {} different characters\nParameters: {}\n\n", model, training::grouped(texts.size()),
             characters.size(), training::grouped(nn::count(model.parameters())));

  const auto loss_of = [&](const Batch& batch) {
    const Tensor scores = model(batch.characters, batch.lengths).flatten(0, 1);  // (B·T, 2)
    return std::pair(nn::functional::cross_entropy(scores, batch.tags.flatten()), scores);
  };
  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    const std::string title = fmt::format("Epoch {}/{}", epoch, s.epochs);
    training::Progress progress(parts[0].size(), {.title = title, .unit = "texts", .plain_seconds = 10});
    tenon::metrics::Mean train_loss, test_loss;
    tenon::metrics::F1Score f1(2);
    model.train();
    for (const Batch& batch : loader) {
      optimizer.zero_grad();
      const Tensor loss = loss_of(batch).first;
      loss.backward();
      nn::utils::clip_grad_norm_(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      train_loss.update(loss.item<double>());
      progress.update(progress.done() + batch.lengths.numel(), fmt::format("loss {:.4f}", train_loss.compute()));
    }
    {
      model.eval();
      const tenon::NoGrad guard;
      for (const Batch& batch : test_loader) {
        const auto [loss, scores] = loss_of(batch);
        test_loss.update(loss.item<double>());
        f1.update(scores, batch.tags.flatten());
      }
    }
    progress.clear();
    fmt::print("{}  train loss {:.4f}  test loss {:.4f}  F1 of capitals {:.4f}  {:.2f} s\n", title,
               train_loss.compute(), test_loss.compute(), f1.per_class()[1].item<double>(), progress.seconds());
    support::check_output();
    support::add_point(curves, epoch, {train_loss.compute(), test_loss.compute()});
    if (!s.chart.empty()) training::save_chart(s.chart, curves, {"Capitals", "epoch", "loss"});
  }
  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);
  fmt::print("\n{}\n{}\n\nTotal time: {:.2f} s\n", sentence, restored(model, sentence, characters), total.seconds());
  support::check_output();
}

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  support::TextSettings s;
  s.epochs = 6;
  s.batch = 16;
  s.lr = 5e-3;
  std::string sentence =
      "in boston i saw donald knuth, who was asked by ibm to write a compiler. he said: \"not on monday.\"";
  CLI::App app("Trains an LSTM in both directions to tell which letters of a text are capitals.");
  support::add_settings(app, s);
  app.add_option("--sentence", sentence, "Give this one its capitals at the end");
  return support::run(app, argc, argv, "train_tagger", [&] { train(s, sentence); });
}
