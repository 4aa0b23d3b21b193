#include "core/base/watched_folder.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

TEST(WatchedFolder, KnowsWhereItWent) {
  const TempDir dir;
  fs::create_directory(dir / "run");
  const WatchedFolder watched(dir / "run");
  EXPECT_TRUE(watched.isInPlace());
  fs::rename(dir / "run", dir / "moved");
  EXPECT_FALSE(watched.isInPlace());
  EXPECT_EQ(watched.movedTo(), fs::canonical(dir / "moved"));
  fs::create_directory(dir / "run");
  EXPECT_FALSE(watched.isInPlace()) << "another folder has its name";
  fs::remove(dir / "run");
  fs::rename(dir / "moved", dir / "run");
  EXPECT_TRUE(watched.isInPlace()) << "it came back";
  fs::remove(dir / "run");
  EXPECT_FALSE(watched.isInPlace());
  EXPECT_EQ(watched.movedTo(), fs::path());
}

}  // namespace
}  // namespace barlow
