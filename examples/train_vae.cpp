// Trains a variational autoencoder on Fashion-MNIST and draws what it makes up: build/examples/train_vae --help
#include "models/vae.h"
#include "support/options.h"
#include "support/output.h"
#include "support/pictures.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

struct VAESettings : support::ImageSettings {
  std::string samples;
  int64_t latent = 20;
};

void train(const VAESettings& s) {
  support::begin(s);
  const support::Stopwatch total;
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  const data::DataLoader loader(train_set, {.batch_size = s.batch, .shuffle = true});
  const data::DataLoader test_loader(test_set, {.batch_size = 1000});
  models::VAE model(784, 400, s.latent);
  optim::Adam optimizer(model.parameters(), {.lr = s.lr});
  std::vector<training::Curve> curves{{"train", {}, {}}, {"test", {}, {}}};
  fmt::print("{}\nParameters: {}\n\n", model, training::grouped(nn::count(model.parameters())));

  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    const std::string title = fmt::format("Epoch {}/{}", epoch, s.epochs);
    training::Progress progress(train_set.size(), support::of_images(title));
    tenon::metrics::Mean train_loss, test_loss;
    model.train();
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = models::vae_loss(model(x), x);
      loss.backward();
      optimizer.step();
      train_loss.update(loss.item<double>(), static_cast<double>(x.size(0)));
      progress.update(progress.done() + x.size(0), fmt::format("loss {:.2f}", train_loss.compute()));
    }
    {
      model.eval();
      const tenon::NoGrad guard;
      for (auto& [x, y] : test_loader)
        test_loss.update(models::vae_loss(model(x), x).item<double>(), static_cast<double>(x.size(0)));
    }
    progress.clear();
    fmt::print("{}  train loss {:.2f}  test loss {:.2f}  {:.2f} s\n", title, train_loss.compute(), test_loss.compute(),
               progress.seconds());
    support::check_output();
    support::add_point(curves, epoch, {train_loss.compute(), test_loss.compute()});
    if (!s.chart.empty()) training::save_chart(s.chart, curves, {"VAE on Fashion-MNIST", "epoch", "loss (nats)"});
  }
  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);
  if (!s.samples.empty()) {
    const tenon::NoGrad guard;
    support::save_sheet(model.decoder(tenon::randn({100, s.latent})).sigmoid().reshape({100, 1, 28, 28}), 10,
                        s.samples);
  }
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
  support::check_output();
}

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  VAESettings s;
  s.epochs = 10;
  s.batch = 128;
  CLI::App app("Trains a variational autoencoder on the images of Fashion-MNIST.");
  support::add_settings(app, s);
  app.add_option("--latent", s.latent, "Numbers that an image is told by")->check(support::from(1));
  app.add_option("--samples", s.samples, "Draw a hundred images that it makes up here, as PNG");
  return support::run(app, argc, argv, "train_vae", [&] { train(s); });
}
