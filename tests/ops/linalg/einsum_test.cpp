// einsum and tensordot against a sum over all subscripts, written out.
#include <map>

#include "autograd/gradcheck.h"

namespace tenon::einsum_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

/// An equation of letters with an arrow, by a loop over every subscript.
void expect_einsum(const std::string& equation, const std::vector<Tensor>& operands, double near = 1e-12) {
  const Tensor y = einsum(equation, operands);
  const std::size_t arrow = equation.find("->");
  const std::string output = equation.substr(arrow + 2);
  std::vector<std::string> terms{""};
  for (const char c : equation.substr(0, arrow)) {
    if (c == ',') terms.emplace_back();
    else terms.back() += c;
  }
  std::map<char, int64_t> sizes;
  for (std::size_t i = 0; i < terms.size(); ++i)
    for (std::size_t d = 0; d < terms[i].size(); ++d) {
      int64_t& n = sizes[terms[i][d]];
      n = std::max(n, operands[i].shape()[d]);
    }
  Shape all, out;
  std::string letters;
  for (const char c : output) out.push_back(sizes[c]);
  for (const auto& [c, n] : sizes) {
    letters += c;
    all.push_back(n);
  }
  ASSERT_EQ(y.shape(), out) << equation;
  std::map<std::vector<int64_t>, double> sums;
  test::for_each_index(all, [&](const Shape& at) {
    const auto place = [&](const std::string& term) {
      Shape p;
      for (const char c : term) p.push_back(at[letters.find(c)]);
      return p;
    };
    double product = 1;
    for (std::size_t i = 0; i < terms.size(); ++i) product *= element(operands[i], place(terms[i]));
    const Shape to = place(output);
    sums[{to.begin(), to.end()}] += product;
  });
  test::expect_elements(y, near, near, [&](const Shape& i) { return sums[{i.begin(), i.end()}]; });
}

void expect_same(const Tensor& x, const Tensor& wanted) {
  ASSERT_EQ(x.shape(), wanted.shape()) << x.shape().to_string();
  test::expect_elements(x, 1e-12, 1e-12, [&](const Shape& i) { return element(wanted, i); });
}

Tensor real(const Shape& shape, uint64_t seed = 1) { return test::noise(shape, float64, seed); }

TEST(Einsum, OneOperand) {
  const Tensor x = real({3, 4}), square = real({3, 3}), cube = real({3, 3, 3}), four = real({2, 3, 2, 4});
  for (const char* e : {"ij->ij", "ij->ji", "ij->i", "ij->j", "ij->"}) expect_einsum(e, {x});
  for (const char* e : {"ii->i", "ii->"}) expect_einsum(e, {square});
  for (const char* e : {"iii->i", "iii->", "iji->ij", "iji->j", "iij->ji"}) expect_einsum(e, {cube});
  for (const char* e : {"abac->abc", "abac->cb", "abac->"}) expect_einsum(e, {four});
  for (const Tensor& y : test::layouts(four)) expect_einsum("abcd->dbca", {y});
}

TEST(Einsum, Pairs) {
  for (const char* e : {"ij,jk->ik", "ij,jk->ki", "ij,jk->ijk", "ij,jk->", "ij,jk->j"})
    expect_einsum(e, {real({3, 4}), real({4, 5}, 2)});
  for (const char* e : {"bij,bjk->bik", "bij,bjk->ikb", "bij,bjk->ik", "bij,bjk->b"})
    expect_einsum(e, {real({2, 3, 4}), real({2, 4, 5}, 2)});
  for (const char* e : {"bhid,bhjd->bhij", "bhid,bhjd->bij", "bhid,bhjd->jh"})
    expect_einsum(e, {real({2, 3, 4, 5}), real({2, 3, 6, 5}, 2)});
  for (const char* e : {"i,j->ij", "i,j->ji", "i,j->"}) expect_einsum(e, {real({3}), real({4}, 2)});
  for (const char* e : {"i,i->i", "i,i->"}) expect_einsum(e, {real({3}), real({3}, 2)});
  expect_einsum("ii,ij->j", {real({3, 3}), real({3, 4}, 2)});
  expect_einsum("ij,kl->ijkl", {real({2, 3}), real({4, 5}, 2)});
  expect_einsum("ij,kl->k", {real({2, 3}), real({4, 5}, 2)});
  expect_einsum("aB,Bc->ac", {real({2, 3}), real({3, 4}, 2)});
}

TEST(Einsum, AnyNumberOfOperands) {
  expect_einsum("ab,bc,cd->ad", {real({2, 3}), real({3, 4}, 2), real({4, 5}, 3)});
  expect_einsum("i,i,i->i", {real({3}), real({3}, 2), real({3}, 3)});
  expect_einsum("bn,anm,bm->ba", {real({2, 3}), real({4, 3, 5}, 2), real({2, 5}, 3)});
  expect_einsum("i,ij,j->", {real({3}), real({3, 4}, 2), real({4}, 3)});
  expect_einsum("ab,bc,cd,da->", {real({2, 3}), real({3, 4}, 2), real({4, 5}, 3), real({5, 2}, 4)});
}

TEST(Einsum, SizesOfOneBroadcast) {
  expect_einsum("ij,kj->ik", {real({2, 1}), real({2, 3}, 2)});
  expect_einsum("ij,ij->ij", {real({2, 1}), real({1, 3}, 2)});
  expect_einsum("bij,bjk->bik", {real({1, 3, 4}), real({2, 4, 1}, 2)});
  expect_einsum("ij,j->i", {real({2, 3}), real({1}, 2)});
}

TEST(Einsum, WithoutAnArrowWhatOccursOnceStandsInAlphabeticalOrder) {
  const Tensor a = real({2, 3}), b = real({3, 4}, 2);
  EXPECT_TRUE(test::identical(einsum("ij,jk", {a, b}), einsum("ij,jk->ik", {a, b})));
  EXPECT_TRUE(test::identical(einsum("ba", {a}), a.t()));
  EXPECT_TRUE(test::identical(einsum("aB", {a}), a.t()));  // capitals first
  EXPECT_TRUE(test::identical(einsum("ii", {real({3, 3})}), einsum("ii->", {real({3, 3})})));
  EXPECT_TRUE(test::identical(einsum(" i j , j k ", {a, b}), einsum("ij,jk->ik", {a, b})));
}

TEST(Einsum, EllipsisStandsForTheOtherDimensions) {
  const Tensor x = real({2, 3, 4});
  expect_same(einsum("...ij->...ji", {x}), x.transpose(1, 2));
  expect_same(einsum("i...->...i", {x}), x.permute({1, 2, 0}));
  expect_same(einsum("i...->...", {x}), x.sum({0}));
  expect_same(einsum("...i->i", {x}), x.sum({0, 1}));
  expect_same(einsum("...->", {x}), x.sum());
  expect_same(einsum("...", {x}), x);
  expect_same(einsum("...ij,...jk->...ik", {real({2, 1, 3, 4}), real({5, 4, 2}, 2)}),
              matmul(real({2, 1, 3, 4}), real({5, 4, 2}, 2)));
  expect_same(einsum("...ij,jk", {x, real({4, 5}, 2)}), matmul(x, real({4, 5}, 2)));
  expect_same(einsum("...,...", {real({3, 2}), real({2}, 2)}), real({3, 2}) * real({2}, 2));
  expect_same(einsum("i...,->...i", {real({3, 2}), tensor(2.0, {float64})}), real({3, 2}).t() * 2);
  expect_same(einsum("ij,jk->ki...", {real({2, 3}), real({3, 2}, 2)}), matmul(real({2, 3}), real({3, 2}, 2)).t());
}

TEST(Einsum, SpecialSizes) {
  expect_values(einsum("", {tensor(3.0)}), {}, {3});
  expect_values(einsum(",->", {tensor(3.0), tensor(2.0)}), {}, {6});
  expect_values(einsum("ij,jk->ik", {zeros({2, 0}), zeros({0, 2})}), {2, 2}, {0, 0, 0, 0});
  EXPECT_EQ(einsum("bij,bjk->bik", {zeros({0, 2, 3}), zeros({0, 3, 4})}).shape(), (Shape{0, 2, 4}));
  expect_values(einsum("i->", {tensor({1, 2, 3})}), {}, {6});
  EXPECT_EQ(einsum("i,i->", {tensor({1, 2}, {int32}), tensor({3, 4}, {int32})}).dtype(), int32);
  EXPECT_EQ(einsum("bij,bjk->bik", {zeros({2, 3, 4}, {.device = kMeta}), zeros({2, 4, 5}, {.device = kMeta})}).shape(),
            (Shape{2, 3, 5}));
}

TEST(Einsum, Gradients) {
  const auto check = [](const char* equation, const std::vector<Tensor>& x) {
    test::gradchecks([&](const std::vector<Tensor>& y) { return einsum(equation, y); }, x);
  };
  check("ij->ji", {test::leaf({2, 3})});
  check("ii->i", {test::leaf({3, 3})});
  check("iji->j", {test::leaf({2, 3, 2})});
  check("bij,bjk->bik", {test::leaf({2, 2, 3}), test::leaf({2, 3, 2}, 2)});
  check("ij,kj->ik", {test::leaf({2, 1}), test::leaf({2, 3}, 2)});
  check("ab,bc,ca->b", {test::leaf({2, 2}), test::leaf({2, 3}, 2), test::leaf({3, 2}, 3)});
  check("...i,...i->...", {test::leaf({2, 3}), test::leaf({3}, 2)});
}

TEST(Einsum, ErrorsSayWhatIsWrong) {
  const Tensor x = ones({2, 2});
  const auto text = [](const char* equation, const std::vector<Tensor>& operands) {
    return error_of([&] { einsum(equation, operands); });
  };
  EXPECT_EQ(text("ij->k", {x}), "[einsum] subscript k of the output stands in no operand of \"ij->k\"");
  EXPECT_EQ(text("ij->ii", {x}), "[einsum] subscript i stands twice in the output of \"ij->ii\"");
  EXPECT_EQ(text("i", {x}), "[einsum] \"i\" has 1 subscripts for operand 0 of shape (2, 2)");
  EXPECT_EQ(text("ijk...", {x}), "[einsum] \"ijk...\" has 3 subscripts besides ... for operand 0 of shape (2, 2)");
  EXPECT_EQ(text("i,j", {x}), "[einsum] \"i,j\" names 2 operands, but 1 were given");
  EXPECT_EQ(text("i1", {x}), "[einsum] expected letters, commas, spaces, ... and ->, got '1' in \"i1\"");
  EXPECT_EQ(text("i.j", {x}), "[einsum] expected letters, commas, spaces, ... and ->, got '.' in \"i.j\"");
  EXPECT_EQ(text("...i...", {x}), "[einsum] a second ... in \"...i...\" of \"...i...\"");
  EXPECT_EQ(text("i->i->i", {ones({2})}),
            "[einsum] expected letters, commas, spaces, ... and ->, got '-' in \"i->i->i\"");
  EXPECT_EQ(text("ii", {ones({2, 3})}), "[einsum] subscript i is repeated for operand 0, with sizes 2 and 3");
  EXPECT_EQ(text("ij,jk", {ones({2, 3}), ones({4, 2})}), "[einsum] subscript j has size 4 for operand 1, but 3 before");
  EXPECT_EQ(text("i", {}), "[einsum] expected at least one operand");
  EXPECT_NE(text("i,i", {ones({3}), ones({3}, {float64})}), "");
}

TEST(Tensordot, SumsOverPairsOfDimensions) {
  const Tensor a = real({3, 4, 5}), b = real({4, 3, 2}, 2);
  expect_same(tensordot(a, b, {1, 0}, {0, 1}), einsum("abc,bad->cd", {a, b}));
  expect_same(tensordot(a, b, {-2}, {0}), einsum("abc,bef->acef", {a, b}));
  expect_same(tensordot(a, real({4, 5, 2}, 3)), einsum("abc,bcd->ad", {a, real({4, 5, 2}, 3)}));
  expect_same(tensordot(a, b, 0), einsum("abc,def->abcdef", {a, b}));
  expect_same(tensordot(a, real({1, 2}), {1}, {0}), einsum("abc,bd->acd", {a, real({1, 2})}));
  expect_values(tensordot(tensor({1.0, 2.0}), tensor({3.0, 4.0}), 1), {}, {11});
  test::gradchecks(
      [](const std::vector<Tensor>& x) {
        return tensordot(x[0], x[1], {0, 2}, {1, 0});
      },
      {test::leaf({2, 2, 3}), test::leaf({3, 2}, 2)});
  EXPECT_EQ(error_of([&] { tensordot(a, b, {0}, {0}); }),
            "[tensordot] the sizes that are summed over must be equal, got 3 (dimension 0 of (3, 4, 5)) and 4 "
            "(dimension 0 of (4, 3, 2))");
  EXPECT_EQ(error_of([&] {
              tensordot(a, b, {0, 1}, {0});
            }),
            "[tensordot] expected as many dimensions on both sides, got (0, 1) and (0,)");
  EXPECT_EQ(error_of([&] { tensordot(a, b, {0, 0}, {1, 1}); }), "[tensordot] dimension 0 is named twice: (0, 0)");
  EXPECT_EQ(error_of([&] { tensordot(a, b, 4); }), "[tensordot] expected between 0 and 3 dimensions, got 4");
}

}  // namespace
}  // namespace tenon::einsum_test
