#include "core/base/mapped_file.h"

#include "core/base/atomic_file.h"
#include "core/base/system.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string textOf(const MappedFile& file, std::size_t offset, std::size_t size) {
  const auto part = file.bytes().subspan(offset, size);
  return {reinterpret_cast<const char*>(part.data()), part.size()};
}

TEST(MappedFile, BeginsWithItsHeadAndHoldsZerosThatTakeNoDisk) {
  const TempDir dir;
  constexpr std::uint64_t kSize = 64 << 20;
  const MappedFile file = MappedFile::create(dir / "file", kSize, bytesOf("head"));
  ASSERT_EQ(file.bytes().size(), kSize);
  EXPECT_EQ(textOf(file, 0, 4), "head");
  EXPECT_TRUE(std::all_of(file.bytes().begin() + 4, file.bytes().end(), [](std::byte value) {
    return value == std::byte{0};
  }));
  EXPECT_LT(storedBytes(dir / "file"), kSize / 8);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1) << "something else was left";
}

TEST(MappedFile, ShowsWhatAnotherHasWritten) {
  const TempDir dir;
  MappedFile one = MappedFile::create(dir / "file", 10'000, bytesOf("head"));
  auto other = MappedFile::open(dir / "file", 10'000);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->write(9'995, bytesOf("tail!")));
  EXPECT_EQ(textOf(one, 9'995, 5), "tail!");
  EXPECT_FALSE(one.write(5'000, bytesOf("middle")));
  EXPECT_EQ(textOf(*other, 5'000, 6), "middle");
}

TEST(MappedFile, OpensOnlyWhatIsThereInItsSize) {
  const TempDir dir;
  EXPECT_FALSE(MappedFile::open(dir / "file", 10));
  writeFileAtomically(dir / "file", "0123456789");
  EXPECT_TRUE(MappedFile::open(dir / "file", 10));
  EXPECT_FALSE(MappedFile::open(dir / "file", 11));
  EXPECT_FALSE(MappedFile::open(dir / "file", 9));
  fs::create_directory(dir / "folder");
  EXPECT_THROW(static_cast<void>(MappedFile::open(dir / "folder", 10)), Exception);
}

TEST(MappedFile, AReplacedFileStaysWithThoseWhoHaveIt) {
  const TempDir dir;
  const MappedFile before = MappedFile::create(dir / "file", 100, bytesOf("before"));
  const MappedFile after = MappedFile::create(dir / "file", 200, bytesOf("after"));
  EXPECT_EQ(textOf(before, 0, 6), "before");
  EXPECT_EQ(textOf(after, 0, 5), "after");
  fs::remove(dir / "file");
  EXPECT_EQ(textOf(after, 0, 5), "after");
}

TEST(MappedFile, AFullDiskIsAnAnswer) {
  const TempDir dir;
  MappedFile file = MappedFile::create(dir / "file", 10'000, bytesOf("head"));
  const FileSizeLimit limit(5'000);
  EXPECT_FALSE(file.write(1'000, bytesOf("fits")));
  const auto problem = file.write(4'998, bytesOf("does not fit"));
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->message.find((dir / "file").string()), std::string::npos);
  EXPECT_EQ(textOf(file, 1'000, 4), "fits");
  EXPECT_THROW(MappedFile::create(dir / "other", 10'000, bytesOf("head")), Exception);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1) << "something else was left";
}

}  // namespace
}  // namespace barlow
