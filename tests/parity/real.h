#pragma once
// Published models, built in Tenon; each in a file of its own under real/.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/nn/module_base.h>
#include <tenon/value.h>

namespace tenon::parity {

struct RealModel {
  using Named = std::vector<std::pair<std::string, Tensor>>;
  struct Run {
    Named outputs;
    Named wanted;  ///< what gradients are asked for, beside the short parameters: inputs, or what stands for them
  };

  std::shared_ptr<nn::ModuleBase> module;
  /// Takes what the weights files hold, in the order in which the case names them. Nothing may be missing.
  std::function<void(const std::vector<Value>& files)> load;
  /// `inputs`: the case's tensors, under "input." and a name.
  std::function<Run(const Dict& inputs)> run;
};

struct RealCase {
  std::string_view folder;
  std::vector<std::string_view> files;  ///< of weights, by their names in weights/ or in the folder of --data
  RealModel (*build)();
};

RealModel speaker_lstm();
RealModel face_mtcnn();
RealModel thai_conv1d();
RealModel minilm();

}  // namespace tenon::parity
