#pragma once
// Pictures in a folder, sorted into folders by what they show.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tenon/data/image.h>

#pragma GCC visibility push(default)

namespace tenon::data {

/// What happens where a picture cannot be read: an error that names it, or the next one that can be read stands in.
enum class OnDamaged : uint8_t { error, skip };

struct ImageFolderOptions {
  std::function<Tensor(const Tensor&)> transform = {};  ///< makes of the picture what an item has; called by any thread
  ImageReadMode mode = ImageReadMode::rgb;
  bool apply_exif_orientation = false;
  OnDamaged damaged = OnDamaged::error;
  bool allow_empty = false;  ///< whether there may be folders without pictures
};

/// Items are a picture, uint8 (3, H, W), or what the transform makes of it, and the number of the folder that it lies
/// in, `root/dog/xx.png`, `root/dog/more/yy.jpg`. It is read when it is asked for. Folders are numbered by name; their
/// files are those that end in .png, .jpg or .jpeg (in any case) in them and below, through links too, in the order of
/// folders and names. Pictures of different sizes need a transform that makes them equal, or batches of one.
///
/// With OnDamaged::skip, items keep their numbers and their count: one that cannot be read is, always, the next one
/// that can be, with that one's number of a folder; damaged() tells which. Copies share what they know.
/// Source: torchvision.datasets.ImageFolder.
class ImageFolder {
 public:
  explicit ImageFolder(const std::filesystem::path& root, ImageFolderOptions options = {});

  int64_t size() const;
  /// Any number of threads may call it at once.
  std::pair<Tensor, int64_t> get(int64_t index) const;

  const std::vector<std::string>& classes() const;             ///< the folders' names, sorted
  const std::map<std::string, int64_t>& class_to_idx() const;  ///< their numbers
  const std::filesystem::path& path(int64_t index) const;      ///< an item's file
  int64_t target(int64_t index) const;                         ///< the number of its folder
  std::vector<int64_t> targets() const;                        ///< all of them
  /// The files that could not be read until now, by any copy, in the order of items.
  std::vector<std::filesystem::path> damaged() const;

 private:
  struct Contents;
  std::shared_ptr<Contents> contents_;
};

}  // namespace tenon::data

#pragma GCC visibility pop
