#include "core/base/cgroup.h"

#include "core/base/atomic_file.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <string>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A tree of files as the kernel shows them.
class ControlGroupTest : public testing::Test {
 protected:
  void membership(const std::string& text) { writeFileAtomically(groups_.membership, text); }
  void write(const std::string& path, const std::string& text) {
    makeFolder((groups_.mount / path).parent_path());
    writeFileAtomically(groups_.mount / path, text);
  }
  const TempDir dir_;
  const ControlGroups groups_{.membership = dir_ / "membership", .mount = dir_ / "mount"};
};

TEST_F(ControlGroupTest, KnowNoLimitWhereThereIsNone) {
  EXPECT_EQ(memoryLeftInGroup(groups_), std::nullopt);
  EXPECT_EQ(processorQuota(groups_), std::nullopt);
  membership("0::/user.slice\n");
  write("user.slice/memory.max", "max\n");
  write("user.slice/memory.current", "1000\n");
  write("user.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), std::nullopt);
  EXPECT_EQ(processorQuota(groups_), std::nullopt);
}

TEST_F(ControlGroupTest, TakeTheTightestLimitUpToTheRoot) {
  membership("0::/job/step\n");
  write("job/step/memory.max", "9000\n");
  write("job/step/memory.current", "1000\n");
  write("job/memory.max", "5000\n");
  write("job/memory.current", "2000\n");
  write("job/step/cpu.max", "400000 100000\n");
  write("job/cpu.max", "150000 100000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), 3000u);
  EXPECT_EQ(processorQuota(groups_), 1.5);
}

TEST_F(ControlGroupTest, DoNotCountFileCacheAsUsed) {
  membership("0::/\n");
  write("memory.max", "5000\n");
  write("memory.current", "4900\n");
  write("memory.stat", "anon 900\nfile 4000\ninactive_file 3000\nactive_file 1000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), 4100u);
}

TEST_F(ControlGroupTest, AFullGroupHasNothingLeft) {
  membership("0::/\n");
  write("memory.max", "5000\n");
  write("memory.current", "6000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), 0u);
}

TEST_F(ControlGroupTest, AContainerThatSeesTheHostsPathUsesItsOwnRoot) {
  membership("0::/system.slice/docker-abc.scope\n");
  write("memory.max", "5000\n");
  write("memory.current", "1000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), 4000u);
}

TEST_F(ControlGroupTest, VersionOneHasAFolderForEveryController) {
  membership("12:cpu,cpuacct:/batch\n4:memory:/batch/7\n1:name=systemd:/user\n");
  write("memory/batch/7/memory.limit_in_bytes", "8000\n");
  write("memory/batch/7/memory.usage_in_bytes", "3000\n");
  write("memory/batch/7/memory.stat",
        "cache 500\ninactive_file 1\ntotal_inactive_file 300\ntotal_active_file 200\n");
  write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("memory/memory.usage_in_bytes", "100000\n");
  write("cpu/batch/cpu.cfs_quota_us", "200000\n");
  write("cpu/batch/cpu.cfs_period_us", "100000\n");
  write("cpu/cpu.cfs_quota_us", "-1\n");
  write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(memoryLeftInGroup(groups_), 5500u);
  EXPECT_EQ(processorQuota(groups_), 2.0);
}

}  // namespace
}  // namespace barlow
