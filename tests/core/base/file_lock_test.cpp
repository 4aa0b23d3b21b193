#include "core/base/file_lock.h"

#include "core/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

int planned = 0;  // the errno of a file system without locks

}  // namespace

// In place of the C library's, for this program.
extern "C" int flock(int descriptor, int operation) noexcept {
  if (planned != 0) {
    errno = planned;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}

namespace barlow {
namespace {

TEST(FileLock, KeepsOthersAwayWhileItLives) {
  const TempDir dir;
  {
    const auto lock = FileLock::tryLock(dir / "lock");
    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->keepsOthersAway());
    EXPECT_FALSE(FileLock::tryLock(dir / "lock"));
  }
  EXPECT_TRUE(FileLock::tryLock(dir / "lock"));
}

TEST(FileLock, IsNoErrorWhereTheFileSystemHasNone) {
  const TempDir dir;
  for (const int code : {ENOLCK, ENOTSUP, EOPNOTSUPP, ENOSYS}) {
    planned = code;
    const auto lock = FileLock::tryLock(dir / "lock");
    ASSERT_TRUE(lock) << code;
    EXPECT_FALSE(lock->keepsOthersAway()) << code;
  }
  planned = EIO;
  EXPECT_THROW(FileLock::tryLock(dir / "lock"), Exception);
  planned = 0;
}

}  // namespace
}  // namespace barlow
