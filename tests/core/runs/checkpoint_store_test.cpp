#include "core/runs/checkpoint_store.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <functional>
#include <sys/resource.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

void writeThree(const fs::path& folder) {
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "state.json"}) {
    writeFileAtomically(folder / file, std::string("content of ") + file);
  }
}

// Without the fsync of a product's write, which makes loops over every byte slow.
void writeQuickly(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::vector<std::string> namesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class CheckpointStoreTest : public testing::Test {
 protected:
  const TempDir dir_;
  const fs::path folder_ = dir_ / "checkpoints";
  CheckpointStore store_{folder_};
};

TEST_F(CheckpointStoreTest, KeepsTheNewestAndFindsThemSound) {
  EXPECT_TRUE(store_.steps().empty());
  for (const std::int64_t step : {5, 12, 100}) {
    EXPECT_EQ(store_.save(step, 2, 1000, writeThree), store_.folder(step));
  }
  EXPECT_THAT(store_.steps(), ElementsAre(100, 12));
  EXPECT_THAT(namesIn(folder_), ElementsAre("step-00000012", "step-00000100"));
  EXPECT_EQ(store_.damage(100), std::nullopt);
  EXPECT_EQ(store_.damage(12), std::nullopt);
}

TEST_F(CheckpointStoreTest, TheNewestIsKeptWhateverIsAsked) {
  store_.save(1, 0, 1000, writeThree);
  store_.save(2, -3, 1000, writeThree);
  EXPECT_THAT(store_.steps(), ElementsAre(2));
}

TEST_F(CheckpointStoreTest, TheManifestListsSizesAndHashes) {
  const fs::path folder = store_.save(7, 1, 1000, writeThree);
  const auto manifest = nlohmann::json::parse(readFileText(folder / "MANIFEST.json", 10'000));
  EXPECT_EQ(manifest.at("format"), 1);
  EXPECT_EQ(manifest.at("files").size(), 3u);
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "state.json"}) {
    EXPECT_EQ(manifest.at("files").at(file).at("size"), fs::file_size(folder / file));
    EXPECT_EQ(manifest.at("files").at(file).at("sha256"), sha256OfFile(folder / file));
  }
}

TEST_F(CheckpointStoreTest, AFolderHasItsNameOnlyWhenItIsComplete) {
  store_.save(1, 5, 1000, writeThree);
  store_.save(2, 5, 1000, [&](const fs::path& folder) {
    EXPECT_EQ(folder.parent_path(), folder_);
    EXPECT_FALSE(folder.filename().string().starts_with("step-"));
    EXPECT_THAT(store_.steps(), ElementsAre(1));
    writeThree(folder);
  });
  EXPECT_THAT(store_.steps(), ElementsAre(2, 1));
}

TEST_F(CheckpointStoreTest, NoticesEveryKindOfDamage) {
  const auto damageBy = [&](const std::function<void(const fs::path&)>& harm) {
    const fs::path folder = store_.save(1, 1, 1000, writeThree);
    harm(folder);
    return store_.damage(1).value_or("sound");
  };
  EXPECT_EQ(damageBy([](const fs::path&) {}), "sound");
  EXPECT_THAT(damageBy([](const fs::path& folder) { fs::remove(folder / "model.safetensors"); }),
              HasSubstr("model.safetensors is missing"));
  EXPECT_THAT(damageBy([](const fs::path& folder) { fs::resize_file(folder / "state.json", 3); }),
              HasSubstr("state.json has another size"));
  EXPECT_THAT(damageBy([](const fs::path& folder) {
                writeFileAtomically(folder / "state.json", "content of state.jsoN");
              }),
              HasSubstr("state.json has changed"));
  EXPECT_THAT(damageBy([](const fs::path& folder) { fs::remove(folder / "MANIFEST.json"); }),
              HasSubstr("MANIFEST"));
  for (
      const char* manifest :
      {R"({"format":1,"files":{}})",
       R"({"format":1})",
       R"({"format":1,"files":[]})",
       R"({"format":"1","files":{}})",
       R"([])",
       R"({"format":1,"files":{"model.safetensors":7,"optimizer.safetensors":7,"state.json":7}})"}) {
    EXPECT_THAT(damageBy([&](const fs::path& folder) {
                  writeFileAtomically(folder / "MANIFEST.json", manifest);
                }),
                HasSubstr("manifest"))
        << manifest;
  }
  EXPECT_NE(store_.damage(999), std::nullopt);
}

TEST_F(CheckpointStoreTest, NoticesEveryTruncationOfTheManifestAndEveryFlippedBit) {
  const fs::path folder = store_.save(1, 1, 1000, writeThree);
  const std::string manifest = readFileText(folder / "MANIFEST.json", 10'000);
  for (std::size_t length = 0; length + 1 < manifest.size();
       ++length) {  // the last byte is a newline
    writeQuickly(folder / "MANIFEST.json", std::string_view(manifest).substr(0, length));
    EXPECT_NE(store_.damage(1), std::nullopt) << length;
  }
  writeQuickly(folder / "MANIFEST.json", manifest);
  ASSERT_EQ(store_.damage(1), std::nullopt);
  for (const char* name : {"model.safetensors", "optimizer.safetensors", "state.json"}) {
    const std::string content = readFileText(folder / name, 1000);
    for (std::size_t bit = 0; bit < 8 * content.size(); ++bit) {
      std::string changed = content;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      writeQuickly(folder / name, changed);
      EXPECT_NE(store_.damage(1), std::nullopt) << name << ' ' << bit;
    }
    writeQuickly(folder / name, content);
  }
  EXPECT_EQ(store_.damage(1), std::nullopt);
}

TEST_F(CheckpointStoreTest, ACheckpointOfANewerProgramIsNoDamage) {
  const fs::path folder = store_.save(1, 1, 1000, writeThree);
  writeFileAtomically(folder / "MANIFEST.json", R"({"format":2,"archives":["a"]})");
  EXPECT_THAT(messageOf([&] { store_.damage(1); }),
              testing::AllOf(HasSubstr("newer"), HasSubstr(folder.string())));
}

TEST_F(CheckpointStoreTest, AFailedSaveLeavesTheOldOnesAndNoHalfOne) {
  store_.save(1, 1, 1000, writeThree);
  EXPECT_THAT(messageOf([&] {
                store_.save(2, 1, 1000, [](const fs::path& folder) {
                  writeFileAtomically(folder / "model.safetensors", "half");
                  throw Exception("the pen broke");
                });
              }),
              "the pen broke");
  EXPECT_THAT(namesIn(folder_), ElementsAre("step-00000001"));
  EXPECT_EQ(store_.damage(1), std::nullopt);
}

TEST_F(CheckpointStoreTest, AFullDiskLeavesTheOldOnes) {
  store_.save(1, 1, 1000, writeThree);
  EXPECT_THAT(messageOf([&] { store_.save(2, 1, 1ull << 60, writeThree); }),
              testing::AllOf(HasSubstr("free"), HasSubstr(folder_.string())));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = messageOf([&] {
    store_.save(2, 1, 1000, [](const fs::path& folder) {
      writeThree(folder);
      writeFileAtomically(folder / "large", std::string(5000, 'x'));
    });
  });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(message, HasSubstr("large"));
  EXPECT_THAT(namesIn(folder_), ElementsAre("step-00000001"));
  EXPECT_EQ(store_.damage(1), std::nullopt);
}

TEST_F(CheckpointStoreTest, SavingAStepAgainReplacesIt) {
  store_.save(1, 2, 1000, writeThree);
  store_.save(1, 2, 1000, [](const fs::path& folder) {
    writeThree(folder);
    writeFileAtomically(folder / "state.json", "new");
  });
  EXPECT_EQ(readFileText(store_.folder(1) / "state.json", 100), "new");
  EXPECT_EQ(store_.damage(1), std::nullopt);
  EXPECT_THAT(namesIn(folder_), ElementsAre("step-00000001"));
  EXPECT_THROW(store_.save(1, 2, 1000, [](const fs::path&) { throw Exception("no"); }), Exception);
  EXPECT_EQ(store_.damage(1), std::nullopt);
}

TEST_F(CheckpointStoreTest, RemovesWhatACrashLeftBehind) {
  for (const std::int64_t step : {3, 7, 11}) {
    store_.save(step, 5, 1000, writeThree);
  }
  makeFolder(folder_ / ".partial-step-00000009");
  writeFileAtomically(folder_ / ".partial-step-00000009/model.safetensors", "half");
  makeFolder(folder_ / ".removed-step-00000001");
  store_.removeLeftovers(7);
  EXPECT_THAT(namesIn(folder_), ElementsAre("step-00000003", "step-00000007"));
}

TEST_F(CheckpointStoreTest, SeesOnlyFoldersWithExactlyItsNames) {
  store_.save(3, 5, 1000, writeThree);
  for (const char* name : {"step-7",
                           "step-000000008",
                           "step-",
                           "step-0000000x",
                           "step--0000001",
                           "step-00000009.old"}) {
    makeFolder(folder_ / name);
  }
  writeFileAtomically(folder_ / "step-00000010", "a file");
  makeFolder(folder_ / "step-123456789");  // more digits only where they are needed
  EXPECT_THAT(store_.steps(), ElementsAre(123'456'789, 3));
}

TEST_F(CheckpointStoreTest, SaysWhenItsFolderCannotBe) {
  writeFileAtomically(folder_, "a file");
  EXPECT_THAT(messageOf([&] { store_.save(1, 1, 1000, writeThree); }), HasSubstr(folder_.string()));
  EXPECT_TRUE(store_.steps().empty());
}

}  // namespace
}  // namespace barlow
