#include "core/base/atomic_file.h"

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/sha256.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <sys/stat.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entriesIn(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

TEST(AtomicFile, WritesReadsAndReplaces) {
  const TempDir dir;
  const fs::path file = dir / "file";
  writeFileAtomically(file, "first");
  writeFileAtomically(file, std::string_view("se\0cond", 7));
  EXPECT_EQ(readFileText(file, 100), std::string("se\0cond", 7));
  EXPECT_EQ(entriesIn(dir.path()), 1) << "a temporary file was left";
}

TEST(AtomicFile, WritesPiecesOneAfterTheOther) {
  const TempDir dir;
  const std::string one = "one";
  const std::string two = "two";
  const std::array<std::span<const std::byte>, 3> pieces = {
      std::as_bytes(std::span(one)), {}, std::as_bytes(std::span(two))};
  writeFileAtomically(dir / "file", pieces);
  EXPECT_EQ(readFileText(dir / "file", 100), "onetwo");
}

TEST(AtomicFile, AFullDiskLeavesTheOldContentAndSaysSo) {
  const TempDir dir;
  const fs::path file = dir / "file";
  writeFileAtomically(file, "old content");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = messageOf([&] { writeFileAtomically(file, std::string(100'000, 'x')); });
  }
  EXPECT_NE(message.find(file.string()), std::string::npos) << message;
  EXPECT_EQ(readFileText(file, 100), "old content");
  EXPECT_EQ(entriesIn(dir.path()), 1);
}

TEST(AtomicFile, AFailedRenameLeavesNothingBehind) {
  const TempDir dir;
  fs::create_directories(dir / "taken/inside");
  EXPECT_NE(messageOf([&] { writeFileAtomically(dir / "taken", "text"); }).find("folder"),
            std::string::npos);
  EXPECT_EQ(entriesIn(dir.path()), 1);
}

TEST(AtomicFile, ADeviceIsWrittenToAndStaysOne) {
  EXPECT_NO_THROW(writeFileAtomically("/dev/null", "text"));
  EXPECT_THROW(writeFileAtomically("/dev/full", "text"), Exception);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(AtomicFile, IsSeenOnlyWhenAllOfItIsThere) {
  const TempDir dir;
  const fs::path path = dir / "file";
  writeFileAtomically(path, "old");
  {
    AtomicFile file(path);
    file.write(std::as_bytes(std::span<const char>("half", 4)));
    EXPECT_EQ(readFileText(path, 100), "old");
  }
  EXPECT_EQ(readFileText(path, 100), "old") << "it was given up";
  EXPECT_EQ(entriesIn(dir.path()), 1);
  AtomicFile file(path);
  file.write(std::as_bytes(std::span<const char>("all ", 4)));
  file.write(std::as_bytes(std::span<const char>("of it", 5)));
  file.commit();
  EXPECT_EQ(file.size(), 9u);
  EXPECT_EQ(readFileText(path, 100), "all of it");
  EXPECT_EQ(entriesIn(dir.path()), 1);
}

TEST(AtomicFile, NamesThePathOfWhatCannotBeDone) {
  const TempDir dir;
  writeFileAtomically(dir / "file", "text");
  const auto fails = [&](const char* part, const std::function<void()>& action) {
    const std::string message = messageOf(action);
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find(dir.path().string()), std::string::npos) << message;
  };
  fails("missing/file", [&] { writeFileAtomically(dir / "missing/file", "x"); });
  fails("does not exist", [&] { readFileText(dir / "nothing", 10); });
  fails("4 bytes", [&] { readFileText(dir / "file", 3); });
  fails("folder", [&] { readFileText(dir.path(), 10); });
  fails("file", [&] { makeFolder(dir / "file/below"); });
  fails("file", [&] { makeFolder(dir / "file"); });
  fails("does not exist", [&] { syncPath(dir / "nothing"); });
  fails("does not exist", [&] { AppendFile(dir / "missing/log"); });
}

TEST(InputFile, ReadsInPiecesAndCountsThem) {
  const TempDir dir;
  writeFileAtomically(dir / "file", "0123456789");
  InputFile file(dir / "file");
  std::string piece(4, ' ');
  file.read(std::as_writable_bytes(std::span(piece)));
  EXPECT_EQ(piece, "0123");
  EXPECT_EQ(file.size(), 10u);
  EXPECT_EQ(file.remaining(), 6u);
  std::string tooMuch(7, ' ');
  EXPECT_NE(
      messageOf([&] { file.read(std::as_writable_bytes(std::span(tooMuch))); }).find("too early"),
      std::string::npos);
}

TEST(InputFile, RefusesAPipeInsteadOfWaitingForIt) {
  const TempDir dir;
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  EXPECT_NE(messageOf([&] { readFileText(dir / "pipe", 100); }).find("pipe"), std::string::npos);
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

TEST(AppendFile, ReportsAFullDevice) {
  AppendFile file("/dev/full");
  EXPECT_NE(messageOf([&] { file.appendLine("row"); }).find("disk is full"), std::string::npos);
}

TEST(AppendFile, CutsOffWhatAFullDiskLeftOfALine) {
  const TempDir dir;
  AppendFile file(dir / "log");
  file.appendLine("whole");
  {
    const FileSizeLimit limit(10);
    EXPECT_NE(messageOf([&] { file.appendLine("a line that is too long"); }), "");
  }
  EXPECT_EQ(readFileText(dir / "log", 100), "whole\n");
  file.appendLine("again");
  EXPECT_EQ(readFileText(dir / "log", 100), "whole\nagain\n");
}

TEST(Sha256, GivesTheStandardsValues) {
  // FIPS 180-4 examples: "abc" and a million times "a".
  const std::string abc = "abc";
  EXPECT_EQ(sha256(std::as_bytes(std::span(abc))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const TempDir dir;
  writeFileAtomically(dir / "million", std::string(1'000'000, 'a'));
  EXPECT_EQ(sha256OfFile(dir / "million"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, ReadsFilesLargerThanItsBuffer) {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 400'000; ++i) {
    text += std::to_string(i);
  }
  writeFileAtomically(dir / "large", text);
  EXPECT_EQ(sha256OfFile(dir / "large"), sha256(std::as_bytes(std::span(text))));
  EXPECT_NE(messageOf([&] { sha256OfFile(dir / "nothing"); }).find("nothing"), std::string::npos);
  EXPECT_NE(messageOf([&] { sha256OfFile(dir.path()); }), "");
}

TEST(FileLock, IsHeldByOneAtATime) {
  const TempDir dir;
  auto first = FileLock::tryLock(dir / "lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(FileLock::tryLock(dir / "lock"));
  FileLock moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(FileLock::tryLock(dir / "lock"));
  EXPECT_EXIT(std::_Exit(FileLock::tryLock(dir / "lock") ? 1 : 0), testing::ExitedWithCode(0), "")
      << "another process got it too";
  moved = *FileLock::tryLock(dir / "other");
  EXPECT_TRUE(FileLock::tryLock(dir / "lock"));
  EXPECT_NE(messageOf([&] { FileLock::tryLock(dir / "missing/lock"); }).find("missing/lock"),
            std::string::npos);
}

TEST(FileLock, DiesWithItsProcess) {
  const TempDir dir;
  EXPECT_EXIT(
      {
        const auto lock = FileLock::tryLock(dir / "lock");
        std::_Exit(lock ? 0 : 1);  // no destructor runs
      },
      testing::ExitedWithCode(0),
      "");
  EXPECT_TRUE(FileLock::tryLock(dir / "lock"));
}

}  // namespace
}  // namespace barlow
