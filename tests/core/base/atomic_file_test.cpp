#include "core/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/sha256.h"
#include "tests/support/temp_dir.h"

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::string messageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.info().message;
  }
  return "";
}

TEST(AtomicFile, WritesReadsAndReplaces) {
  const TempDir dir;
  const fs::path file = dir / "file";
  writeFileAtomically(file, "first");
  writeFileAtomically(file, std::string_view("se\0cond", 7));
  EXPECT_EQ(readFileText(file, 100), std::string("se\0cond", 7));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1) << "a temporary file was left";
}

TEST(AtomicFile, AFullDiskLeavesTheOldContentAndSaysSo) {
  const TempDir dir;
  const fs::path file = dir / "file";
  writeFileAtomically(file, "old content");
  // A file size limit stands in for the full disk: the kernel refuses the rest of the write in the same place.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = messageOf([&] { writeFileAtomically(file, std::string(100'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(message.find(file.string()), std::string::npos) << message;
  EXPECT_EQ(readFileText(file, 100), "old content");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1);
}

TEST(AtomicFile, NamesThePathOfWhatCannotBeDone) {
  const TempDir dir;
  writeFileAtomically(dir / "file", "text");
  EXPECT_NE(messageOf([&] { writeFileAtomically(dir / "missing/file", "x"); }).find("missing/file"), std::string::npos);
  EXPECT_NE(messageOf([&] { readFileText(dir / "nothing", 10); }).find("does not exist"), std::string::npos);
  EXPECT_NE(messageOf([&] { readFileText(dir / "file", 3); }).find("4 bytes"), std::string::npos);
  EXPECT_NE(messageOf([&] { readFileText(dir.path(), 10); }).find("folder"), std::string::npos);
  EXPECT_NE(messageOf([&] { makeFolder(dir / "file/below"); }).find("file"), std::string::npos);
}

TEST(AppendFile, ReportsAFullDevice) {
  AppendFile file("/dev/full");
  EXPECT_NE(messageOf([&] { file.appendLine("row"); }).find("full"), std::string::npos);
}

TEST(AppendFile, AddsWholeLines) {
  const TempDir dir;
  {
    AppendFile file(dir / "log");
    file.appendLine("one");
    file.appendLine("two");
    file.sync();
  }
  AppendFile(dir / "log").appendLine("three");
  EXPECT_EQ(readFileText(dir / "log", 100), "one\ntwo\nthree\n");
}

TEST(Sha256, GivesTheStandardsValues) {
  const std::string abc = "abc";
  EXPECT_EQ(sha256(std::as_bytes(std::span(abc))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const TempDir dir;
  writeFileAtomically(dir / "abc", abc);
  EXPECT_EQ(sha256OfFile(dir / "abc"), sha256(std::as_bytes(std::span(abc))));
}

TEST(FileLock, IsHeldByOneAtATime) {
  const TempDir dir;
  auto first = FileLock::tryLock(dir / "lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(FileLock::tryLock(dir / "lock"));
  first.reset();
  EXPECT_TRUE(FileLock::tryLock(dir / "lock"));
}

}  // namespace
}  // namespace barlow
