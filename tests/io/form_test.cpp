// What a file is, is decided by all that is known of it.
#include "io/form.h"

#include <gtest/gtest.h>

#include <sstream>

#include <tenon/tenon.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::form_test {
namespace {

using test::bytes_of;
using test::data;
using test::error_of;
using test::Folder;
using test::has;
using test::read_file;
using test::write_file;
using namespace std::string_literals;

/// A sound safetensors file of one number, whose header is padded to n bytes.
std::string safetensors_of(std::size_t n) {
  std::string header = R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  header.resize(n, ' ');
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(n >> (8 * i));
  return length + header + "\0\0\x80\x3F"s;
}

/// A file of any size that has these bytes first.
class Beginning final : public io::SeekableSource {
 public:
  Beginning(std::string bytes, uint64_t size) : SeekableSource("load", "x"), bytes_(std::move(bytes)) { size_ = size; }

 private:
  void read_some(std::byte* to, std::size_t n) override {
    for (std::size_t i = 0; i < n; ++i, ++at_) to[i] = static_cast<std::byte>(at_ < bytes_.size() ? bytes_[at_] : ' ');
  }
  std::string bytes_;
};

TEST(Form, SafetensorsAreReadWhateverTheLengthOfTheirHeader) {
  for (std::size_t n = 54; n < 54 + 2048; ++n)
    EXPECT_EQ(load(bytes_of(safetensors_of(n)))["w"].as<Tensor>().item<double>(), 1) << n;
  // Lengths that begin as a pickle of each protocol with each instruction behind it does.
  for (std::size_t protocol = 0; protocol <= 5; ++protocol)
    for (std::size_t instruction = 1; instruction < 256; ++instruction) {
      const std::size_t n = 0x80 + (protocol << 8) + (instruction << 16);
      Beginning file(safetensors_of(100).replace(0, 4, reinterpret_cast<const char*>(&n), 4), 8 + n);
      EXPECT_EQ(io::form_of(file), io::Form::safetensors) << n;
    }
  const std::size_t n = 0x80 + (2 << 8) + (']' << 16);
  EXPECT_EQ(load(bytes_of(safetensors_of(n)))["w"].as<Tensor>().item<double>(), 1);
}

TEST(Form, TheLibrarysOwnSafetensorsComeBackAtEveryLengthOfTheirHeader) {
  for (std::size_t n = 1; n < 300; ++n) {
    const Folder folder;
    save(Dict{{std::string(n, 'k'), ones({1})}}, folder("x.safetensors"), {.sync = false});
    EXPECT_EQ(load(folder("x.safetensors")).size(), 1U) << n;
    EXPECT_EQ(load(folder("x.safetensors"), {.mmap = false}).size(), 1U) << n;
  }
}

TEST(Form, ASafetensorsFileThatBeginsAsAnArchiveIsNone) {
  const std::string begin = "PK\x03\x04\0\0\0\0{}"s;  // a header of 0x04034B50 bytes
  Beginning file(begin, 8 + 0x04034B50);
  EXPECT_EQ(io::form_of(file), io::Form::safetensors);
  Beginning cut(begin, 1000);
  EXPECT_EQ(io::form_of(cut), io::Form::safetensors);
  EXPECT_FALSE(io::begins_as_archive(bytes_of(begin)));
  EXPECT_FALSE(io::begins_as_archive(bytes_of("PK\x01\x02"s)));
  EXPECT_TRUE(io::begins_as_archive(bytes_of("PK\x03\x04\x14\0\0\0\0\0"s)));
  Beginning archive("PK\x03\x04\x14\0\0\0\0\0"s, 1000);
  EXPECT_EQ(io::form_of(archive), io::Form::zip);
}

TEST(Form, ASafetensorsFileThatWasCutIsSaidToEndTooEarly) {
  for (const std::size_t n : {0x80U, 0x180U, 0x280U, 0x580U, 0x100U}) {
    const std::string file = safetensors_of(n);
    for (const std::size_t cut : {file.size() - 1, file.size() / 2, std::size_t{9}})
      EXPECT_TRUE(has(error_of([&] { (void)load(bytes_of(file.substr(0, cut))); }), "it ends too early"))
          << n << ' ' << cut;
  }
}

TEST(Form, PicklesThatLookLikeALengthAreRead) {
  // Bytes 3 to 7 are zeros and the next is a brace, as in a safetensors file.
  EXPECT_EQ(load(bytes_of("\x80\x02G\x05\0\0\0\0{\0\0."s)).as<double>(),
            std::bit_cast<double>(uint64_t{0x050000000'07B0000}));
  EXPECT_EQ(load(bytes_of("\x80\x02]."s)).size(), 0U);
}

TEST(Form, OtherFilesAreNamedForWhatTheyAre) {
  const Folder folder;
  const auto said = [&](const std::string& bytes) {
    write_file(folder("x.pt"), bytes);
    const std::string text = error_of([&] { (void)load(folder("x.pt")); });
    EXPECT_TRUE(text.starts_with("[load] " + folder("x.pt") + ": ")) << text;
    EXPECT_EQ(error_of([&] { (void)load(folder("x.pt"), {.mmap = false}); }), text);
    return text;
  };
  const std::string lfs = said(
      "version https://git-lfs.github.com/spec/v1\noid "
      "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
      "size 12345\n");
  EXPECT_TRUE(has(lfs, "Git LFS") && has(lfs, "12345 bytes") && has(lfs, "git lfs pull")) << lfs;
  EXPECT_TRUE(has(said("<!DOCTYPE html><html>"), "web page"));
  EXPECT_TRUE(has(said("\x1F\x8B\x08\0\0\0"s), "gunzip"));
  EXPECT_TRUE(has(said("\x89HDF\r\n\x1A\n"s), "HDF5"));
  EXPECT_TRUE(has(said("GGUF\x03\0\0\0"s), "GGUF"));
  EXPECT_TRUE(has(said(std::string(100, '\0')), "zeros"));
  EXPECT_TRUE(has(said(std::string(257, 'x') + "ustar\0"s + std::string(250, '\0')), "tar archive"));
  EXPECT_TRUE(has(said("epoch,loss\n1,0.5\n"), "text that begins with 'epoch,loss"));
  EXPECT_TRUE(has(said(""), "is empty"));
  EXPECT_TRUE(has(said("\x01\x02\x03"), "is not a checkpoint"));
  EXPECT_TRUE(has(said("{\"a\": 1}"), "no weight_map"));
  EXPECT_TRUE(has(said("{\"a\": 1"), "not any more at byte"));
}

TEST(Form, NumPysFilesAreLoaded) {
  const Tensor x = load(data("f4.npy")).as<Tensor>();
  EXPECT_TRUE(test::identical(x, io::load_npy(data("f4.npy"))));
  const Value archive = load(data("stored.npz")), same = Value(io::load_npz(data("stored.npz")));
  EXPECT_EQ(archive.to_string(), same.to_string());
  EXPECT_EQ(load(data("deflated.npz")).to_string(), Value(io::load_npz(data("deflated.npz"))).to_string());
  EXPECT_EQ(load(data("f4.npy"), {.map_location = kMeta}).as<Tensor>().device(), kMeta);
  EXPECT_TRUE(has(error_of([&] { (void)load(data("objects.npy")); }), "objects.npy: an array of Python objects"));
  EXPECT_TRUE(
      has(error_of([&] { (void)load(bytes_of(read_file(data("f4.npy")) + "x")); }), "more in it than its array"));
}

TEST(Form, NumPysFilesAreSavedByTheirNames) {
  const Folder folder;
  const Tensor x = arange(6).to(float32).view({2, 3});
  save(x, folder("x.npy"));
  io::save_npy(folder("y.npy"), x);
  EXPECT_EQ(read_file(folder("x.npy")), read_file(folder("y.npy")));
  save(Dict{{"a", x}, {"b", ones({2})}}, folder("x.npz"));
  EXPECT_TRUE(test::identical(load(folder("x.npz"))["a"].as<Tensor>(), x));
  EXPECT_TRUE(has(error_of([&] { save(Dict{{"a", x}}, folder("z.npy")); }), "a .npy file holds a tensor, got a dict"));
  EXPECT_TRUE(has(error_of([&] { save(x, folder("z.npz")); }), "dict of tensors"));
  EXPECT_EQ(folder.files(), 3U);
}

TEST(Form, AWholeModuleIsSaidToBeOneAndWhatToDo) {
  for (const std::string name : {"foreign/module.pt", "foreign/module_legacy.pt"}) {
    const std::string said = error_of([&] { (void)load(data(name)); });
    EXPECT_TRUE(has(said, data(name) + ": ") &&
                has(said, "a whole module of the class torch.nn.modules.linear.Linear") &&
                has(said, "torch.save(model.state_dict()"))
        << said;
    EXPECT_TRUE(load(data(name), {.opaque = true}).is<Opaque>());
  }
}

TEST(Form, EveryErrorOfAFileNamesIt) {
  const Folder folder;
  save(Dict{{"w", ones({1})}}, folder("x.pt"));
  const std::string said = error_of([&] { (void)load(folder("x.pt"), {.map_location = "cuda:3"}); });
  EXPECT_TRUE(has(said, folder("x.pt")) && has(said, "cuda:3")) << said;
  EXPECT_TRUE(has(error_of([&] { save(Dict{{"w", Tensor()}}, folder("y.pt")); }), folder("y.pt")));
  EXPECT_TRUE(has(error_of([&] { save(Dict{{"w", 1}}, folder("y.safetensors")); }), folder("y.safetensors")));
  EXPECT_TRUE(has(error_of([&] { io::save_npy(folder("y.npy"), ones({1}).to(bfloat16)); }), folder("y.npy")));
}

}  // namespace
}  // namespace tenon::form_test
