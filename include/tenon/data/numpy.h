#pragma once
// NumPy's files as datasets.
#include <concepts>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <tenon/data/dataset.h>

#pragma GCC visibility push(default)

namespace tenon::data {

namespace detail {
Tensor mapped_npy(const std::filesystem::path& file);
std::vector<Tensor> arrays_of_npz(const std::filesystem::path& file, const std::vector<std::string>& names);
}  // namespace detail

/// `NpyDataset("images.npy", "labels.npy")`: a file for each tensor, whose first dimension counts the items. A file of
/// more than 16 MiB is mapped where its numbers are row by row, in this machine's byte order and not bool: items are
/// read when they are asked for, and it must not be written into meanwhile; others are read at once. A missing or
/// damaged file is an error that names it. Source: numpy.load.
template <std::size_t N>
class NpyDataset : public TensorDataset<N> {
 public:
  template <std::convertible_to<std::filesystem::path>... P>
  requires(sizeof...(P) == N && N > 0) explicit NpyDataset(const P&... files)
      : TensorDataset<N>(detail::mapped_npy(files)...) {}
};
template <std::convertible_to<std::filesystem::path>... P>
NpyDataset(const P&...) -> NpyDataset<sizeof...(P)>;

/// `NpzDataset("data.npz", "images", "labels")`: arrays of one file by their names, read at once; others in it are
/// passed over.
template <std::size_t N>
class NpzDataset : public TensorDataset<N> {
 public:
  template <std::convertible_to<std::string>... S>
  requires(sizeof...(S) == N && N > 0) explicit NpzDataset(const std::filesystem::path& file, const S&... names)
      : NpzDataset(detail::arrays_of_npz(file, {names...}), std::make_index_sequence<N>()) {}

 private:
  template <std::size_t... I>
  NpzDataset(const std::vector<Tensor>& arrays, std::index_sequence<I...>) : TensorDataset<N>(arrays[I]...) {}
};
template <std::convertible_to<std::string>... S>
NpzDataset(const std::filesystem::path&, const S&...) -> NpzDataset<sizeof...(S)>;

}  // namespace tenon::data

#pragma GCC visibility pop
