#pragma once
// One way to cut a reduction of (outer, n, inner) into pieces with fixed borders, so that results are the same for any
// number of threads.

#include "backend/cpu/loop.h"
#include "backend/cpu/workspace.h"

namespace tenon::backend::cpu {

inline constexpr int64_t columns_at_once = 512;  // what a kernel's columns() is given at most

/// How many pieces of so many elements a thread takes at least.
inline int64_t pieces_each(int64_t elements) {
  return std::max<int64_t>(elementwise_grain / std::max<int64_t>(elements, 1), 1);
}

/// (outer, n, 1): rows, cut where they are long.
template <class K>
void reduce_rows(const K& kernel, const typename K::Element* in, int64_t outer, int64_t n) {
  using Partial = typename K::Partial;
  constexpr int64_t piece_of_row = 1 << 14;
  if (n <= piece_of_row) {
    parallel_for(outer, pieces_each(n), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) kernel.store(o, kernel.row(in + o * n, n, 0));
    });
    return;
  }
  const int64_t pieces = (n + piece_of_row - 1) / piece_of_row;
  Workspace<Partial> parts(static_cast<std::size_t>(outer * pieces));
  parallel_for(outer * pieces, pieces_each(piece_of_row), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = unit % pieces * piece_of_row;
      parts[static_cast<std::size_t>(unit)] =
          kernel.row(in + unit / pieces * n + first, std::min(piece_of_row, n - first), first);
    }
  });
  for (int64_t o = 0; o < outer; ++o) {
    Partial& total = parts[static_cast<std::size_t>(o * pieces)];
    for (int64_t c = 1; c < pieces; ++c) kernel.combine(total, parts[static_cast<std::size_t>(o * pieces + c)]);
    kernel.store(o, total);
  }
}

/// (outer, n, inner): columns side by side, cut into blocks of rows.
template <class K>
void reduce_columns(const K& kernel, const typename K::Element* in, int64_t outer, int64_t n, int64_t inner) {
  using Partial = typename K::Partial;
  using Column = typename K::Column;
  constexpr int64_t piece = K::rows_of_piece;
  const int64_t blocks = (inner + columns_at_once - 1) / columns_at_once,
                pieces = std::max<int64_t>((n + piece - 1) / piece, 1);
  Workspace<Column> parts(static_cast<std::size_t>(pieces > 1 ? outer * pieces * inner : 0));  // (outer, pieces, inner)
  parallel_for(outer * pieces * blocks, pieces_each(std::min(n, piece) * std::min(inner, columns_at_once)),
               [&](int64_t begin, int64_t end) {
                 std::array<Column, columns_at_once> here;
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t block = unit % blocks * columns_at_once, row = unit / blocks, o = row / pieces,
                                 first = row % pieces * piece;
                   const int64_t width = std::min(columns_at_once, inner - block);
                   Column* to = pieces > 1 ? parts.data() + row * inner + block : here.data();
                   kernel.columns(to, in + (o * n + first) * inner + block, std::min(piece, n - first), inner, width,
                                  first);
                   for (int64_t j = 0; pieces == 1 && j < width; ++j)
                     kernel.store(o * inner + block + j, Partial(to[j]));
                 }
               });
  if (pieces == 1) return;
  parallel_for(outer * inner, pieces_each(pieces), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const Column* column = parts.data() + at / inner * pieces * inner + at % inner;
      Partial total(column[0]);
      for (int64_t c = 1; c < pieces; ++c) kernel.combine(total, Partial(column[c * inner]));
      kernel.store(at, total);
    }
  });
}

/// Reduces in pieces, each of some rows or of some columns. A kernel has
///
///     using Element, Partial, Column;      // a result so far: of a row, of a column (what a Partial is made of)
///     rows_of_piece                        // how many rows of columns make a piece
///     Partial row(const Element*, int64_t n, int64_t first);  // n elements of a row, from its element `first` on
///     void columns(Column*, const Element*, int64_t rows, int64_t stride, int64_t width, int64_t first);
///     void combine(Partial& total, const Partial& next);      // called in the order of the pieces
///     void store(int64_t at, const Partial&);
template <class K>
void reduce_pieces(const K& kernel, const typename K::Element* in, int64_t outer, int64_t n, int64_t inner) {
  if (outer == 0 || inner == 0) return;
  if (inner == 1) reduce_rows(kernel, in, outer, n);
  else reduce_columns(kernel, in, outer, n, inner);
}

}  // namespace tenon::backend::cpu
