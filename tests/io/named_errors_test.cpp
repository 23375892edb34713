// Whatever goes wrong with a file is the library's error, and names it.
#include "io/named_errors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <ios>
#include <new>

#include <tenon/data/idx.h>
#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::named_errors_test {
namespace {

using test::error_of;
using test::Folder;
using test::write_file;
using namespace std::string_literals;

template <class E>
std::string said_of(const E& thrown, const std::string& file = "x.pt") {
  return error_of([&] { io::with_named_errors("load", file, [&]() -> int { throw thrown; }); });
}

TEST(NamedErrors, WhatTheStandardLibraryThrowsBecomesAnError) {
  EXPECT_EQ(said_of(std::bad_alloc()), "[load] x.pt: there is not enough memory");
  EXPECT_EQ(said_of(std::bad_array_new_length()), "[load] x.pt: there is not enough memory");
  EXPECT_EQ(said_of(std::length_error("vector")), "[load] x.pt: it needs more memory than there can be");
  EXPECT_TRUE(said_of(std::filesystem::filesystem_error("status", std::make_error_code(std::errc::permission_denied)))
                  .starts_with("[load] x.pt: "));
  EXPECT_TRUE(said_of(std::ios_base::failure("stream")).starts_with("[load] x.pt: "));
  EXPECT_EQ(said_of(std::bad_alloc(), ""), "[load] there is not enough memory");
}

TEST(NamedErrors, AnErrorGetsTheNameOnce) {
  EXPECT_EQ(said_of(Error("Tensor", "too large")), "[Tensor] x.pt: too large");
  EXPECT_EQ(said_of(Error("load", "x.pt: is empty")), "[load] x.pt: is empty");
  EXPECT_EQ(said_of(Error("load", "is empty"), ""), "[load] is empty");
}

TEST(NamedErrors, WhatAUsersBuilderThrowsStaysWhatItWas) {
  struct Own {};
  EXPECT_THROW(io::with_named_errors("load", "x.pt", []() -> int { throw Own(); }), Own);
  const auto scope = io::allow("my.Config", [](const Opaque&) -> Value { throw std::runtime_error("mine"); });
  EXPECT_THROW((void)load(test::bytes_of("\x80\x02"
                                         "cmy\nConfig\n."s)),
               std::runtime_error);
  try {
    (void)load(
        test::bytes_of("\x80\x02"
                       "cmy\nConfig\n."s));
  } catch (const std::exception& e) {
    EXPECT_STREQ(e.what(), "mine");
  }
}

TEST(NamedErrors, AFileThatIsLargerThanMemoryIsAnError) {
  if (test::sanitized) GTEST_SKIP() << "asking for too much would end the program";
  const Folder folder;
  const auto large = [&](const char* name, const std::string& begin) {
    write_file(folder(name), begin);
    std::filesystem::resize_file(folder(name), uint64_t{8} << 30);  // a hole: it takes no room
  };
  large("pickle", "\x80\x02}.");
  large("array.npy", "\x93NUMPY\x01\0\x76\0{'descr': '|u1', 'fortran_order': False, 'shape': (8589934464,), }"s +
                         std::string(118 - 66, ' '));
  const pid_t child = ::fork();  // what a process may take can be lowered but not raised again
  if (child == 0) {
    const rlimit limit{rlim_t{4} << 30, rlim_t{4} << 30};
    ::setrlimit(RLIMIT_AS, &limit);
    int right = 0;
    for (const char* name : {"pickle", "array.npy"})
      for (const bool mmap : {true, false}) {
        try {
          (void)load(folder(name), {.mmap = mmap});
        } catch (const Error& e) {
          right += std::string_view(e.what()).find(folder(name)) != std::string_view::npos;
        } catch (...) {
        }
      }
    ::_exit(right == 4 ? 0 : 10 + right);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(NamedErrors, PathsThatCannotBeAreErrors) {
  const Folder folder;
  write_file(folder("file"), "");
  const std::string long_name(5000, 'n'), below_a_file = folder("file/x");
  for (const std::string& path : {long_name, below_a_file, std::string(), "a\0b"s}) {
    EXPECT_NE(error_of([&] { (void)load(path); }), "") << path;
    EXPECT_NE(error_of([&] { (void)io::load_npy(path); }), "") << path;
    EXPECT_NE(error_of([&] { (void)io::load_npz(path); }), "") << path;
    EXPECT_NE(error_of([&] { (void)data::read_idx(path); }), "") << path;
  }
  for (const std::string& path : {long_name, below_a_file, std::string()}) {
    EXPECT_NE(error_of([&] { save(1, path); }), "") << path;
    EXPECT_NE(error_of([&] { io::save_npy(path, ones({1})); }), "") << path;
  }
}

}  // namespace
}  // namespace tenon::named_errors_test
