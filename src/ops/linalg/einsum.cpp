// einsum: sums of products by named dimensions, two operands at a time, each pair as one batched product of matrices.
#include <algorithm>
#include <array>

#include "ops/common.h"

namespace tenon {
namespace {

// A subscript's number: letters first, then the dimensions that "..." stands for, counted from the last one.
constexpr int letters = 52, ellipsis = -1;
using Subscripts = SmallVector<int, 8>;

int number_of(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : ellipsis; }
std::string text_of(int subscript) {
  if (subscript >= letters) return fmt::format("... (dimension -{})", subscript - letters + 1);
  return std::string(1, static_cast<char>(subscript < 26 ? 'A' + subscript : 'a' + subscript - 26));
}

/// The subscripts between two commas, "..." as one.
Subscripts read_term(std::string_view term, std::string_view equation) {
  Subscripts out;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ') continue;
    if (term.substr(i, 3) == "...") {
      if (std::find(out.begin(), out.end(), ellipsis) != out.end())
        fail("einsum", "a second ... in \"{}\" of \"{}\"", term, equation);
      out.push_back(ellipsis);
      i += 2;
    } else if (const int n = number_of(term[i]); n != ellipsis) {
      out.push_back(n);
    } else {
      fail("einsum", "expected letters, commas, spaces, ... and ->, got '{}' in \"{}\"", term[i], equation);
    }
  }
  return out;
}

/// `count` dimensions in place of "...".
Subscripts with_dimensions(const Subscripts& term, std::size_t count) {
  Subscripts out;
  for (const int s : term) {
    if (s != ellipsis) out.push_back(s);
    else
      for (std::size_t d = count; d-- > 0;) out.push_back(letters + static_cast<int>(d));
  }
  return out;
}

struct Equation {
  std::vector<Subscripts> operands;
  Subscripts output;
  Subscripts order;  ///< every subscript once: the output's, then those summed over

  Equation(std::string_view text, const std::vector<Tensor>& tensors) {
    const std::size_t arrow = text.find("->");
    std::string_view rest = text.substr(0, arrow);
    while (true) {
      const std::size_t comma = rest.find(',');
      operands.push_back(read_term(rest.substr(0, comma), text));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    if (operands.size() != tensors.size())
      fail("einsum", "\"{}\" names {} operands, but {} were given", text, operands.size(), tensors.size());
    std::size_t most = 0;  // dimensions that ... stands for
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      Subscripts& term = operands[i];
      const bool any = std::find(term.begin(), term.end(), ellipsis) != term.end();
      const std::size_t named = term.size() - (any ? 1 : 0), dims = tensors[i].shape().size();
      if (any ? named > dims : named != dims)
        fail("einsum", "\"{}\" has {} subscripts{} for operand {} of shape {}", text, named, any ? " besides ..." : "",
             i, tensors[i].shape().to_string());
      most = std::max(most, dims - named);
      term = with_dimensions(term, dims - named);
    }
    output =
        with_dimensions(arrow == std::string_view::npos ? implied() : read_term(text.substr(arrow + 2), text), most);
    const auto contains = [](const Subscripts& list, int s) {
      return std::find(list.begin(), list.end(), s) != list.end();
    };
    for (const int s : output) {
      if (contains(order, s)) fail("einsum", "subscript {} stands twice in the output of \"{}\"", text_of(s), text);
      if (std::none_of(operands.begin(), operands.end(), [&](const Subscripts& term) { return contains(term, s); }))
        fail("einsum", "subscript {} of the output stands in no operand of \"{}\"", text_of(s), text);
      order.push_back(s);
    }
    for (const Subscripts& term : operands)
      for (const int s : term)
        if (!contains(order, s)) order.push_back(s);
  }

 private:
  /// Without an arrow: "...", then what occurs once, in alphabetical order.
  Subscripts implied() const {
    Subscripts out{ellipsis};
    std::array<int, letters> seen{};
    for (const Subscripts& term : operands)
      for (const int s : term)
        if (s < letters) ++seen[static_cast<std::size_t>(s)];
    for (int s = 0; s < letters; ++s)
      if (seen[static_cast<std::size_t>(s)] == 1) out.push_back(s);
    return out;
  }
};

/// x with a dimension for each subscript in order, of size 1 where x has none; a repeated subscript takes the diagonal.
Tensor arranged(Tensor x, Subscripts term, const Subscripts& order, std::size_t operand) {
  for (std::size_t i = 0; i < term.size(); ++i)
    for (std::size_t j = i + 1; j < term.size(); ++j)
      if (term[i] == term[j]) {
        if (x.shape()[i] != x.shape()[j])
          fail("einsum", "subscript {} is repeated for operand {}, with sizes {} and {}", text_of(term[i]), operand,
               x.shape()[i], x.shape()[j]);
        const int s = term[i];
        x = x.diagonal(0, static_cast<int64_t>(i), static_cast<int64_t>(j));  // now the last dimension
        term.erase(j);
        term.erase(i);
        term.push_back(s);
        i = static_cast<std::size_t>(-1);  // the places have changed: look again from the first
        break;
      }
  Shape dims, sizes;
  for (const int s : order) {
    const auto at = std::find(term.begin(), term.end(), s);
    if (at == term.end()) {
      sizes.push_back(1);
    } else {
      dims.push_back(at - term.begin());
      sizes.push_back(x.size(dims.back()));
    }
  }
  return x.permute(dims).reshape(sizes);
}

/// The product of two tensors that broadcast, summed over `dims`, which keep size 1.
Tensor contracted(Tensor a, Tensor b, const Shape& dims) {
  const auto n = static_cast<int64_t>(a.shape().size());
  Shape both, batch, left, right;
  for (int64_t d = 0; d < n; ++d) {
    const bool in_a = a.size(d) != 1, in_b = b.size(d) != 1;
    if (std::find(dims.begin(), dims.end(), d) != dims.end()) {  // one that only one side has is summed there first
      if (in_a && in_b) both.push_back(d);
      else if (in_a) a = a.sum({d}, true, a.dtype());
      else if (in_b) b = b.sum({d}, true, b.dtype());
    } else if (in_a || in_b) {
      (in_a && in_b ? batch : in_a ? left : right).push_back(d);
    }
  }
  if (both.empty()) return a * b;
  const auto size = [](const Tensor& x, const Shape& list) {
    int64_t product = 1;
    for (const int64_t d : list) product *= x.size(d);
    return product;
  };
  // (batch…, left, both) · (batch…, both, right)
  const auto matrices = [&, n](const Tensor& x, const Shape& rows, const Shape& columns) {
    Shape order, sizes;
    SmallVector<bool, 8> used(static_cast<std::size_t>(n), false);
    for (const Shape* list : {static_cast<const Shape*>(&batch), &rows, &columns})
      for (const int64_t d : *list) {
        order.push_back(d);
        used[static_cast<std::size_t>(d)] = true;
      }
    for (int64_t d = 0; d < n; ++d)
      if (!used[static_cast<std::size_t>(d)]) order.push_back(d);  // of size 1
    for (const int64_t d : batch) sizes.push_back(x.size(d));
    sizes.push_back(size(x, rows));
    sizes.push_back(size(x, columns));
    return x.permute(order).reshape(sizes);
  };
  const Tensor y = matmul(matrices(a, left, both), matrices(b, both, right));
  Shape sizes, inverse(static_cast<std::size_t>(n), int64_t{-1});
  int64_t place = 0;
  for (const Shape* list : {&batch, &left, &right})
    for (const int64_t d : *list) {
      sizes.push_back(list == &right ? b.size(d) : a.size(d));
      inverse[static_cast<std::size_t>(d)] = place++;
    }
  for (int64_t& d : inverse)
    if (d == -1) {
      sizes.push_back(1);
      d = place++;
    }
  return y.reshape(sizes).permute(inverse);
}

}  // namespace

Tensor einsum(std::string_view text, const TensorList& operands) {
  if (operands.empty()) fail("einsum", "expected at least one operand");
  const Equation equation(text, operands);
  const std::size_t dims = equation.order.size();
  std::vector<Tensor> terms;
  Shape whole(dims, int64_t{1});
  SmallVector<std::size_t, 8> last(dims, std::size_t{0});  // the operand after which nobody has a dimension
  for (std::size_t i = 0; i < operands.size(); ++i) {
    terms.push_back(arranged(operands[i], equation.operands[i], equation.order, i));
    for (std::size_t d = 0; d < dims; ++d) {
      const int64_t size = terms[i].shape()[d];
      if (size == 1) continue;
      if (whole[d] != 1 && whole[d] != size)
        fail("einsum", "subscript {} has size {} for operand {}, but {} before", text_of(equation.order[d]), size, i,
             whole[d]);
      whole[d] = size;
      last[d] = i;
    }
  }
  const auto summed_after = [&](std::size_t operand) {
    Shape list;
    for (std::size_t d = equation.output.size(); d < dims; ++d)
      if (last[d] == operand && whole[d] != 1) list.push_back(static_cast<int64_t>(d));
    return list;
  };
  Tensor y = terms[0];
  if (const Shape list = summed_after(0); !list.empty()) y = y.sum(list, true);
  for (std::size_t i = 1; i < terms.size(); ++i) y = contracted(y, terms[i], summed_after(i));
  return y.reshape(Shape(y.shape().begin(), y.shape().begin() + equation.output.size()));
}

}  // namespace tenon
