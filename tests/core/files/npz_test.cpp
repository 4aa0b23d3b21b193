#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/array_file.h"
#include "core/files/npy_header.h"
#include "tests/core/files/zip_bytes.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kPythonsFiles = fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files";

void writeQuickly(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string zeros(std::size_t count) {
  return npyHeader("<f4", {static_cast<std::int64_t>(count)}) + std::string(4 * count, '\0');
}

// What reading all of an archive says, or nothing.
std::string readingOf(const fs::path& path) {
  return messageOf([&] {
    const auto file = openNpz(path);
    for (std::size_t i = 0; i < file->entries().size(); ++i) {
      file->read(i);
    }
  });
}

TEST(Npz, ReadsWhatNumPyWrote) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const auto file = openNpz(kPythonsFiles / name);
    ASSERT_EQ(file->entries().size(), 3u) << name;
    EXPECT_EQ(file->entries()[0].name, "z_b");
    EXPECT_TRUE(file->entries()[0].isReal);
    EXPECT_EQ(file->entries()[1].name, "labels");
    EXPECT_FALSE(file->entries()[1].isReal);
    EXPECT_EQ(file->entries()[2].shape, (std::vector<std::int64_t>{3, 2}));
    // The last one first, and one twice.
    const torch::Tensor quarters = (torch::arange(6, torch::kFloat64) / 4 - 1).view({3, 2});
    EXPECT_TRUE(torch::equal(file->read(2), quarters.to(torch::kFloat32))) << name;
    EXPECT_TRUE(torch::equal(file->read(0), quarters + 1)) << name;
    EXPECT_TRUE(torch::equal(file->read(0), quarters + 1)) << name;
  }
}

TEST(Npz, RefusesEveryTruncationAndNoFlippedBitChangesAValue) {
  const TempDir dir;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string whole = readFileText(kPythonsFiles / name, 10'000);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      writeQuickly(dir / "cut.npz", std::string_view(whole).substr(0, length));
      EXPECT_NE(readingOf(dir / "cut.npz"), "") << name << " " << length;
    }
  }
  const std::string whole = zipOf({{.name = "a.npy", .content = zeros(64), .isDeflated = true}});
  ASSERT_EQ((writeQuickly(dir / "x.npz", whole), readingOf(dir / "x.npz")), "");
  for (std::size_t byte = 30 + 5; byte < whole.size() - 22 - 46 - 5; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
      writeQuickly(dir / "x.npz", bytes);
      try {
        EXPECT_TRUE(torch::equal(openNpz(dir / "x.npz")->read(0), torch::zeros({64}))) << byte;
      } catch (const Exception&) {  // refused, as most are
      }
    }
  }
}

TEST(Npz, RefusesHostileArchives) {
  const TempDir dir;
  const std::string good = zeros(4);
  struct Case {
    std::vector<ZipPiece> pieces;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {{{.name = "a.npy", .content = good}, {.name = "a.npy", .content = good}}, "twice"},
      {{{.name = "a.npy", .content = good, .flags = 1}}, "encrypted"},
      {{{.name = "a.npy", .content = good, .method = 12}}, "savez_compressed"},
      {{{.name = "a.npy", .content = good, .crc = 7}}, "checksum"},
      {{{.name = "a.npy", .content = good, .size = good.size() + 1}}, "as large as it says"},
      {{{.name = "a.npy", .content = good, .isDeflated = true, .size = 1ull << 31}},
       "as large as it says"},
      {{{.name = "a.npy", .content = good, .isDeflated = true, .size = good.size() + 4}}, "length"},
      {{{.name = "a.npy", .content = good, .isDeflated = true, .size = good.size() - 4}}, "length"},
      {{{.name = "a.npy", .content = good, .begin = 1u << 30}}, "outside the file"},
      {{{.name = "a.npy", .content = good, .begin = 7}}, "not where"},
      {{{.name = "a.npy", .content = "text"}}, "too short"},
      {{{.name = "inner.npz", .content = zipOf({{.name = "a.npy", .content = good}})}},
       "no arrays"},
      {{{.name = "model/data.pkl", .content = "x"}}, "no arrays"},
      {{}, "no arrays"},
  };
  for (const Case& bad : cases) {
    writeFileAtomically(dir / "x.npz", zipOf(bad.pieces));
    EXPECT_THAT(readingOf(dir / "x.npz"),
                AllOf(HasSubstr(bad.reason), HasSubstr((dir / "x.npz").string())))
        << bad.reason;
  }
  writeFileAtomically(dir / "x.npz", std::string("PK\3\4 and nothing else"));
  EXPECT_THAT(readingOf(dir / "x.npz"), HasSubstr("cut short"));
}

TEST(Npz, DoesNotBelieveTheShapeOfAnArray) {
  const TempDir dir;
  const std::string header = npyHeader("<f4", {1ll << 50});
  writeFileAtomically(dir / "x.npz",
                      zipOf({{.name = "a.npy", .content = header, .isDeflated = true}}));
  EXPECT_THAT(readingOf(dir / "x.npz"), HasSubstr("length"));
}

TEST(Npz, PassesOverWhatIsNoArrayAndReadsTheRest) {
  const TempDir dir;
  writeFileAtomically(dir / "x.npz",
                      zipOf({{.name = "readme.txt", .content = "hello"},
                             {.name = "broken.npy", .content = "PK"},
                             {.name = "a.npy", .content = zeros(3), .isDeflated = true}}));
  const auto file = openNpz(dir / "x.npz");
  ASSERT_EQ(file->entries().size(), 2u);
  EXPECT_THAT(file->entries()[0].problem, HasSubstr("too short"));
  EXPECT_TRUE(torch::equal(file->read(1), torch::zeros({3})));
}

}  // namespace
}  // namespace barlow
