// tenon inspect: layers that are alike, filters, what tensors are like, narrow terminals.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>

#include <tenon/io/checkpoint.h>

#include "tensor/check.h"
#include "tools/run.h"

namespace tenon {
namespace {

using test::Folder;
using test::quoted;
using test::run;

/// A model of `layers` equal layers.
Dict layered(int layers) {
  Dict dict{{"embedding.weight", zeros({4, 2})}};
  for (int i = 0; i < layers; ++i) {
    dict.set(fmt::format("encoder.{}.norm.weight", i), full({2}, 1.0 * i));
    dict.set(fmt::format("encoder.{}.norm.bias", i), zeros({2}));
  }
  dict.set("head.weight", ones({3, 2}));
  return dict;
}

TEST(Tool, InspectShowsEqualLayersOnce) {
  const Folder folder;
  save(layered(12), folder("a.pt"));
  const auto rows = [&](const std::string& options) {
    const std::string out = run("inspect " + options + " " + quoted(folder("a.pt"))).out;
    return out.substr(out.find('\n') + 1);
  };
  EXPECT_EQ(rows(""),
            "embedding.weight            float32 [4, 2]  32 B\n"
            "encoder.[0–11].norm.weight  float32 [2]      8 B  × 12\n"
            "encoder.[0–11].norm.bias    float32 [2]      8 B  × 12\n"
            "head.weight                 float32 [3, 2]  24 B\n"
            "26 tensors, 62 elements, 248 B\n");
  EXPECT_NE(rows("--all").find("encoder.7.norm.bias"), std::string::npos);
  const std::string modules = rows("--modules");
  EXPECT_NE(modules.find("encoder                      48     192 B  24 tensors\n"), std::string::npos) << modules;
  EXPECT_NE(modules.find("encoder.3.norm                4      16 B  2 tensors\n"), std::string::npos) << modules;
  save(layered(12), folder("a.safetensors"));  // 10 and 11 before 2
  EXPECT_NE(run("inspect " + quoted(folder("a.safetensors"))).out.find("encoder.[0–11].norm.weight"),
            std::string::npos);
  Dict gaps;
  for (const int i : {0, 1, 4}) gaps.set(fmt::format("{}.weight", i), ones({2}));
  save(gaps, folder("b.pt"));
  EXPECT_NE(run("inspect " + quoted(folder("b.pt"))).out.find("[0–1, 4].weight  float32 [2]  8 B  × 3"),
            std::string::npos);
  Dict other = layered(4);
  other.set("encoder.2.norm.bias", zeros({3}));  // not alike any more
  save(other, folder("a.pt"));
  EXPECT_NE(rows("").find("encoder.2.norm.bias"), std::string::npos);
}

TEST(Tool, InspectShowsWhatIsAskedFor) {
  const Folder folder;
  save(Dict{{"model", layered(2)}, {"epoch", 3}}, folder("a.pt"));
  const auto out = [&](const std::string& patterns) {
    return run("inspect --no-name " + quoted(folder("a.pt")) + " " + patterns).out;
  };
  EXPECT_EQ(out("'*.bias'"),
            "model.encoder.0.norm.bias  float32 [2]  8 B\n"
            "model.encoder.1.norm.bias  float32 [2]  8 B\n"
            "2 tensors, 4 elements, 16 B\n");
  EXPECT_EQ(out("model.encoder.1 epoch"),
            "model.encoder.1.norm.weight  float32 [2]  8 B\n"
            "model.encoder.1.norm.bias    float32 [2]  8 B\n"
            "epoch                        int               3\n"
            "2 tensors, 4 elements, 16 B\n");
  const auto json = nlohmann::json::parse(out("--json '*head*'"));
  EXPECT_EQ(json["entries"].size(), 1U);
  EXPECT_EQ(run("inspect " + quoted(folder("a.pt")) + " none").code, 2);
}

TEST(Tool, InspectSaysWhatTensorsAreLike) {
  const Folder folder;
  Tensor x = arange(16).to(float32);
  x[0].fill_(test::nan);
  save(Dict{{"x", x}, {"n", zeros({2, 3}).to(int64)}, {"none", zeros({0})}, {"c", zeros({1}).to(complex64)}},
       folder("a.pt"));
  const std::string file = quoted(folder("a.pt"));
  EXPECT_EQ(run("inspect --stats --no-name " + file).out,
            "x     float32 [16]   64 B  mean 8, std 4.32, from 1 to 15 ███▄████, 1 NaN\n"
            "n     int64 [2, 3]   48 B  mean 0, std 0, from 0 to 0 █\n"
            "none  float32 [0]     0 B\n"
            "c     complex64 [1]   8 B\n"
            "4 tensors, 23 elements, 120 B\n");
  const auto json = nlohmann::json::parse(run("inspect --json --stats " + file).out);
  EXPECT_EQ(json["entries"][0]["stats"]["nan"], 1);
  EXPECT_EQ(json["entries"][0]["stats"]["mean"], 8.0);
  EXPECT_FALSE(json["entries"][2].contains("stats"));
}

TEST(Tool, ARowFitsIntoATerminal) {
  const Folder folder;
  Dict dict{{"epoch", 3}};
  dict.set(std::string(100, 'k') + ".end", ones({2}));
  dict.set("tied", std::as_const(dict)[std::string(100, 'k') + ".end"]);  // of which the last line speaks, too
  dict.set("note", std::string(300, 'n'));
  save(dict, folder("a.pt"));
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) GTEST_SKIP() << "there are no terminals";
  const winsize size{24, 50, 0, 0};
  const std::string name = ::ptsname(terminal);
  const int other = ::open(name.c_str(), O_RDWR | O_NOCTTY);  // kept open, so that what is written stays to be read
  ASSERT_EQ(::ioctl(other, TIOCSWINSZ, &size), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(other, STDOUT_FILENO);
    ::execl(TENON_PROGRAM, TENON_PROGRAM, "inspect", "--no-name", "--color", "never", folder("a.pt").c_str(), nullptr);
    ::_exit(127);
  }
  std::string out;
  std::array<char, 4096> buffer{};
  while (out.find("2 tensors") == out.npos || out.back() != '\n') {
    const ssize_t n = ::read(terminal, buffer.data(), buffer.size());
    if (n <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(other);
  ::close(terminal);
  EXPECT_NE(out.find("kkk.end"), std::string::npos) << out;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const auto letters =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80 && c != '\r'; });
    EXPECT_LE(letters, 50) << line;
  }
}

}  // namespace
}  // namespace tenon
