#include <tenon/data/image_folder.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <set>
#include <system_error>

#include "io/named_errors.h"

namespace tenon::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view operation = "ImageFolder";
constexpr std::array<std::string_view, 3> endings{".png", ".jpg", ".jpeg"};

bool is_picture(const fs::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

/// All folders from `folder` down, links followed; one that leads back to a folder on its own way is left out.
void find_folders(const fs::path& folder, std::vector<fs::path>& way, std::vector<std::string>& found) {
  const fs::path real = fs::canonical(folder);
  if (std::find(way.begin(), way.end(), real) != way.end()) return;
  way.push_back(real);
  found.push_back(folder.string());
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) find_folders(entry.path(), way, found);
  way.pop_back();
}

std::vector<fs::path> pictures_below(const fs::path& folder) {
  std::vector<fs::path> way, pictures;
  std::vector<std::string> folders;
  find_folders(folder, way, folders);
  std::sort(folders.begin(), folders.end());  // by their whole text, as Python sorts what os.walk gives
  for (const std::string& f : folders) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(f))
      if (!entry.is_directory() && is_picture(entry.path())) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) pictures.push_back(fs::path(f) / name);
  }
  return pictures;
}

}  // namespace

struct ImageFolder::Contents {
  struct Item {
    fs::path file;
    int64_t target;
  };

  ImageFolderOptions options;
  std::vector<std::string> classes;
  std::map<std::string, int64_t> class_to_idx;
  std::vector<Item> items;
  std::mutex mutex;
  std::set<int64_t> damaged;  ///< guarded by the mutex

  Contents(const fs::path& root, ImageFolderOptions o) : options(std::move(o)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(root))
      if (entry.is_directory()) classes.push_back(entry.path().filename().string());
    if (classes.empty()) fail(operation, "{}: expected folders of pictures in it, found none", root.string());
    std::sort(classes.begin(), classes.end());
    std::string empty;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      class_to_idx[classes[c]] = static_cast<int64_t>(c);
      const std::vector<fs::path> pictures = pictures_below(root / classes[c]);
      if (pictures.empty()) empty += (empty.empty() ? "" : ", ") + classes[c];
      for (const fs::path& p : pictures) items.push_back({p, static_cast<int64_t>(c)});
    }
    if (!empty.empty() && !options.allow_empty)
      fail(operation, "{}: found no pictures (.png, .jpg, .jpeg) in {}; allow_empty permits that", root.string(),
           empty);
  }

  const Item& at(int64_t index) const {
    if (index < 0 || index >= static_cast<int64_t>(items.size()))
      fail(operation, "expected an index from 0 to {}, got {}", static_cast<int64_t>(items.size()) - 1, index);
    return items[static_cast<std::size_t>(index)];
  }
  Tensor read(const Item& item) const {
    return read_image(
        item.file,
        {.mode = options.mode, .apply_exif_orientation = options.apply_exif_orientation, .keep_16_bits = false});
  }
  bool is_damaged(int64_t index) {
    const std::scoped_lock lock(mutex);
    return damaged.count(index) > 0;
  }
  /// The picture of an item, or of the next one that can be read, whose number takes the place of `index`.
  Tensor read_or_skip(int64_t& index) {
    if (options.damaged == OnDamaged::error) return read(at(index));
    const auto count = static_cast<int64_t>(items.size());
    for (int64_t tried = 0; tried < count; ++tried, index = (index + 1) % count) {
      if (is_damaged(index)) continue;
      try {
        return read(at(index));
      } catch (const Error&) {
        const std::scoped_lock lock(mutex);
        damaged.insert(index);
      }
    }
    fail(operation, "none of its {} pictures can be read, {} first", count, at(index).file.string());
  }
};

ImageFolder::ImageFolder(const fs::path& root, ImageFolderOptions options)
    : contents_(io::with_named_errors(operation, root.string(),
                                      [&] { return std::make_shared<Contents>(root, std::move(options)); })) {}

int64_t ImageFolder::size() const { return static_cast<int64_t>(contents_->items.size()); }

std::pair<Tensor, int64_t> ImageFolder::get(int64_t index) const {
  contents_->at(index);
  Tensor picture = contents_->read_or_skip(index);
  if (contents_->options.transform) picture = contents_->options.transform(picture);
  return {picture, contents_->at(index).target};
}

const std::vector<std::string>& ImageFolder::classes() const { return contents_->classes; }
const std::map<std::string, int64_t>& ImageFolder::class_to_idx() const { return contents_->class_to_idx; }
const fs::path& ImageFolder::path(int64_t index) const { return contents_->at(index).file; }
int64_t ImageFolder::target(int64_t index) const { return contents_->at(index).target; }

std::vector<int64_t> ImageFolder::targets() const {
  std::vector<int64_t> all;
  for (const Contents::Item& item : contents_->items) all.push_back(item.target);
  return all;
}

std::vector<fs::path> ImageFolder::damaged() const {
  const std::scoped_lock lock(contents_->mutex);
  std::vector<fs::path> files;
  for (const int64_t i : contents_->damaged) files.push_back(contents_->at(i).file);
  return files;
}

}  // namespace tenon::data
