// Trains a small convolutional network on Fashion-MNIST: build/examples/train_cnn --help
#include "models/small_cnn.h"
#include "support/classifier.h"

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  support::ClassifierSettings s;
  CLI::App app(
      "Trains a small convolutional network with batch normalisation to tell the clothes of Fashion-MNIST apart.");
  support::add_settings(app, s);
  return support::run(app, argc, argv, "train_cnn", [&] {
    support::begin(s);
    models::SmallCNN model;
    support::train_classifier(model, s);
  });
}
