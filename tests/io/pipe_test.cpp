// Files that come out of a pipe: they cannot be read twice, and nobody knows how long they are.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::pipe_test {
namespace {

using test::error_of;
using test::Folder;
using test::has;
using test::read_file;
using test::write_file;

/// A pipe with a name, out of which these bytes come.
class Pipe {
 public:
  Pipe(std::string path, const std::string& bytes) : path_(std::move(path)) {
    if (::mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("there is no pipe");
    writer_ = std::thread([this, bytes] { write_file(path_, bytes); });
  }
  ~Pipe() {
    writer_.join();
    std::filesystem::remove(path_);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::thread writer_;
};

TEST(PipeThread, EveryFormIsLoadedFromAPipe) {
  const Folder folder;
  const Dict dict{{"w", arange(100'000).to(float32)}};  // more than a pipe holds at once
  for (const std::string name : {"a.pt", "a.safetensors", "a.npz"})
    for (const bool mmap : {true, false}) {
      save(dict, folder(name));
      const Pipe pipe(folder("pipe"), read_file(folder(name)));
      const Value loaded = load(pipe.path(), {.mmap = mmap});
      EXPECT_TRUE(test::identical(loaded["w"].as<Tensor>(), arange(100'000).to(float32))) << name;
    }
  const Pipe plain(folder("pipe"),
                   "\x80\x02]K\x01"
                   "a.");
  EXPECT_EQ(load(plain.path()).to_string(), "[1]");
}

TEST(PipeThread, AnArrayIsLoadedFromAPipe) {
  const Folder folder;
  io::save_npy(folder("x.npy"), ones({3}));
  const Pipe pipe(folder("pipe"), read_file(folder("x.npy")));
  EXPECT_TRUE(test::identical(io::load_npy(pipe.path()), ones({3})));
}

TEST(PipeThread, OneThatEndsTooEarlyIsAnErrorThatNamesIt) {
  const Folder folder;
  save(Dict{{"w", ones({1000})}}, folder("a.pt"));
  const std::string whole = read_file(folder("a.pt"));
  {
    const Pipe pipe(folder("pipe"), whole.substr(0, 1000));
    EXPECT_TRUE(has(error_of([&] { (void)load(pipe.path()); }), folder("pipe") + ": "));
  }
  const Pipe pipe(folder("pipe"), "");
  EXPECT_EQ(error_of([&] { (void)load(pipe.path()); }), "[load] " + folder("pipe") + ": is empty");
}

TEST(Pipe, WhatIsNeitherAFileNorAPipeIsRefused) {
  const Folder folder;
  for (const bool mmap : {true, false}) {
    EXPECT_EQ(error_of([&] { (void)load(folder(""), {.mmap = mmap}); }), "[load] " + folder("") + ": is not a file");
    EXPECT_EQ(error_of([&] { (void)load("/dev/zero", {.mmap = mmap}); }), "[load] /dev/zero: is not a file");
  }
}

}  // namespace
}  // namespace tenon::pipe_test
