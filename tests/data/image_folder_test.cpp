#include <tenon/data/image_folder.h>

#include <atomic>
#include <thread>

#include "data/folder.h"
#include "tensor/check.h"

namespace tenon::data::image_folder_test {
namespace {

using test::error_of;

/// A picture of one grey, as a file.
std::string picture(int64_t gray, const Shape& shape = {3, 2, 4}) {
  return std::string(test::text_of(encode_png(full(shape, gray, {uint8}))));
}
int64_t gray_of(const Tensor& x) { return x[0][0][0].item<int64_t>(); }

class PictureFolder : public test::FolderTest {
 protected:
  std::vector<std::string> names(const ImageFolder& set) const {
    std::vector<std::string> all;
    for (int64_t i = 0; i < set.size(); ++i) all.push_back(set.path(i).lexically_relative(folder()).string());
    return all;
  }
};

TEST_F(PictureFolder, IsSortedByFoldersAndNames) {
  for (const char* file :
       {"dog/b.png", "dog/a.PNG", "dog/more/0.jpeg", "dog/more/x/2.png", "dog/more-0/1.jpg", "cat/10.png", "cat/2.png"})
    write(file, picture(1));
  for (const char* file : {"dog/notes.txt", "dog/png", "Zebra.png", "cat/x.webp"}) write(file, "no picture of a class");
  const ImageFolder set(folder());
  EXPECT_EQ(set.classes(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(set.class_to_idx(), (std::map<std::string, int64_t>{{"cat", 0}, {"dog", 1}}));
  // torchvision.datasets.ImageFolder(root).samples
  EXPECT_EQ(names(set), (std::vector<std::string>{"cat/10.png", "cat/2.png", "dog/a.PNG", "dog/b.png",
                                                  "dog/more/0.jpeg", "dog/more-0/1.jpg", "dog/more/x/2.png"}));
  EXPECT_EQ(set.targets(), (std::vector<int64_t>{0, 0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(set.target(2), 1);
}

TEST_F(PictureFolder, FollowsLinksButNotForEver) {
  write("a/x.png", picture(1));
  write("elsewhere/y.png", picture(1));
  std::filesystem::create_directory_symlink(folder() / "elsewhere", folder() / "a" / "there");
  std::filesystem::create_directory_symlink(folder() / "a", folder() / "a" / "again");
  EXPECT_EQ(names(ImageFolder(folder())), (std::vector<std::string>{"a/x.png", "a/there/y.png", "elsewhere/y.png"}));
}

TEST_F(PictureFolder, GivesColoursAndTheFoldersNumber) {
  write("a/0.png", picture(7));
  write("b/0.png", picture(9, {1, 2, 4}));
  write("b/1.png", picture(11, {4, 2, 4}));
  const ImageFolder set(folder());
  for (int64_t i = 0; i < 3; ++i) {
    const auto [x, y] = set.get(i);
    EXPECT_EQ(x.shape(), (Shape{3, 2, 4}));
    EXPECT_EQ(x.dtype(), uint8);
    EXPECT_EQ(gray_of(x), 7 + 2 * i);
    EXPECT_EQ(y, i > 0 ? 1 : 0);
  }
  EXPECT_EQ(ImageFolder(folder(), {.mode = ImageReadMode::gray}).get(2).first.shape(), (Shape{1, 2, 4}));
  const auto half = [](const Tensor& x) { return x.to(float32) / 2; };
  EXPECT_EQ(ImageFolder(folder(), {.transform = half}).get(0).first[2][1][3].item<float>(), 3.5f);
}

TEST_F(PictureFolder, RefusesWhatIsNotThere) {
  const auto error = [&](const std::filesystem::path& root, ImageFolderOptions options = {}) {
    return error_of([&] { ImageFolder(root, std::move(options)); });
  };
  EXPECT_TRUE(test::has(error(folder() / "missing"), (folder() / "missing").string()));
  EXPECT_EQ(error(folder()), "[ImageFolder] " + folder().string() + ": expected folders of pictures in it, found none");
  write("a/x.png", picture(1));
  write("b/x.txt", "");
  write("c/x.gif", "");
  EXPECT_EQ(error(folder()), "[ImageFolder] " + folder().string() +
                                 ": found no pictures (.png, .jpg, .jpeg) in b, c; allow_empty permits that");
  const ImageFolder set(folder(), {.allow_empty = true});
  EXPECT_EQ(set.classes().size(), 3U);
  EXPECT_EQ(set.size(), 1);
  EXPECT_EQ(error_of([&] { set.get(1); }), "[ImageFolder] expected an index from 0 to 0, got 1");
  EXPECT_EQ(error_of([&] { set.path(-1); }), "[ImageFolder] expected an index from 0 to 0, got -1");
}

TEST_F(PictureFolder, NamesADamagedFile) {
  write("a/0.png", picture(1));
  const auto file = write("a/1.png", picture(1).substr(0, 50));
  const ImageFolder set(folder());
  set.get(0);
  EXPECT_EQ(error_of([&] { set.get(1); }), "[read_image] " + file.string() + ": damaged PNG: it ends too early");
  EXPECT_TRUE(set.damaged().empty());
}

TEST_F(PictureFolder, GoesOnToTheNextFileWhereADamagedOneIsSkipped) {
  write("a/0.png", picture(10));
  const auto first = write("a/1.png", "damaged"), second = write("b/2.png", "");
  write("b/3.png", picture(13));
  const auto last = write("b/4.png", picture(1).substr(0, 50));
  const ImageFolder set(folder(), {.damaged = OnDamaged::skip}), copy = set;
  EXPECT_EQ(set.size(), 5);
  const std::vector<int64_t> grays{10, 13, 13, 13, 10}, targets{0, 1, 1, 1, 0};
  for (int pass = 0; pass < 2; ++pass)
    for (int64_t i = 5; i-- > 0;) {
      const auto [x, y] = set.get(i);
      EXPECT_EQ(gray_of(x), grays[static_cast<std::size_t>(i)]) << i;
      EXPECT_EQ(y, targets[static_cast<std::size_t>(i)]) << i;
    }
  EXPECT_EQ(copy.damaged(), (std::vector<std::filesystem::path>{first, second, last}));
}

TEST_F(PictureFolder, IsAnErrorWhereNothingCanBeRead) {
  write("a/0.png", "damaged");
  write("a/1.png", "damaged");
  const ImageFolder set(folder(), {.damaged = OnDamaged::skip});
  EXPECT_EQ(error_of([&] { set.get(1); }),
            "[ImageFolder] none of its 2 pictures can be read, " + (folder() / "a" / "1.png").string() + " first");
}

TEST_F(PictureFolder, LetsErrorsOfATransformOut) {
  write("a/0.png", picture(1));
  const ImageFolder set(folder(),
                        {.transform = [](const Tensor& x) { return x.narrow(0, 0, 5); }, .damaged = OnDamaged::skip});
  EXPECT_NE(error_of([&] { set.get(0); }), "");
  EXPECT_TRUE(set.damaged().empty());
}

TEST_F(PictureFolder, MayBeReadByManyThreads) {
  for (int64_t i = 0; i < 8; ++i) write(fmt::format("a/{}.png", i), i % 3 == 2 ? "damaged" : picture(i));
  const ImageFolder set(folder(), {.damaged = OnDamaged::skip});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t k = 0; k < 40; ++k) {
        const int64_t i = (k + t) % 8;
        wrong += gray_of(set.get(i).first) != (i % 3 == 2 ? i + 1 : i);
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(set.damaged().size(), 2U);
}

}  // namespace
}  // namespace tenon::data::image_folder_test
