#include "core/base/atomic_file.h"
#include "core/base/system.h"
#include "core/dataset/synthetic_shapes.h"
#include "core/image/decode.h"
#include "core/runs/run_folder.h"
#include "core/training/trainer.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// The user's cache folder of this test alone.
class OwnCacheFolder {
 public:
  explicit OwnCacheFolder(const fs::path& folder) {
    const char* before = std::getenv("XDG_CACHE_HOME");
    before_ = before != nullptr ? std::optional<std::string>(before) : std::nullopt;
    setenv("XDG_CACHE_HOME", folder.c_str(), 1);
  }
  ~OwnCacheFolder() {
    before_ ? setenv("XDG_CACHE_HOME", before_->c_str(), 1) : unsetenv("XDG_CACHE_HOME");
  }
  OwnCacheFolder(const OwnCacheFolder&) = delete;
  OwnCacheFolder& operator=(const OwnCacheFolder&) = delete;

 private:
  std::optional<std::string> before_;
};

constexpr int kImages = 48;

fs::path makePhotos(const TempDir& dir) {
  const SyntheticShapes shapes(SyntheticShapes::Part::Train);
  for (int i = 0; i < kImages; ++i) {
    const fs::path folder = dir.path() / "photos" / (i % 2 == 0 ? "even" : "odd");
    fs::create_directories(folder);
    writePng(folder / fmt::format("{}.png", i), shapes.image(i).value());
  }
  return dir / "photos";
}

RunConfig configFor(const fs::path& photos, ImageCache cache) {
  RunConfig config;
  config.data.source = photos.string();
  config.data.cache = cache;
  config.data.imageSize = 32;
  config.data.validationFraction = 1.0 / 3;
  config.model.backbone = Backbone::Tiny;
  config.model.width = 4;
  config.model.projector = {16, 16};
  config.run.batchSize = 16;
  config.run.epochs = 3;
  config.run.threads = 1;
  config.run.loaderWorkers = 2;
  config.run.device = "cpu";
  config.run.precision = Precision::Fp32;
  config.run.memoryFormat = MemoryFormat::ChannelsLast;
  config.evaluate.everyEpochs = 1;
  config.evaluate.k = 3;
  return config;
}

using Texts = std::vector<std::string>;

// Goes on to `lastStep` and ends with a checkpoint. What the run announced and warned of.
Texts run(RunRequest request, std::int64_t lastStep) {
  Texts texts;
  const auto trainer = makeTrainer(std::move(request));
  std::int64_t step = trainer
                          ->prepare({},
                                    [&](const SessionEvent& event) {
                                      texts.push_back(event.text + event.error.message);
                                    })
                          .firstStep;
  for (; step < lastStep; ++step) {
    trainer->evaluateIfDue({});
    trainer->step({});
  }
  trainer->evaluateIfDue({});
  trainer->checkpointNow();
  trainer->finish(RunEnd::Stopped, {});
  return texts;
}

Texts runFresh(const fs::path& folder, const RunConfig& config, std::int64_t lastStep) {
  RunRequest request;
  request.config = config;
  request.folder = folder;
  return run(std::move(request), lastStep);
}

bool isSaid(const Texts& texts, const std::string& what) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(what) != std::string::npos;
  });
}

std::string weightsOf(const fs::path& folder, std::int64_t step) {
  return readFileText(
      folder / "checkpoints" / fmt::format("step-{:08}", step) / "model.safetensors", 1 << 26);
}

constexpr std::int64_t kSteps = 6;  // three epochs of two steps

TEST(ImageCache, ChangesNoByteOfARunAlsoWhereItIsResumed) {
  const TempDir dir;
  const OwnCacheFolder own(dir / "cache");
  const fs::path photos = makePhotos(dir);
  const Texts without = runFresh(dir / "without", configFor(photos, ImageCache::Off), kSteps);
  EXPECT_FALSE(isSaid(without, "decoded images"));
  EXPECT_FALSE(fs::exists(userCacheFolder() / "images"));
  const std::string expected = weightsOf(dir / "without", kSteps);

  const Texts filling = runFresh(dir / "filling", configFor(photos, ImageCache::Auto), kSteps);
  EXPECT_TRUE(
      isSaid(filling, "the decoded images are kept in " + (userCacheFolder() / "images").string()));
  EXPECT_EQ(weightsOf(dir / "filling", kSteps), expected);

  // From here on nothing can be decoded: everything comes from the cache.
  for (const auto& entry : fs::recursive_directory_iterator(photos)) {
    if (entry.is_regular_file()) {
      const auto time = entry.last_write_time();
      std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
      file.seekp(60);
      file << "spoilt";
      file.close();
      fs::last_write_time(entry.path(), time);
    }
  }
  runFresh(dir / "filled", configFor(photos, ImageCache::Auto), 3);
  RunRequest request;
  request.mode = RunRequest::Mode::Resume;
  request.folder = dir / "filled";
  const Texts resumed = run(std::move(request), kSteps);
  EXPECT_EQ(weightsOf(dir / "filled", kSteps), expected);
  EXPECT_FALSE(isSaid(resumed, "left out"));
}

TEST(ImageCache, DamageIsAWarningAndTheRunGoesOn) {
  const TempDir dir;
  const OwnCacheFolder own(dir / "cache");
  const fs::path photos = makePhotos(dir);
  runFresh(dir / "first", configFor(photos, ImageCache::On), kSteps);
  for (const auto& entry : fs::directory_iterator(userCacheFolder() / "images")) {
    std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
    for (int image = 0; image < kImages; ++image) {
      file.seekp(1024 + image * 3072);
      file << "x";
    }
  }
  const Texts second = runFresh(dir / "second", configFor(photos, ImageCache::On), kSteps);
  EXPECT_TRUE(isSaid(second, "are damaged; these images are decoded again"));
  EXPECT_EQ(weightsOf(dir / "second", kSteps), weightsOf(dir / "first", kSteps));
}

TEST(ImageCache, WithoutAFolderForItTheRunGoesOn) {
  const TempDir dir;
  writeFileAtomically(dir / "cache", "a file where a folder should be");
  const OwnCacheFolder own(dir / "cache");
  const fs::path photos = makePhotos(dir);
  const Texts texts = runFresh(dir / "run", configFor(photos, ImageCache::On), kSteps);
  EXPECT_TRUE(isSaid(texts, "goes on without keeping decoded images"));
  EXPECT_EQ(readRunRecord(dir / "run").steps, kSteps);
}

}  // namespace
}  // namespace barlow
