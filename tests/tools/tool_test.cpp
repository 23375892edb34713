// The command `tenon`: what it prints, what it writes, and its exit codes.
#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>

#include <nlohmann/json.hpp>

#include <tenon/io/checkpoint.h>

#include "io/files.h"
#include "tensor/check.h"
#include "tests_folder.h"
#include "tools/run.h"

namespace tenon {
namespace {

using test::Folder;
using test::quoted;
using test::read_file;
using test::Result;
using test::run;
using test::write_file;

/// A state dict with tied weights, a view and a half type.
Dict state() {
  const Tensor tied = arange(6).to(float32).view({2, 3}), whole = arange(10).to(float32);
  Dict dict{{"module.emb.weight", tied},
            {"module.head.weight", tied},
            {"module.part", whole.narrow(0, 2, 3)},
            {"module.half", ones({4}).to(float16)}};
  dict.set_metadata(
      {{"", Dict{{"version", 1}}}, {"module", Dict{{"version", 1}}}, {"module.emb", Dict{{"version", 2}}}});
  return dict;
}

Dict checkpoint() {
  return Dict{{"epoch", 3}, {"model", state()}, {"lr", Value::List{0.5, 0.25}}, {"note", "good"}, {"nothing", Value()}};
}

TEST(Tool, InspectShowsTheTreeTypesSizesSharingAndTotals) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const Result r = run("inspect " + quoted(folder("a.pt")));
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.error, "");
  EXPECT_EQ(r.out.substr(r.out.find('\n') + 1),
            "epoch                 int                   3\n"
            "model                 dict                  4 entries\n"
            "  module.emb.weight   float32 [2, 3]  24 B\n"
            "  module.head.weight  float32 [2, 3]  24 B  the same as model.module.emb.weight\n"
            "  module.part         float32 [3]     12 B  part of 40 B\n"
            "  module.half         float16 [4]      8 B\n"
            "lr                    list                  2 items\n"
            "  0                   float                 0.5\n"
            "  1                   float                 0.25\n"
            "note                  str                   'good'\n"
            "nothing               NoneType              None\n"
            "4 tensors, 19 elements, 68 B, in 3 blocks of memory of 72 B\n");
}

TEST(Tool, InspectAsJsonIsForPrograms) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const Result r = run("inspect --json " + quoted(folder("a.pt")));
  EXPECT_EQ(r.code, 0);
  const auto json = nlohmann::json::parse(r.out);
  EXPECT_EQ(json["file_bytes"], std::filesystem::file_size(folder("a.pt")));
  EXPECT_EQ(json["entries"][0], nlohmann::json::parse(R"({"path": "epoch", "type": "int", "value": 3})"));
  EXPECT_EQ(json["entries"][1], nlohmann::json::parse(R"({"path": "model", "type": "dict", "size": 4})"));
  EXPECT_EQ(json["entries"][4],
            nlohmann::json::parse(
                R"({"path": "model.module.part", "type": "tensor", "dtype": "float32", "shape": [3], "strides": [1],
                                                          "offset": 2, "bytes": 12, "storage": 1, "requires_grad": false})"));
  EXPECT_EQ(json["totals"], nlohmann::json::parse(
                                R"({"tensors": 4, "elements": 19, "bytes": 68, "storages": 3, "storage_bytes": 72})"));
}

TEST(Tool, InspectShowsASingleTensorAndASafetensorsFilesTexts) {
  const Folder folder;
  save(ones({2, 2}), folder("a.pt"));
  EXPECT_NE(run("inspect " + quoted(folder("a.pt"))).out.find("(the whole file)  float32 [2, 2]  16 B\n"),
            std::string::npos);
  Dict dict{{"x", ones(2)}};
  dict.set_metadata({{"format", "pt"}});
  save(dict, folder("a.safetensors"));
  EXPECT_EQ(nlohmann::json::parse(run("inspect --json " + quoted(folder("a.safetensors"))).out)["metadata"]["format"],
            "pt");
}

TEST(Tool, ColorsAreForTerminals) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const std::string file = quoted(folder("a.pt")), escape = "\x1b[";
  EXPECT_EQ(run("inspect " + file).out.find(escape), std::string::npos);
  EXPECT_EQ(run("inspect --color never " + file).out.find(escape), std::string::npos);
  EXPECT_NE(run("inspect --color always " + file).out.find(escape), std::string::npos);
  EXPECT_NE(run("--color always inspect " + file, "NO_COLOR=1").out.find(escape), std::string::npos);
  EXPECT_EQ(run("inspect --color pink " + file).code, 2);
}

TEST(Tool, WhatWouldSteerATerminalIsShownAndNotDone) {
  const Folder folder;
  save(Dict{{"a\x1b[2Jb\n\xc2\x9b", "\x1b]0;title\x07"}}, folder("a.pt"));
  const std::string out = run("inspect " + quoted(folder("a.pt"))).out;
  EXPECT_NE(out.find("a\\x1b[2Jb\\x0a\\xc2\\x9b"), std::string::npos) << out;
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_EQ(out.find('\x07'), std::string::npos);
}

TEST(Tool, DiffOfTheSameIsSilent) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  save(checkpoint(), folder("b.pt"));
  const Result r = run("diff " + quoted(folder("a.pt")) + " " + quoted(folder("b.pt")));
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.out + r.error, "");
}

TEST(Tool, DiffNamesWhatDiffers) {
  const Folder folder;
  const Tensor x = arange(6).to(float32).view({2, 3}), changed = x.clone();
  changed.data<float>()[1] = 1.5F;
  changed.data<float>()[5] = 3.0F;
  save(Dict{{"gone", ones(2)},
            {"type", x},
            {"shape", x},
            {"values", x},
            {"same", full({2}, test::nan)},
            {"n", 3},
            {"text", "a"},
            {"kind", 1}},
       folder("a.pt"));
  save(Dict{{"type", x.to(float16)},
            {"shape", x.t()},
            {"values", changed},
            {"same", full({2}, test::nan)},
            {"n", 4},
            {"text", "b"},
            {"kind", Value::List{1}},
            {"new", Value()}},
       folder("b.pt"));
  const Result r = run("diff a.pt b.pt", "cd " + quoted(folder("")) + " &&");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.error, "");
  EXPECT_EQ(r.out,
            "- gone  float32 [2]\n"
            "~ kind  1 | list\n"
            "~ n  3 | 4\n"
            "~ shape  float32 [2, 3] | float32 [3, 2]\n"
            "~ text  'a' | 'b'\n"
            "~ type  float32 [2, 3] | float16 [2, 3]\n"
            "~ values  float32 [2, 3]: 2 of 6 elements differ, by 2 at most, at [1, 2]: 5 | 3\n"
            "+ kind.0  int\n"
            "+ new  NoneType\n"
            "1 only in a.pt, 2 only in b.pt, 6 differ, 1 the same\n");
  EXPECT_EQ(run("diff -q a.pt b.pt", "cd " + quoted(folder("")) + " &&").out, "");
}

TEST(Tool, AQuietDiffIsDecidedByTheHeadersWhereTheyDiffer) {
  const Folder folder;
  save(Dict{{"x", zeros({3})}, {"y", zeros({3})}}, folder("a.safetensors"));
  save(Dict{{"x", zeros({3})}, {"y", zeros({4})}}, folder("b.safetensors"));
  // Behind the header 40 MB that are not there: a file with a hole.
  const auto with_hole = [&](const char* name, const std::string& shape) {
    std::string header = R"({"w":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[0,40000000]}})";
    std::string length(8, '\0');
    length[0] = static_cast<char>(header.size());
    write_file(folder(name), length + header);
    std::filesystem::resize_file(folder(name), 8 + header.size() + 40'000'000);
  };
  with_hole("c.safetensors", "40000000");
  with_hole("d.safetensors", "40000,1000");
  const auto quiet = [&](const std::string& a, const std::string& b) {
    return run("diff -q " + quoted(folder(a)) + " " + quoted(folder(b)));
  };
  EXPECT_EQ(quiet("a.safetensors", "b.safetensors").code, 1);
  EXPECT_EQ(quiet("a.safetensors", "a.safetensors").code, 0);
  EXPECT_EQ(quiet("c.safetensors", "c.safetensors").code, 0);
  EXPECT_EQ(quiet("c.safetensors", "d.safetensors").code, 1);
  EXPECT_EQ(quiet("c.safetensors", "d.safetensors").out, "");
}

TEST(Tool, DiffAllowsWhatItIsToldTo) {
  const Folder folder;
  save(Dict{{"x", full({3}, 100.0)}, {"n", 1.0}}, folder("a.pt"));
  save(Dict{{"x", full({3}, 101.0)}, {"n", 1.01}}, folder("b.pt"));
  const std::string files = quoted(folder("a.pt")) + " " + quoted(folder("b.pt"));
  EXPECT_EQ(run("diff " + files).code, 1);
  EXPECT_EQ(run("diff --atol 0.5 " + files).code, 1);
  EXPECT_EQ(run("diff --atol 1 " + files).code, 0);
  EXPECT_EQ(run("diff --rtol 0.01 " + files).code, 0);
  EXPECT_EQ(run("diff --rtol 0.0001 " + files).code, 1);
}

TEST(Tool, DiffIsExactForIntegersOf64Bits) {
  const Folder folder;
  save(Dict{{"x", tensor(std::vector<int64_t>{(int64_t{1} << 62) + 1})}}, folder("a.pt"));
  save(Dict{{"x", tensor(std::vector<int64_t>{int64_t{1} << 62})}}, folder("b.pt"));
  EXPECT_EQ(run("diff " + quoted(folder("a.pt")) + " " + quoted(folder("b.pt"))).code, 1);
}

TEST(Tool, DiffComparesFilesOfBothKindsAndTypesThatAreOnlyCarried) {
  const Folder folder;
  const Dict dict{{"c", arange(4).to(complex64)}, {"f", arange(4).to(float8_e4m3fn)}, {"u", arange(4).to(uint64)}};
  save(dict, folder("a.pt"));
  save(dict, folder("a.safetensors"));
  EXPECT_EQ(run("diff " + quoted(folder("a.pt")) + " " + quoted(folder("a.safetensors"))).code, 0);
  save(
      Dict{{"c", (arange(4) + 1).to(complex64)}, {"f", arange(4).to(float8_e4m3fn)}, {"u", (arange(4) * 2).to(uint64)}},
      folder("b.pt"));
  const Result r = run("diff " + quoted(folder("a.pt")) + " " + quoted(folder("b.pt")));
  EXPECT_NE(r.out.find("~ c  complex64 [4]: 4 of 4 elements differ, by 1 at most, at [0]: 0+0j | 1+0j\n"),
            std::string::npos)
      << r.out;
  EXPECT_NE(r.out.find("~ u  uint64 [4]: 3 of 4 elements differ, by 3 at most, at [3]: 3 | 6\n"), std::string::npos)
      << r.out;
}

TEST(Tool, ConvertTakesOneDictAndRenamesItsKeys) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const Result r = run("convert --key model --strip module --rename emb=embedding " + quoted(folder("a.pt")) + " " +
                       quoted(folder("b.pt")));
  EXPECT_EQ(r.code, 0) << r.error;
  EXPECT_EQ(r.out + r.error, "");
  const Value b = load(folder("b.pt"));
  const Dict& dict = b.as<Dict>();
  EXPECT_EQ(fmt::format("{}", *dict.metadata()), "{'': {'version': 1}, 'embedding': {'version': 2}}");
  EXPECT_TRUE(test::identical(dict["embedding.weight"].as<Tensor>(), arange(6).to(float32).view({2, 3})));
  EXPECT_EQ(dict["embedding.weight"].as<Tensor>().raw_data(),
            dict["head.weight"].as<Tensor>().raw_data());  // still tied
  EXPECT_EQ(dict.size(), 4U);
}

TEST(Tool, ConvertChangesFormAndType) {
  const Folder folder;
  save(Dict{{"x", arange(3).to(float32)}, {"n", arange(2)}}, folder("a.pt"));
  EXPECT_EQ(run("convert --dtype bfloat16 " + quoted(folder("a.pt")) + " " + quoted(folder("b.safetensors"))).code, 0);
  const Value b = load(folder("b.safetensors"));
  EXPECT_TRUE(test::identical(b["x"].as<Tensor>(), arange(3).to(bfloat16)));
  EXPECT_TRUE(test::identical(b["n"].as<Tensor>(), arange(2)));
  EXPECT_EQ(b.as<Dict>().metadata()->find("format")->as<std::string>(), "pt");
  EXPECT_EQ(run("convert " + quoted(folder("b.safetensors")) + " " + quoted(folder("c.pt"))).code, 0);
  const Value c = load(folder("c.pt"));
  EXPECT_TRUE(test::identical(c["x"].as<Tensor>(), arange(3).to(bfloat16)));
  EXPECT_EQ(c.as<Dict>().metadata(), nullptr);
}

TEST(Tool, ConvertMakesViewsCompactAndKeepsTies) {
  const Folder folder;
  const Tensor whole = arange(1000).to(float32), part = whole.narrow(0, 10, 5), frozen = ones(2);
  save(Dict{{"part", part}, {"list", Value::List{part, nn::Parameter(frozen, {.requires_grad = false})}}},
       folder("a.pt"));
  EXPECT_EQ(run("convert --compact " + quoted(folder("a.pt")) + " " + quoted(folder("b.pt"))).code, 0);
  const Value b = load(folder("b.pt"));
  const Tensor x = b["part"].as<Tensor>(), y = b["list"][0].as<Tensor>();
  EXPECT_TRUE(test::identical(x, part));
  EXPECT_EQ(x.impl()->storage->nbytes, 20);
  EXPECT_EQ(x.raw_data(), y.raw_data());
  ASSERT_TRUE(b["list"][1].is<nn::Parameter>());
  EXPECT_FALSE(b["list"][1].as<Tensor>().requires_grad());
}

TEST(Tool, ConvertRefusesWhatMakesNoSense) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const auto refused = [&](const std::string& options, const std::string& to = "b.pt") {
    const Result r = run("convert " + options + " " + quoted(folder("a.pt")) + " " + quoted(folder(to)));
    EXPECT_EQ(r.code, 2) << options;
    EXPECT_FALSE(std::filesystem::exists(folder(to)));
    return r.error;
  };
  EXPECT_NE(refused("", "b.safetensors").find("expected a tensor for the key 'epoch', found int"), std::string::npos);
  EXPECT_EQ(refused("--key missing"), "tenon: " + folder("a.pt") + ": there is no key 'missing' in it\n");
  EXPECT_EQ(refused("--rename missing=x"), "tenon: no key begins with 'missing'\n");
  EXPECT_EQ(refused("--rename x"), "tenon: --rename takes FROM=TO, got x\n");
  EXPECT_EQ(refused("--rename epoch=lr"), "tenon: two entries would have the key 'lr'\n");
  EXPECT_EQ(refused("--dtype int8"), "tenon: --dtype takes a floating-point type, got int8\n");
}

TEST(Tool, ConvertDoesNotWriteOverItsOwnFileUnasked) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  std::filesystem::create_symlink("a.pt", folder("link.pt"));
  std::filesystem::create_hard_link(folder("a.pt"), folder("same.pt"));
  const std::string before = read_file(folder("a.pt"));
  for (const std::string to : {"a.pt", "link.pt", "same.pt"}) {
    const Result r = run("convert --key model a.pt " + to, "cd " + quoted(folder("")) + " &&");
    EXPECT_EQ(r.code, 2);
    EXPECT_NE(r.error.find("--force"), std::string::npos) << r.error;
    EXPECT_EQ(read_file(folder("a.pt")), before);
  }
  EXPECT_EQ(run("convert --force --key model " + quoted(folder("a.pt")) + " " + quoted(folder("a.pt"))).code, 0);
  EXPECT_EQ(load(folder("same.pt")).size(), 4U);
}

TEST(Tool, AllCommandsReadWhatLoadReads) {
  const Folder folder;
  const std::string foreign = test::tests_folder() + "/io/data/";
  EXPECT_NE(run("inspect " + quoted(foreign + "stored.npz")).out.find("float"), std::string::npos);
  EXPECT_NE(run("inspect " + quoted(foreign + "f4.npy")).out.find("(the whole file)  float32"), std::string::npos);
  EXPECT_NE(run("inspect " + quoted(foreign + "foreign/script.pt")).out.find("part.lin.weight"), std::string::npos);
  EXPECT_EQ(run("diff " + quoted(foreign + "foreign/script.pt") + " " + quoted(foreign + "foreign/state.pt")).code, 0);
  EXPECT_EQ(run("verify " + quoted(foreign + "deflated.npz")).code, 0);
  EXPECT_EQ(run("convert " + quoted(foreign + "f4.npy") + " " + quoted(folder("a.pt"))).code, 0);
  EXPECT_EQ(run("diff " + quoted(foreign + "f4.npy") + " " + quoted(folder("a.pt"))).code, 0);
  EXPECT_EQ(run("convert " + quoted(foreign + "stored.npz") + " " + quoted(folder("b.npz"))).code, 0);
  EXPECT_EQ(run("diff " + quoted(foreign + "stored.npz") + " " + quoted(folder("b.npz"))).code, 0);
}

TEST(Tool, ACommandThatIsMisspeltIsRecognised) {
  EXPECT_EQ(run("insepct a.pt").error,
            "tenon: there is no command 'insepct': did you mean 'inspect'?\nRun 'tenon --help' for what there is.\n");
  EXPECT_EQ(run("--color never verfy a.pt").error.find("tenon: there is no command 'verfy': did you mean 'verify'?"),
            0U);
  EXPECT_EQ(run("paint a.pt").error.find("tenon: there is no command 'paint'\n"), 0U);
}

TEST(Tool, WrongNumbersAreToldInAFewWords) {
  const std::string said = run("diff --rtol -1 a b").error;
  EXPECT_NE(said.find("expected a number from 0 on, got -1"), std::string::npos) << said;
  EXPECT_LT(said.size(), 200U);
}

TEST(Tool, VerifySaysWhichFilesAreSound) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  std::string bytes = read_file(folder("a.pt"));
  const float five = 5;  // the last element of the first tensor
  bytes[bytes.find(std::string(reinterpret_cast<const char*>(&five), sizeof five))] ^= 0x40;
  write_file(folder("b.pt"), bytes);
  write_file(folder("c.pt"),
             "\x80\x02"
             "cposix\nsystem\n.");
  const Result r = run("verify a.pt b.pt c.pt missing.pt a.pt", "cd " + quoted(folder("")) + " &&");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out,
            "a.pt: sound, 4 tensors\n"
            "c.pt: sound, 0 tensors; it names what is not known, which was not run:\n  posix.system\n"
            "a.pt: sound, 4 tensors\n");
  EXPECT_EQ(r.error.find("tenon: b.pt"), 0U) << r.error;
  EXPECT_NE(r.error.find("['model']['module.emb.weight']"), std::string::npos) << r.error;  // not only data/0
  EXPECT_NE(
      run("verify " + test::tests_folder() + "/io/data/foreign/module.pt").out.find("torch.nn.modules.linear.Linear"),
      std::string::npos);
  const Result known = run("verify --known c.pt a.pt", "cd " + quoted(folder("")) + " &&");
  EXPECT_EQ(known.code, 1);
  EXPECT_EQ(known.out, "a.pt: sound, 4 tensors\n");
  EXPECT_EQ(known.error, "tenon: c.pt: names what is not known:\n  posix.system\n");
  EXPECT_NE(r.error.find("\ntenon: missing.pt: No such file or directory\n"), std::string::npos) << r.error;
}

TEST(Tool, ErrorsGoToStandardError) {
  const Folder folder;
  write_file(folder("text.pt"), "hello\n");
  for (const std::string command :
       {"inspect missing", "diff missing missing", "convert missing b", "inspect text.pt"}) {
    const Result r = run(command, "cd " + quoted(folder("")) + " &&");
    EXPECT_EQ(r.code, 2) << command;
    EXPECT_EQ(r.out, "") << command;
    EXPECT_EQ(r.error.find("tenon: " + std::string(command.ends_with("text.pt") ? "text.pt" : "missing") + ": "), 0U)
        << r.error;
  }
  for (const std::string command : {"", "paint", "inspect", "diff a", "inspect --what a", "diff --rtol -1 a b"}) {
    const Result r = run(command);
    EXPECT_EQ(r.code, 2) << command;
    EXPECT_EQ(r.out, "") << command;
    EXPECT_EQ(r.error.find("tenon: "), 0U) << r.error;
  }
}

TEST(Tool, HelpIsThereForEachCommand) {
  EXPECT_NE(run("--help").out.find("inspect"), std::string::npos);
  EXPECT_EQ(run("--version").out.find("tenon 0."), 0U);
  for (const std::string command : {"inspect", "diff", "convert", "verify"}) {
    const Result r = run(command + " --help");
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.error, "");
    EXPECT_NE(r.out.find("Usage: tenon " + command), std::string::npos) << r.out;
  }
}

TEST(Tool, AReaderThatGoesAwayIsNoError) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const pid_t child = ::fork();
  if (child == 0) {
    const int error = ::open(folder("error").c_str(), O_WRONLY | O_CREAT, 0666);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    ::execl(TENON_PROGRAM, TENON_PROGRAM, "inspect", folder("a.pt").c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(read_file(folder("error")), "");
}

TEST(Tool, AFullDiskIsAnError) {
  const Folder folder;
  save(checkpoint(), folder("a.pt"));
  const std::string command = TENON_PROGRAM " inspect '" + folder("a.pt") + "' >/dev/full 2>'" + folder("error") + "'";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_EQ(read_file(folder("error")), "tenon: standard output: No space left on device\n");
}

}  // namespace
}  // namespace tenon
