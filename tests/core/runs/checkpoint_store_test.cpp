#include "core/runs/checkpoint_store.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace barlow {
namespace {

namespace fs = std::filesystem;

void writeThree(const fs::path& folder) {
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "state.json"}) {
    writeFileAtomically(folder / file, std::string("content of ") + file);
  }
}

TEST(CheckpointStore, KeepsTheNewestAndFindsThemSound) {
  const TempDir dir;
  CheckpointStore store(dir / "checkpoints");
  EXPECT_TRUE(store.steps().empty());
  for (const std::int64_t step : {5, 12, 100}) {
    store.save(step, 2, 1000, writeThree);
  }
  EXPECT_EQ(store.steps(), (std::vector<std::int64_t>{100, 12}));
  EXPECT_EQ(store.folder(12).filename(), "step-00000012");
  EXPECT_EQ(store.damage(100), std::nullopt);
}

TEST(CheckpointStore, NoticesEveryKindOfDamage) {
  const TempDir dir;
  CheckpointStore store(dir / "checkpoints");
  const auto damagedBy = [&](const std::function<void(const fs::path&)>& harm) {
    const fs::path folder = store.save(1, 1, 1000, writeThree);
    harm(folder);
    return store.damage(1).has_value();
  };
  EXPECT_FALSE(damagedBy([](const fs::path&) {}));
  EXPECT_TRUE(damagedBy([](const fs::path& folder) { fs::remove(folder / "model.safetensors"); }));
  EXPECT_TRUE(damagedBy([](const fs::path& folder) { fs::resize_file(folder / "state.json", 3); }));
  EXPECT_TRUE(damagedBy([](const fs::path& folder) { writeFileAtomically(folder / "state.json", "content of state.jsoN"); }));
  EXPECT_TRUE(damagedBy([](const fs::path& folder) { fs::remove(folder / "MANIFEST.json"); }));
  EXPECT_TRUE(damagedBy([](const fs::path& folder) { writeFileAtomically(folder / "MANIFEST.json", "{\"files\":{}}"); }));
}

TEST(CheckpointStore, AFailedSaveLeavesTheOldOnesAndNoHalfOne) {
  const TempDir dir;
  CheckpointStore store(dir / "checkpoints");
  store.save(1, 1, 1000, writeThree);
  EXPECT_THROW(store.save(2,
                          1,
                          1000,
                          [](const fs::path& folder) {
                            writeFileAtomically(folder / "model.safetensors", "half");
                            throw Exception("the disk is full");
                          }),
               Exception);
  EXPECT_EQ(store.steps(), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir / "checkpoints"), {}), 1);
  EXPECT_THROW(store.save(2, 1, 1ull << 60, writeThree), Exception) << "more than the disk has";
}

TEST(CheckpointStore, RemovesWhatACrashLeftBehind) {
  const TempDir dir;
  CheckpointStore store(dir / "checkpoints");
  store.save(3, 5, 1000, writeThree);
  store.save(7, 5, 1000, writeThree);
  fs::create_directories(fs::path(dir / "checkpoints") / ".partial-step-00000009");
  store.removeLeftovers(3);
  EXPECT_EQ(store.steps(), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir / "checkpoints"), {}), 1);
}

}  // namespace
}  // namespace barlow
