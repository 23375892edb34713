// NumPy's files: those that it wrote (data/generate.py), those that are written here, and those that are damaged.
#include <tenon/io/npy.h>

#include <complex>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::npy_test {
namespace {

using io::load_npy;
using io::load_npz;
using io::save_npy;
using io::save_npz;
using test::bytes_of;
using test::data;
using test::error_of;
using test::Folder;
using test::read_file;

/// What generate.py puts into an array.
Tensor numbers(DType t, const Shape& shape) {
  const Tensor i = arange(shape.numel());
  if (is_complex(t)) {
    const Tensor z = zeros(shape, {complex128});
    auto* p = z.data<std::complex<double>>();
    for (int64_t k = 0; k < z.numel(); ++k) p[k] = {static_cast<double>(k), 0 - 0.5 * static_cast<double>(k)};
    return z.to(t);
  }
  const Tensor x = t == boolean           ? tensor(std::vector<int64_t>{0, 1, 0, 1, 0, 1}).narrow(0, 0, shape.numel())
                   : is_floating_point(t) ? i.to(float64) * 1.5 - 2.0
                   : is_signed(t)         ? i * 3 - 2
                                          : i * 3;
  return x.to(t).reshape(shape);
}

const std::vector<std::pair<std::string, DType>> types{
    {"b1", boolean}, {"u1", uint8},   {"i1", int8},      {"i2", int16},      {"i4", int32},
    {"i8", int64},   {"u2", uint16},  {"u4", uint32},    {"u8", uint64},     {"f2", float16},
    {"f4", float32}, {"f8", float64}, {"c8", complex64}, {"c16", complex128}};

TEST(Npy, ReadsEveryTypeThatNumPyWrites) {
  for (const auto& [name, t] : types)
    EXPECT_TRUE(test::identical(load_npy(data(name + ".npy")), numbers(t, {2, 3}))) << name;
}

TEST(Npy, ReadsEveryShapeOrderAndVersion) {
  EXPECT_TRUE(test::identical(load_npy(data("fortran.npy")), numbers(float32, {2, 3, 4})));
  EXPECT_TRUE(load_npy(data("fortran.npy")).is_contiguous());
  EXPECT_TRUE(test::identical(load_npy(data("scalar.npy")), numbers(float64, {})));
  EXPECT_TRUE(test::identical(load_npy(data("empty.npy")), numbers(float32, {0, 3})));
  EXPECT_TRUE(test::identical(load_npy(data("line.npy")), numbers(int64, {5})));
  EXPECT_TRUE(test::identical(load_npy(data("version2.npy")), numbers(float32, {2, 3})));
  EXPECT_TRUE(test::identical(load_npy(data("version3.npy")), numbers(float32, {2, 3})));
}

TEST(Npy, ReadsTheOtherByteOrder) {
  EXPECT_TRUE(test::identical(load_npy(data("big_f4.npy")), numbers(float32, {3, 2})));
  EXPECT_TRUE(test::identical(load_npy(data("big_i2.npy")), numbers(int16, {3, 2})));
  EXPECT_TRUE(test::identical(load_npy(data("big_c8.npy")), numbers(complex64, {3, 2})));
  EXPECT_TRUE(test::identical(load_npy(data("big_u8.npy")), numbers(uint64, {3, 2})));
  EXPECT_TRUE(test::identical(load_npy(data("big_fortran.npy")), numbers(int32, {3, 2})));
}

TEST(Npy, WritesWhatNumPyWrites) {
  const Folder folder;
  for (const auto& [name, t] : types) {
    save_npy(folder("x.npy"), numbers(t, {2, 3}));
    EXPECT_EQ(read_file(folder("x.npy")), read_file(data(name + ".npy"))) << name;
  }
  save_npy(folder("x.npy"), numbers(float64, {}));
  EXPECT_EQ(read_file(folder("x.npy")), read_file(data("scalar.npy")));
  save_npy(folder("x.npy"), numbers(float32, {0, 3}));
  EXPECT_EQ(read_file(folder("x.npy")), read_file(data("empty.npy")));
  save_npy(folder("x.npy"), numbers(int64, {5}));
  EXPECT_EQ(read_file(folder("x.npy")), read_file(data("line.npy")));
}

TEST(Npy, AnyStridesAndTensorsOnTheTapeAreWritten) {
  const Folder folder;
  const Tensor x = numbers(float32, {2, 3});
  for (const Tensor& y : test::layouts(x)) {
    save_npy(folder("x.npy"), y);
    EXPECT_TRUE(test::identical(load_npy(folder("x.npy")), x));
  }
  save_npy(folder("x.npy"), x.clone().requires_grad_() * 2);
  EXPECT_TRUE(test::identical(load_npy(folder("x.npy")), x * 2));
}

TEST(Npy, TypesThatNumPyHasNotAreRefusedWithAdvice) {
  const Folder folder;
  for (const DType t : {bfloat16, float8_e4m3fn, float8_e5m2, complex32})
    EXPECT_EQ(error_of([&] { save_npy(folder("x.npy"), zeros({2}, {t})); }),
              fmt::format("[save_npy] {}: NumPy has no type for {}: convert with to({}) first", folder("x.npy"), t,
                          t == complex32 ? "complex64" : "float32"));
  EXPECT_NE(error_of([&] { save_npy(folder("x.npy"), empty({2}, {.device = kMeta})); }), "");
  EXPECT_NE(error_of([&] { save_npz(folder("x.npz"), Dict{{"a", zeros({2})}, {"b", zeros({2}, {bfloat16})}}); }), "");
  EXPECT_EQ(folder.files(), 0U);
}

TEST(Npy, WhatIsNoTensorIsRefused) {
  const auto text = [](const char* name) { return error_of([&] { load_npy(data(name)); }); };
  EXPECT_EQ(text("objects.npy"),
            "[load_npy] " + data("objects.npy") +
                ": an array of Python objects can only be read by executing what is in it, which is never done");
  EXPECT_NE(text("records.npy").find("structured type"), std::string::npos);
  EXPECT_NE(text("text.npy").find("text"), std::string::npos);
  EXPECT_NE(text("dates.npy").find("dates"), std::string::npos);
  EXPECT_NE(text("long_double.npy").find("f16"), std::string::npos);
  EXPECT_NE(text("missing.npy").find("No such file"), std::string::npos);
  EXPECT_NE(text(".").find("is not a file"), std::string::npos);
  EXPECT_NE(text("generate.py").find("is not a .npy file"), std::string::npos);
  EXPECT_NE(text("stored.npz").find("is not a .npy file"), std::string::npos);
}

/// A .npy file of version 1 with this header and so many zeros.
std::string with_header(const std::string& header, std::size_t bytes = 0) {
  std::string s = "\x93NUMPY";
  s += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return s + header + std::string(bytes, '\0');
}

TEST(Npy, HeadersAreReadLetterByLetter) {
  const auto text = [&](const std::string& header, std::size_t bytes = 64) {
    const std::string whole = with_header(header, bytes);
    return error_of([&] { load_npy(bytes_of(whole)); });
  };
  EXPECT_EQ(text("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"), "");
  EXPECT_EQ(text("{\"shape\":(2,3),\"fortran_order\":True,\"descr\":\"f4\"}\n"), "");
  EXPECT_EQ(text("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }"), "");
  EXPECT_EQ(text("{'descr': '=i8', 'fortran_order': False, 'shape': (), }"), "");
  for (const char* wrong :
       {"",
        "{}",
        "{",
        "{'descr'",
        "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + x",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<q9', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4611686018427387904)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}"})
    EXPECT_NE(text(wrong), "") << wrong;
  std::string dims = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 1000; ++i) dims += "1, ";
  EXPECT_NE(text(dims + ")}").find("dimensions"), std::string::npos);
  EXPECT_NE(text("{'descr': '<f4', 'fortran_order': False, 'shape': (17,), }")
                .find("an array of shape (17,) of float32 needs 68 bytes, only 64 are there"),
            std::string::npos);
}

TEST(Npy, EveryTruncationIsAnError) {
  for (const char* name : {"f4.npy", "version2.npy", "fortran.npy"}) {
    const std::string whole = read_file(data(name));
    for (std::size_t n = 0; n < whole.size(); ++n)
      ASSERT_NE(error_of([&] { load_npy(bytes_of(whole).first(n)); }), "") << name << n;
  }
}

/// Numbers without a pattern.
struct Dice {
  uint64_t state;
  std::size_t operator()(std::size_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state >> 33) % n;
  }
};

/// Changes a few bytes: to anything, to a neighbour, to what numbers are made of; drops some; doubles some.
std::string mutated(std::string s, Dice& dice) {
  for (std::size_t changes = 1 + dice(4); changes > 0 && !s.empty(); --changes) {
    const std::size_t at = dice(s.size());
    switch (dice(5)) {
      case 0: s[at] = static_cast<char>(dice(256)); break;
      case 1: s[at] = static_cast<char>(s[at] ^ (1 << dice(8))); break;
      case 2: s[at] = "0123456789,()[]{}'\"<>|L\xFF"[dice(24)]; break;
      case 3: s.erase(at, 1 + dice(8)); break;
      default: s.insert(at, s.substr(at, 1 + dice(8)));
    }
  }
  return s;
}

TEST(Npy, MutatedHeadersGiveATensorOrAnError) {
  Dice dice{7};
  int read = 0;
  for (const char* name : {"f4.npy", "big_c8.npy", "version3.npy", "u1.npy", "objects.npy"}) {
    const std::string whole = read_file(data(name));
    const std::size_t header = whole.find('\n') + 1;
    for (int i = 0; i < 1000; ++i) {
      const std::string changed = mutated(whole.substr(0, header), dice) + whole.substr(header);
      const std::string text = error_of([&] { EXPECT_LE(load_npy(bytes_of(changed)).numel(), 1000); });
      read += text.empty();
    }
  }
  EXPECT_GT(read, 50);
  EXPECT_LT(read, 4000);
}

TEST(Npz, ReadsStoredAndDeflatedArchives) {
  const Dict stored = load_npz(data("stored.npz"));
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_TRUE(test::identical(stored["first"].as<Tensor>(), numbers(float32, {2, 3})));
  EXPECT_TRUE(test::identical(stored["second"].as<Tensor>(), numbers(int64, {4})));
  EXPECT_TRUE(test::identical(stored["number"].as<Tensor>(), numbers(float64, {})));
  EXPECT_EQ(stored.begin()->key.string(), "first");
  const Dict deflated = load_npz(data("deflated.npz"));
  EXPECT_TRUE(test::identical(deflated["first"].as<Tensor>(), numbers(float32, {2, 3})));
  EXPECT_TRUE(test::identical(deflated["zeros"].as<Tensor>(), zeros({100, 100}, {int16})));
}

TEST(Npz, GoesOutAndIn) {
  const Folder folder;
  const Dict arrays{{"weight", test::noise({300, 70})},
                    {"layers.0.bias", numbers(int16, {4}).t()},
                    {"z", numbers(complex64, {2, 2})},
                    {"none", zeros({0, 2})}};
  for (const bool compressed : {false, true}) {
    save_npz(folder("x.npz"), arrays, {.compressed = compressed});
    const Dict back = load_npz(folder("x.npz"));
    ASSERT_EQ(back.size(), arrays.size());
    for (const auto& [key, value] : arrays)
      EXPECT_TRUE(test::identical(back[key].as<Tensor>(), value.as<Tensor>())) << key.string();
  }
  save_npz(folder("zeros.npz"), Dict{{"zeros", zeros({1000, 1000})}}, {.compressed = true});
  EXPECT_LT(std::filesystem::file_size(folder("zeros.npz")), 10000U);
  EXPECT_EQ(load_npz(folder("zeros.npz"))["zeros"].as<Tensor>().sum().item<float>(), 0);
  save_npz(folder("empty.npz"), Dict{});
  EXPECT_TRUE(load_npz(folder("empty.npz")).empty());
  EXPECT_EQ(folder.files(), 3U);
}

TEST(Npz, OnlyTensorsAreWritten) {
  const Folder folder;
  const auto file = folder("x.npz");
  EXPECT_EQ(error_of([&] {
              save_npz(file, Dict{{"epoch", 3}});
            }),
            fmt::format("[save_npz] {}: expected a tensor for the key 'epoch', found int", file));
  EXPECT_EQ(folder.files(), 0U);
  EXPECT_NE(error_of([&] { save_npz(folder("missing/x.npz"), Dict{}); }).find("there is no folder"), std::string::npos);
}

TEST(Npz, EveryTruncationIsAnError) {
  const std::string whole = read_file(data("deflated.npz"));
  for (std::size_t n = 0; n < whole.size(); ++n)
    ASSERT_NE(error_of([&] { load_npz(bytes_of(whole).first(n)); }), "") << n;
}

TEST(Npz, AChangedByteIsFoundByItsChecksum) {
  std::string whole = read_file(data("stored.npz"));
  whole[whole.find("NUMPY") + 130] ^= 1;  // in the first array's numbers
  EXPECT_NE(error_of([&] { load_npz(bytes_of(whole)); }).find("its checksum is wrong"), std::string::npos);
}

TEST(Npz, MutatedArchivesGiveTensorsOrAnError) {
  Dice dice{11};
  int read = 0;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string whole = read_file(data(name));
    for (int i = 0; i < 1500; ++i) {
      const std::string changed = mutated(whole, dice);
      read += error_of([&] { load_npz(bytes_of(changed)); }).empty();
    }
  }
  EXPECT_LT(read, 1500);  // what stands in comments, dates and the like may change
}

}  // namespace
}  // namespace tenon::npy_test
