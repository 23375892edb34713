// tenon::save and tenon::load: what goes in comes out, as PyTorch writes it (data/checkpoint/generate.py).
#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include <tenon/tenon.h>

#include "io/files.h"
#include "io/zip.h"
#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::checkpoint_test {
namespace {

using test::bytes_of;
using test::error_of;
using test::Folder;
using test::has;
using test::read_file;
using test::write_file;
using namespace std::string_literals;

Value again(const Value& v, const LoadOptions& options = {}) { return load(save_to_bytes(v), options); }

/// What each record of an archive holds.
std::vector<std::pair<std::string, std::string>> records(const std::string& file) {
  io::ZipReader zip(std::make_unique<io::FileSource>("test", file));
  std::vector<std::pair<std::string, std::string>> all;
  for (const io::ZipEntry& e : zip.entries()) {
    std::string bytes(static_cast<std::size_t>(e.size), '\0');
    zip.open(e)->read(bytes.data(), bytes.size());
    all.emplace_back(e.name, std::move(bytes));
  }
  return all;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  const Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.dtype() == y.dtype() && x.shape() == y.shape() &&
         (x.nbytes() == 0 || std::memcmp(x.raw_data(), y.raw_data(), static_cast<std::size_t>(x.nbytes())) == 0);
}

TEST(Checkpoint, WhatPyTorchWritesAtTheEdgesOfItsRulesIsWrittenTheSame) {
  const Folder folder;
  for (const std::string name : {"lists.pt", "dicts.pt", "ordered_dicts.pt", "memo.pt", "kinds.pt", "tensors.pt"}) {
    const std::string file = test::tests_folder() + "/io/data/checkpoint/" + name;
    save(load(file), folder(name));
    auto written = records(folder(name)), original = records(file);
    ASSERT_EQ(written.size(), original.size()) << name;
    for (std::size_t i = 0; i + 1 < written.size(); ++i)  // the last one is the serialization id
      EXPECT_EQ(written[i], original[i]) << name << ": " << written[i].first;
    EXPECT_EQ(read_file(folder(name)).size(), read_file(file).size()) << name;
  }
}

TEST(Checkpoint, EveryKindOfValueComesBack) {
  const Value v = Dict{{"none", Value()},
                       {"list", Value::List{true, -1, int64_t{1} << 40, 0.5, "naïve"}},
                       {"tuple", Tuple{{1, Tuple{}, Tuple{{2}}}}},
                       {"set", Set{{1, "a"}}},
                       {"bytes", Bytes{std::string("\0\xff", 2)}},
                       {"no_bytes", Bytes{}},
                       {"size", Shape{2, 3}},
                       {"dtype", bfloat16},
                       {"device", Device("cuda:1")},
                       {"complex", std::complex<double>(1, -2)},
                       {5, "int key"},
                       {Key(Value(Tuple{{1, 2}})), "tuple key"},
                       {"dict", Dict{{"a", Dict()}}}};
  const Value back = again(v);
  EXPECT_TRUE(back.equals(v)) << back.to_string();
  EXPECT_EQ(back.to_string(), v.to_string());
  EXPECT_TRUE(again(Value()).is_none());
}

TEST(Checkpoint, EveryTypeOfTensorComesBack) {
  std::vector<DType> types = test::all_types;
  types.insert(types.end(), test::carried_types.begin(), test::carried_types.end());
  Dict d;
  for (const DType t : types)
    d.set(std::string(name(t)), is_complex(t) ? zeros({3}, {.dtype = t}) : tensor({0, 1, 1}).to(t));
  const Value back = again(d);
  for (const auto& [key, x] : d) EXPECT_TRUE(same_bytes(back[key].as<Tensor>(), x.as<Tensor>())) << key.to_string();
}

TEST(Checkpoint, ViewsKeepTheirStridesOffsetsAndWhatTheyShare) {
  const Tensor x = arange(60).to(float32).view({3, 4, 5});
  const Dict d{{"whole", x},
               {"transposed", x.transpose(0, 2)},
               {"part", x[Slice(1, 3)].select(1, 2)},
               {"row", x[0][0].expand({3, 5})},
               {"other", x.clone()},
               {"empty", empty({0, 3})}};
  for (const bool mapped : {true, false}) {
    const Folder folder;
    save(d, folder("x.pt"));
    const Value back = load(folder("x.pt"), {.mmap = mapped});
    for (const auto& [key, value] : d) {
      const auto &before = value.as<Tensor>(), &after = back[key].as<Tensor>();
      EXPECT_EQ(after.strides(), before.strides()) << key.to_string();
      EXPECT_EQ(after.storage_offset(), before.storage_offset()) << key.to_string();
      EXPECT_TRUE(same_bytes(after, before)) << key.to_string();
      EXPECT_EQ(after.shares_storage_with(back["whole"].as<Tensor>()), before.shares_storage_with(x))
          << key.to_string();
    }
    back["whole"].as<Tensor>().fill_(7);
    EXPECT_EQ(back["row"].as<Tensor>()[2][4].item<float>(), 7);
    EXPECT_EQ(load(folder("x.pt"))["whole"].as<Tensor>()[0][0][1].item<float>(), 1);  // the file stays as it is
  }
}

TEST(Checkpoint, ATensorWithoutElementsMayBeginBeyondItsStorage) {
  const Tensor x = empty({2, 0, 3})[Slice(1, {})];
  ASSERT_EQ(x.storage_offset(), 3);
  EXPECT_EQ(again(x).as<Tensor>().storage_offset(), 3);
  EXPECT_EQ(again(x).as<Tensor>()[0].shape(), (Shape{0, 3}));
}

TEST(Checkpoint, OneMemoryReadAsTwoTypesIsKept) {
  const Tensor x = arange(4).to(float32);
  const Value back = again(Dict{{"floats", x}, {"bits", x.view(int32)}});
  EXPECT_TRUE(same_bytes(back["bits"].as<Tensor>(), x.view(int32)));
  EXPECT_TRUE(back["bits"].as<Tensor>().shares_storage_with(back["floats"].as<Tensor>()));
}

TEST(Checkpoint, ParametersLeavesAndMetaTensorsStayWhatTheyAre) {
  const Dict d{{"parameter", nn::Parameter(ones({2}))},
               {"frozen", nn::Parameter(ones({2}), {.requires_grad = false})},
               {"leaf", ones({2}, {.requires_grad = true})},
               {"meta", empty({2, 3}, {.dtype = float16, .device = kMeta}).t()}};
  const Value back = again(d);
  EXPECT_TRUE(back["parameter"].is<nn::Parameter>() && back["parameter"].as<Tensor>().requires_grad());
  EXPECT_TRUE(back["frozen"].is<nn::Parameter>() && !back["frozen"].as<Tensor>().requires_grad());
  EXPECT_TRUE(!back["leaf"].is<nn::Parameter>() && back["leaf"].as<Tensor>().requires_grad());
  const Tensor meta = back["meta"].as<Tensor>();
  EXPECT_TRUE(meta.is_meta());
  EXPECT_EQ(meta.shape(), (Shape{3, 2}));
  EXPECT_EQ(meta.strides(), (Shape{1, 3}));
}

TEST(Checkpoint, ObjectsNamedTwiceComeBackAsOne) {
  const Value list = Value::List{1};
  const Tensor x = ones({2});
  const Value back = again(Dict{{"a", list}, {"b", list}, {"x", x}, {"y", x}, {"copy", Value::List{1}}});
  const Dict& d = back.as<Dict>();
  EXPECT_EQ(d["a"].identity(), d["b"].identity());
  EXPECT_EQ(d["x"].identity(), d["y"].identity());
  EXPECT_NE(d["a"].identity(), d["copy"].identity());
}

struct Net : nn::Module<Net> {
  nn::Linear in{4, 8}, out{8, 2};
  nn::LayerNorm norm{8};
  Tensor forward(const Tensor& x) { return out(norm(in(x))); }
  TENON_MODULE(Net, in, out, norm)
};

void train(Net& net, optim::Optimizer& optimizer, optim::LRScheduler& scheduler) {
  for (int i = 0; i < 3; ++i) {
    optimizer.zero_grad();
    net(randn({5, 4})).square().mean().backward();
    optimizer.step();
    scheduler.step();
  }
}

TEST(Checkpoint, TrainingGoesOnAsIfItHadNeverStopped) {
  const Folder folder;
  manual_seed(1);
  Net net;
  optim::Adam optimizer(net.parameters(), {.lr = 1e-2, .amsgrad = true});
  optim::CosineAnnealingLR scheduler(optimizer, 10);
  train(net, optimizer, scheduler);
  save(Dict{{"epoch", 3},
            {"model_state_dict", net.state_dict()},
            {"optimizer_state_dict", optimizer.state_dict()},
            {"scheduler_state_dict", scheduler.state_dict()},
            {"loss", 0.5},
            {"rng_state", random::get_state()}},
       folder("checkpoint.pt"));
  train(net, optimizer, scheduler);

  manual_seed(2);
  Net other;
  optim::Adam its_optimizer(other.parameters(), {.lr = 1e-2, .amsgrad = true});
  optim::CosineAnnealingLR its_scheduler(its_optimizer, 10);
  auto checkpoint = load(folder("checkpoint.pt"));
  other.load_state_dict(checkpoint["model_state_dict"]);
  its_optimizer.load_state_dict(checkpoint["optimizer_state_dict"]);
  its_scheduler.load_state_dict(checkpoint["scheduler_state_dict"]);
  random::set_state(checkpoint["rng_state"]);
  EXPECT_EQ(checkpoint["epoch"].as<int64_t>() + 1, 4);
  train(other, its_optimizer, its_scheduler);
  const Dict a = net.state_dict(), b = other.state_dict();
  for (const auto& [key, value] : a)
    EXPECT_TRUE(same_bytes(value.as<Tensor>(), b[key].as<Tensor>())) << key.to_string();
  EXPECT_EQ(Value(*load(folder("checkpoint.pt"))["model_state_dict"].as<Dict>().metadata()).to_string(),
            Value(*a.metadata()).to_string());
}

TEST(Checkpoint, TheFormIsTheContentsNotTheNames) {
  const Folder folder;
  const Dict d{{"w", ones({2})}};
  save(d, folder("a.safetensors"));
  EXPECT_EQ(read_file(folder("a.safetensors"))[8], '{');
  std::filesystem::rename(folder("a.safetensors"), folder("a.pt"));
  EXPECT_TRUE(same_bytes(load(folder("a.pt"))["w"].as<Tensor>(), ones({2})));
  EXPECT_TRUE(same_bytes(load(bytes_of(read_file(folder("a.pt"))))["w"].as<Tensor>(), ones({2})));
  EXPECT_TRUE(has(error_of([&] { save(Value(3), folder("b.safetensors")); }), "dict of tensors"));
  EXPECT_EQ(folder.files(), 1U);
}

TEST(Checkpoint, TheFolderInTheArchiveIsTheFilesStemAndForStreamsArchive) {
  const Folder folder;
  save(Dict(), folder("with space.v2.name.pt"));
  EXPECT_EQ(records(folder("with space.v2.name.pt"))[0].first, "with space.v2.name/data.pkl");
  std::ostringstream stream;
  save(Dict(), stream);
  write_file(folder("stream"), stream.str());
  EXPECT_EQ(records(folder("stream"))[0].first, "archive/data.pkl");
  const auto bytes = save_to_bytes(Dict());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), stream.str());
}

TEST(Checkpoint, MapLocationTakesADeviceAMapOrAFunction) {
  const Value v = Dict{{"w", ones({2})}};
  const auto place = [&](const LoadOptions& options) { return again(v, options)["w"].as<Tensor>().device(); };
  EXPECT_EQ(place({.map_location = "cpu"}), kCPU);
  EXPECT_EQ(place({.map_location = kMeta}), kMeta);
  EXPECT_EQ(place({.map_location = {{"cpu", "meta"}}}), kMeta);
  EXPECT_EQ(place({.map_location = {{"cuda:0", "cuda:1"}}}), kCPU);
  EXPECT_EQ(place({.map_location = [](const std::string& location) { return location == "cpu" ? kMeta : kCPU; }}),
            kMeta);
  EXPECT_TRUE(has(error_of([&] { (void)place({.map_location = "cuda:3"}); }), "cuda:3"));
}

TEST(Checkpoint, TensorsThatCannotBeReadAtTheirPlaceAreCopies) {
  const std::vector<std::byte> bytes = save_to_bytes(Dict{{"w", arange(5).to(float64)}});
  Value back;
  {
    const std::vector<std::byte> shifted = bytes;
    back = load(shifted);
  }
  EXPECT_TRUE(same_bytes(back["w"].as<Tensor>(), arange(5).to(float64)));
}

TEST(Checkpoint, ALargeTensorsChecksumIsComparedWhenAsked) {
  const Folder folder;
  save(Dict{{"w", zeros({1 << 19})}}, folder("x.pt"));  // 2 MiB
  std::string bytes = read_file(folder("x.pt"));
  bytes[bytes.size() / 2] ^= 1;
  write_file(folder("x.pt"), bytes);
  EXPECT_EQ(load(folder("x.pt"))["w"].as<Tensor>().numel(), 1 << 19);
  EXPECT_TRUE(has(error_of([&] { (void)load(folder("x.pt"), {.verify = true}); }), "checksum"));
}

TEST(Checkpoint, WhatHasNoPlaceInAFileIsNamedWithItsKey) {
  const Folder folder;
  const std::string said = error_of([&] { save(Dict{{"a", Value::List{1, Tensor()}}}, folder("x.pt")); });
  EXPECT_TRUE(has(said, "undefined") && has(said, "['a'][1]")) << said;
  EXPECT_NE(error_of([&] { save(Value("\xFF"), folder("x.pt")); }), "");
  Value deep;
  for (int i = 0; i < 5000; ++i) deep = Value::List{std::move(deep)};
  EXPECT_TRUE(has(error_of([&] { save(deep, folder("x.pt")); }), "levels deep"));
  EXPECT_NE(error_of([&] { save(Dict(), folder("none/x.pt")); }), "");
  EXPECT_EQ(folder.files(), 0U);
}

TEST(Checkpoint, OpaqueObjectsAreWrittenBackAsTheyWere) {
  const std::string pickle = "\x80\x02}(X\x01\0\0\0acmy\nConfig\nK\x05\x85R}X\x01\0\0\0nK\x01sbX\x01\0\0\0wK\x02u."s;
  const Value v = load(bytes_of(pickle), {.opaque = true});
  EXPECT_NE(error_of([&] { (void)again(v); }), "");
  EXPECT_EQ(again(v, {.opaque = true}).to_string(), v.to_string());
  EXPECT_EQ(again(v, {.opaque = true})["a"].as<Opaque>().state.at(0)["n"].as<int>(), 1);
}

TEST(Checkpoint, EveryCutAndEveryFlippedByteIsAnErrorOrAValue) {
  const auto whole =
      save_to_bytes(Dict{{"w", ones({3})}, {"b", true}, {"t", Tuple{{zeros({2}, {.dtype = boolean}), "x"}}}});
  for (std::size_t n = 0; n < whole.size(); n += 3)
    EXPECT_NE(error_of([&] { (void)load(std::span(whole).first(n)); }), "") << n;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int bit : {0x01, 0x80}) {
      auto bytes = whole;
      bytes[i] ^= static_cast<std::byte>(bit);
      try {
        (void)load(bytes).to_string();
      } catch (const Error&) {
      }
    }
}

TEST(Checkpoint, ABoolOfAnyOtherByteIsTrue) {
  std::vector<std::byte> bytes = save_to_bytes(Dict{{"m", ones({1}, {.dtype = boolean})}});
  // The record's checksum goes as well: 0 says that there is none.
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto name = text.find("archive/data/0");
  const auto at = name + 14 + static_cast<std::size_t>(bytes[name - 2]);  // after the extra field
  ASSERT_EQ(bytes[at], std::byte{1});
  bytes[at] = std::byte{5};
  const auto entry = text.rfind("archive/data/0") - 46 + 16;
  for (std::size_t i = 0; i < 4; ++i) bytes[entry + i] = std::byte{};
  const Value back = load(bytes);
  EXPECT_EQ(*static_cast<const uint8_t*>(back["m"].as<Tensor>().raw_data()), 1);
}

}  // namespace
}  // namespace tenon::checkpoint_test
