// facenet-pytorch's face detector: three small convolutional networks, one after the other in use, apart here.
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "real.h"

namespace tenon::parity {
namespace {

nn::functional::MaxPoolOptions<2> halves() { return {.stride = 2, .ceil_mode = true}; }

/// (N, C, H, W) → (N, W·H·C), as the original's column-major network has it.
Tensor columns(const Tensor& x) { return x.permute({0, 3, 2, 1}).flatten(1); }

struct Proposal : nn::Module<Proposal> {
  nn::Conv2d conv1{3, 10, 3};
  nn::PReLU prelu1{10};
  nn::MaxPool2d pool1{2, halves()};
  nn::Conv2d conv2{10, 16, 3};
  nn::PReLU prelu2{16};
  nn::Conv2d conv3{16, 32, 3};
  nn::PReLU prelu3{32};
  nn::Conv2d conv4_1{32, 2, 1};
  nn::Softmax softmax4_1{1};
  nn::Conv2d conv4_2{32, 4, 1};

  RealModel::Named forward(const Tensor& image) {
    const Tensor x = prelu3(conv3(prelu2(conv2(pool1(prelu1(conv1(image)))))));
    return {{"p.box", conv4_2(x)}, {"p.face", softmax4_1(conv4_1(x))}};
  }
  TENON_MODULE(Proposal, conv1, prelu1, pool1, conv2, prelu2, conv3, prelu3, conv4_1, softmax4_1, conv4_2)
};

struct Refinement : nn::Module<Refinement> {
  nn::Conv2d conv1{3, 28, 3};
  nn::PReLU prelu1{28};
  nn::MaxPool2d pool1{3, halves()};
  nn::Conv2d conv2{28, 48, 3};
  nn::PReLU prelu2{48};
  nn::MaxPool2d pool2{3, halves()};
  nn::Conv2d conv3{48, 64, 2};
  nn::PReLU prelu3{64};
  nn::Linear dense4{576, 128};
  nn::PReLU prelu4{128};
  nn::Linear dense5_1{128, 2};
  nn::Softmax softmax5_1{1};
  nn::Linear dense5_2{128, 4};

  RealModel::Named forward(const Tensor& image) {
    const Tensor maps = prelu3(conv3(pool2(prelu2(conv2(pool1(prelu1(conv1(image))))))));
    const Tensor x = prelu4(dense4(columns(maps)));
    return {{"r.box", dense5_2(x)}, {"r.face", softmax5_1(dense5_1(x))}};
  }
  TENON_MODULE(Refinement, conv1, prelu1, pool1, conv2, prelu2, pool2, conv3, prelu3, dense4, prelu4, dense5_1,
               softmax5_1, dense5_2)
};

struct Output : nn::Module<Output> {
  nn::Conv2d conv1{3, 32, 3};
  nn::PReLU prelu1{32};
  nn::MaxPool2d pool1{3, halves()};
  nn::Conv2d conv2{32, 64, 3};
  nn::PReLU prelu2{64};
  nn::MaxPool2d pool2{3, halves()};
  nn::Conv2d conv3{64, 64, 3};
  nn::PReLU prelu3{64};
  nn::MaxPool2d pool3{2, halves()};
  nn::Conv2d conv4{64, 128, 2};
  nn::PReLU prelu4{128};
  nn::Linear dense5{1152, 256};
  nn::PReLU prelu5{256};
  nn::Linear dense6_1{256, 2};
  nn::Softmax softmax6_1{1};
  nn::Linear dense6_2{256, 4}, dense6_3{256, 10};

  RealModel::Named forward(const Tensor& image) {
    const Tensor maps = pool3(prelu3(conv3(pool2(prelu2(conv2(pool1(prelu1(conv1(image)))))))));
    const Tensor x = prelu5(dense5(columns(prelu4(conv4(maps)))));
    return {{"o.box", dense6_2(x)}, {"o.points", dense6_3(x)}, {"o.face", softmax6_1(dense6_1(x))}};
  }
  TENON_MODULE(Output, conv1, prelu1, pool1, conv2, prelu2, pool2, conv3, prelu3, pool3, conv4, prelu4, dense5, prelu5,
               dense6_1, softmax6_1, dense6_2, dense6_3)
};

struct Detector : nn::Module<Detector> {
  Proposal p;
  Refinement r;
  Output o;
  TENON_MODULE(Detector, p, r, o)
};

}  // namespace

RealModel face_mtcnn() {
  const auto model = std::make_shared<Detector>();
  return {model,
          [model](const std::vector<Value>& files) {
            model->p.load_state_dict(files.at(0));
            model->r.load_state_dict(files.at(1));
            model->o.load_state_dict(files.at(2));
          },
          [model](const Dict& data) -> RealModel::Run {
            RealModel::Run run;
            const auto add = [&](const std::string& name, auto& net) {
              const Tensor image = data["input." + name].as<Tensor>().clone().requires_grad_();
              run.wanted.emplace_back(name, image);
              for (auto& output : net(image)) run.outputs.push_back(output);
            };
            add("p", model->p);
            add("r", model->r);
            add("o", model->o);
            return run;
          }};
}

}  // namespace tenon::parity
