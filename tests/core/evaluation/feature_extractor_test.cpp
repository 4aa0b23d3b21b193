#include "core/evaluation/feature_extractor.h"

#include "core/base/check.h"
#include "core/evaluation/feature_cache.h"
#include "core/image/resize.h"
#include "tests/core/evaluation/colours.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;

struct Subject {
  ModelParams params{.backbone = Backbone::Tiny, .width = 4, .projector = {8, 5}};
  Encoder network{params};
  FeatureExtractor::Options options;
  Colours colours;

  Subject() {
    initializeWeights(network, 1);
    network->train();
    options.data.imageSize = 16;
  }
  Representations made() { return *represent(network, colours, allIndices(colours), options, {}); }
};

TEST(FeatureExtractor, KeepsTheOrderAndLeavesOutWhatCannotBeRead) {
  Subject subject;
  std::int64_t done = 0;
  const auto made = represent(
      subject.network, subject.colours, {9, 7, 3}, subject.options, {}, [&](std::int64_t count) {
        done = count;
      });
  ASSERT_TRUE(made);
  EXPECT_EQ(made->indices, (std::vector<std::int64_t>{9, 3}));
  EXPECT_EQ(made->labels, (std::vector<std::int64_t>{0, 0}));
  ASSERT_EQ(made->problems.size(), 1u);
  EXPECT_EQ(made->problems[0].path, "colour 7");
  EXPECT_EQ(done, 3);
  EXPECT_TRUE(subject.network->isTraining()) << "as it was";
  const auto one = represent(subject.network, subject.colours, {3}, subject.options, {});
  EXPECT_TRUE(torch::allclose(one->features[0], made->features[1], 1e-5, 1e-6));
}

TEST(FeatureExtractor, GivesTheProjectorsOutputWhereThatIsAskedFor) {
  Subject subject;
  const Representations backbone = subject.made();
  subject.options.isProjected = true;
  const Representations projector = subject.made();
  EXPECT_EQ(projector.features.size(1), 5);
  EXPECT_EQ(backbone.features.size(1), subject.network->features());
  EXPECT_EQ(backbone.features.size(0), 59);
}

TEST(FeatureExtractor, SeesAWeightOrABufferThatMoved) {
  Subject subject;
  {
    const FeatureExtractor frozen(subject.network, subject.options);
    EXPECT_NO_THROW(frozen.requireUnmoved());
    torch::NoGradGuard noGrad;
    subject.network->buffers()[0].add_(1e-6);
    EXPECT_THROW(frozen.requireUnmoved(), CheckFailure);
  }
  const FeatureExtractor frozen(subject.network, subject.options);
  torch::NoGradGuard noGrad;
  subject.network->parameters()[0].mul_(1.0001);
  EXPECT_THROW(frozen.requireUnmoved(), CheckFailure);
}

TEST(FeatureCache, GivesBackWhatItWasGivenAndNothingElse) {
  const TempDir dir;
  Subject subject;
  const Representations made = subject.made();
  const FeatureCache cache(dir / "cache");
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", made);
  const auto found = cache.find("a");
  ASSERT_TRUE(found);
  EXPECT_TRUE(torch::equal(found->features, made.features));
  EXPECT_EQ(found->labels, made.labels);
  EXPECT_EQ(found->indices, made.indices);
  EXPECT_FALSE(cache.find("b"));
}

TEST(FeatureCache, TakesADamagedFileForAMissingOne) {
  const TempDir dir;
  Subject subject;
  const Representations made = subject.made();
  const FeatureCache cache(dir / "cache");
  cache.keep("a", made);
  const fs::path file = fs::directory_iterator(dir / "cache")->path();
  const auto size = static_cast<std::streamoff>(fs::file_size(file));
  for (std::streamoff at = 0; at < size; at += 97) {
    cache.keep("a", made);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(at);
    stream.put(byte);
    stream.close();
    const auto found = cache.find("a");
    EXPECT_TRUE(!found || torch::equal(found->features, made.features)) << at;
  }
  fs::resize_file(file, static_cast<std::uintmax_t>(size) / 2);
  EXPECT_FALSE(cache.find("a"));
}

TEST(FeatureCache, StaysWithinItsBound) {
  const TempDir dir;
  Subject subject;
  const Representations made = subject.made();
  const FeatureCache large(dir / "cache");
  large.keep("first", made);
  const auto bytes = fs::file_size(fs::directory_iterator(dir / "cache")->path());
  const FeatureCache cache(dir / "cache", 3 * bytes);
  for (const char* key : {"second", "third", "fourth", "fifth"}) {
    cache.keep(key, made);
  }
  std::uintmax_t all = 0;
  for (const auto& entry : fs::directory_iterator(dir / "cache")) {
    all += entry.file_size();
  }
  EXPECT_LE(all, 3 * bytes);
  EXPECT_TRUE(cache.find("fifth")) << "the newest stays";
}

TEST(FeatureCache, ADataSetIsAnotherWhenAFileOfItIs) {
  const TempDir dir;
  const auto content = [&] { return contentOf(Colours(), "f"); };
  EXPECT_EQ(content(), content());
  EXPECT_NE(content(), contentOf(Colours(), "g"));
  EXPECT_NE(content(), contentOf(Subset(std::make_shared<Colours>(), {1, 0}), "f"));
}

}  // namespace
}  // namespace barlow
