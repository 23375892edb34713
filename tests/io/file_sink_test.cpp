// What stands at a path before it is written to: modes, links, pipes, devices, folders.
#include "io/file_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include <tenon/io.h>
#include <tenon/ops.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::file_sink_test {
namespace {

using test::error_of;
using test::Folder;
using test::has;
using test::read_file;
using test::write_file;

Dict filled(double value) { return Dict{{"w", full({100}, value)}, {"n", value}}; }

struct stat about(const std::string& file) {
  struct stat found {};
  EXPECT_EQ(::lstat(file.c_str(), &found), 0) << file;
  return found;
}
mode_t mode(const std::string& file) { return about(file).st_mode & 07777; }

TEST(FileSink, AFileThatIsReplacedKeepsItsMode) {
  const Folder folder;
  for (const mode_t wanted : {0600, 0640, 0644, 0660}) {
    write_file(folder("x"), "old");
    ::chmod(folder("x").c_str(), wanted);
    save(filled(1), folder("x"));
    EXPECT_EQ(mode(folder("x")), wanted);
    EXPECT_EQ(load(folder("x"))["n"].as<double>(), 1);
  }
  write_file(folder("a.npy"), "old");
  ::chmod(folder("a.npy").c_str(), 0600);
  io::save_npy(folder("a.npy"), ones({2}));
  EXPECT_EQ(mode(folder("a.npy")), 0600U);
}

TEST(FileSink, ANewFileHasTheModeThatTheProcessGivesToNewFiles) {
  const Folder folder;
  const mode_t before = ::umask(027);
  save(filled(1), folder("x.pt"));
  ::umask(before);
  EXPECT_EQ(mode(folder("x.pt")), 0640U);
}

TEST(FileSink, AFileThatIsReplacedKeepsItsOwner) {
  const Folder folder;
  write_file(folder("x.pt"), "old");
  if (::chown(folder("x.pt").c_str(), 65534, 65534) != 0) GTEST_SKIP() << "only root gives files away";
  save(filled(1), folder("x.pt"));
  EXPECT_EQ(about(folder("x.pt")).st_uid, 65534U);
  EXPECT_EQ(about(folder("x.pt")).st_gid, 65534U);
}

TEST(FileSink, AFileThatMayNotBeWrittenToIsNotReplaced) {
  const Folder folder;
  write_file(folder("x.pt"), "old");
  ::chmod(folder("x.pt").c_str(), 0444);
  ::chmod(folder("").c_str(), 0777);
  const Dict value = filled(1);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
    ::_exit(has(error_of([&] { save(value, folder("x.pt")); }), "Permission denied") ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(read_file(folder("x.pt")), "old");
}

TEST(FileSink, ALinkToWhatIsNotThereYetLeadsToTheFile) {
  const Folder folder;
  std::filesystem::create_directory(folder("runs"));
  std::filesystem::create_symlink("runs/1.pt", folder("latest.pt"));
  std::filesystem::create_symlink("latest.pt", folder("again.pt"));
  save(filled(1), folder("again.pt"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder("latest.pt")) && std::filesystem::is_symlink(folder("again.pt")));
  EXPECT_EQ(load(folder("runs/1.pt"))["n"].as<double>(), 1);
  save(filled(2), folder("again.pt"));
  EXPECT_EQ(load(folder("runs/1.pt"))["n"].as<double>(), 2);
  std::filesystem::create_symlink("none/1.pt", folder("lost.pt"));
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("lost.pt")); }), "there is no folder"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder("lost.pt")));
  std::filesystem::create_symlink("round.pt", folder("round.pt"));
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("round.pt")); }), "Too many levels"));
}

TEST(FileSink, AllNamesOfAFileShowWhatWasSavedUnderOne) {
  const Folder folder;
  save(filled(1), folder("x.pt"));
  ::chmod(folder("x.pt").c_str(), 0600);
  std::filesystem::create_hard_link(folder("x.pt"), folder("same.pt"));
  save(Dict{{"n", 2}}, folder("x.pt"));  // shorter
  EXPECT_EQ(about(folder("x.pt")).st_nlink, 2U);
  EXPECT_EQ(load(folder("same.pt"))["n"].as<double>(), 2);
  save(filled(3), folder("same.pt"));  // longer
  EXPECT_EQ(load(folder("x.pt"))["n"].as<double>(), 3);
  EXPECT_EQ(mode(folder("x.pt")), 0600U);
  EXPECT_EQ(folder.files(), 2U);
}

TEST(FileSink, AFileWithSeveralNamesIsNotWrittenToWhileTensorsLieInIt) {
  const Folder folder;
  save(Dict{{"w", zeros({5 << 20})}}, folder("x.pt"));  // 20 MiB: mapped
  std::filesystem::create_hard_link(folder("x.pt"), folder("same.pt"));
  {
    const Value loaded = load(folder("x.pt"));
    EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("same.pt")); }), "mmap = false"));
    EXPECT_EQ(loaded["w"].as<Tensor>().sum().item<double>(), 0);
  }
  save(filled(1), folder("same.pt"));
  EXPECT_EQ(load(folder("x.pt"))["n"].as<double>(), 1);
}

TEST(FileSink, NamesAsLongAsTheSystemTakesThemCanBeWritten) {
  const Folder folder;
  const std::string name = std::string(252, 'n') + ".pt";
  save(filled(1), folder(name));
  EXPECT_EQ(load(folder(name))["n"].as<double>(), 1);
  save(filled(2), folder(name));
  EXPECT_EQ(load(folder(name))["n"].as<double>(), 2);
  EXPECT_EQ(folder.files(), 1U);
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder(name + "x")); }), "too long"));
}

TEST(FileSink, AParallelReaderOfAPipeGetsTheFile) {
  const Folder folder;
  ASSERT_EQ(::mkfifo(folder("pipe.pt").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read_file(folder("pipe.pt")); });
  save(filled(1), folder("pipe.pt"));
  reader.join();
  EXPECT_TRUE(S_ISFIFO(about(folder("pipe.pt")).st_mode));
  EXPECT_EQ(load(test::bytes_of(got))["n"].as<double>(), 1);

  std::filesystem::create_symlink("pipe.pt", folder("link.npz"));
  std::thread again([&] { got = read_file(folder("pipe.pt")); });
  io::save_npz(folder("link.npz"), Dict{{"a", ones({1000})}}, {.compressed = true});
  again.join();
  EXPECT_TRUE(test::identical(io::load_npz(test::bytes_of(got))["a"].as<Tensor>(), ones({1000})));
  EXPECT_TRUE(S_ISFIFO(about(folder("pipe.pt")).st_mode) && S_ISLNK(about(folder("link.npz")).st_mode));
}

TEST(FileSink, APipeThatNobodyReadsAnyMoreIsAnErrorAndNotTheEnd) {
  const Folder folder;
  ASSERT_EQ(::mkfifo(folder("pipe").c_str(), 0600), 0);
  const int reader = ::open(folder("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  io::FileSink sink("test", folder("pipe"));
  sink.write("abc", 3);
  ::close(reader);
  EXPECT_TRUE(has(error_of([&] { sink.write("abc", 3); }), "Broken pipe"));
}

TEST(FileSink, ADeviceIsWrittenToAndStaysOne) {
  const Folder folder;
  const auto make = [&](const char* name, unsigned minor) {
    return ::mknod(folder(name).c_str(), S_IFCHR | 0600, ::makedev(1, minor)) == 0;
  };
  if (!make("null", 3) || !make("full", 7)) GTEST_SKIP() << "only root makes devices";
  if (const int opened = ::open(folder("null").c_str(), O_WRONLY); opened < 0)
    GTEST_SKIP() << "devices do nothing in this folder";
  else ::close(opened);
  save(filled(1), folder("null"));
  EXPECT_TRUE(S_ISCHR(about(folder("null")).st_mode));
  std::filesystem::create_symlink("null", folder("link.pt"));
  save(filled(1), folder("link.pt"));
  EXPECT_TRUE(S_ISCHR(about(folder("null")).st_mode) && S_ISLNK(about(folder("link.pt")).st_mode));
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("full")); }), "No space left"));
  EXPECT_EQ(folder.files(), 3U);
}

TEST(FileSink, FoldersSocketsAndDisksAreRefused) {
  const Folder folder;
  std::filesystem::create_directory(folder("folder"));
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("folder")); }), "is a folder"));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{AF_UNIX, {}};
  folder("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("socket")); }), "is a socket"));
  EXPECT_TRUE(S_ISSOCK(about(folder("socket")).st_mode));
  ::close(socket);
  if (::mknod(folder("disk").c_str(), S_IFBLK | 0600, ::makedev(7, 200)) != 0)
    GTEST_SKIP() << "only root makes devices";
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("disk")); }), "is a disk"));
  EXPECT_TRUE(S_ISBLK(about(folder("disk")).st_mode));
}

TEST(FileSink, AFileThatIsOpenAlreadyIsWrittenToWhereItLies) {
  const Folder folder;
  write_file(folder("x.pt"), "old");
  const int open = ::open(folder("x.pt").c_str(), O_RDWR);
  const auto before = about(folder("x.pt")).st_ino;
  const std::string path = "/proc/self/fd/" + std::to_string(open);
  EXPECT_NE(error_of([&] { save(Dict{{"w", Tensor()}}, path); }), "");
  EXPECT_EQ(read_file(folder("x.pt")), "old");  // nothing changed
  save(filled(1), path);
  ::close(open);
  EXPECT_EQ(about(folder("x.pt")).st_ino, before);
  EXPECT_EQ(load(folder("x.pt"))["n"].as<double>(), 1);
  EXPECT_EQ(folder.files(), 1U);
}

TEST(FileSink, ErrorsNameTheFileAsItWasGiven) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { save(filled(1), folder("none/x.pt")); }),
            "[save] " + folder("none/x.pt") + ": there is no folder " + folder("none"));
  EXPECT_NE(error_of([&] { save(filled(1), ""); }), "");
  write_file(folder("file"), "");
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("file/x.pt")); }), folder("file/x.pt") + ": Not a directory"));
  EXPECT_TRUE(has(error_of([&] { save(filled(1), folder("new/")); }), folder("new/")));
}

}  // namespace
}  // namespace tenon::file_sink_test
