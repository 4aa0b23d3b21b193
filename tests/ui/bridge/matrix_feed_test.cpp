#include "ui/bridge/matrix_feed.h"

#include "tests/support/embeddings.h"
#include "tests/support/fake_trainer.h"
#include "tests/support/temp_dir.h"
#include "ui/bridge/experiment.h"
#include "ui/bridge/run_controller.h"

#include <QTest>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <vector>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

class MatrixFeedTest : public testing::Test {
 protected:
  MatrixFeedTest() {
    control_->embeddings = [](std::int64_t step) { return randomEmbeddings(16, 8, step); };
    QObject::connect(
        &feed_, &MatrixFeed::arrived, &feed_, [this](const auto& one) { arrived_.push_back(one); });
  }
  ~MatrixFeedTest() override {
    control_->preparing.open();
    control_->stepping.open();
  }
  void start() {
    control_->preparing.open();
    run_.start();
  }
  int summaries() {
    const std::lock_guard lock(control_->mutex);
    return control_->summaries;
  }

  TempDir dir_;
  std::shared_ptr<FakeControl> control_ = std::make_shared<FakeControl>();
  Experiment experiment_;
  RunController run_{experiment_,
                     {.makeLoop =
                          [control = control_](RunRequest request) {
                            RunFolder::create(request.folder, request.config, RunRecord{.id = "x"});
                            return std::make_unique<FakeTrainer>(control);
                          },
                      .runsRoot = dir_.path(),
                      .moveToTrash = {}}};
  MatrixFeed feed_{run_};
  QObject panel_;
  std::vector<std::shared_ptr<const Inspection>> arrived_;
};

TEST_F(MatrixFeedTest, MakesMatricesForWhoWantsThem) {
  feed_.setWant(&panel_, MatrixFeed::Want::Picture);
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !arrived_.empty(); }));
  EXPECT_EQ(arrived_.back()->matrix().rows(), 8);
  EXPECT_EQ(arrived_.back()->statistics, nullptr) << "a picture measures nothing";
  EXPECT_EQ(feed_.newest(), arrived_.back());

  // Who looks closer gets the rest of the same moment, also when the run is over.
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive(); }));
  const auto before = arrived_.back();
  feed_.setWant(&panel_, MatrixFeed::Want::Everything);
  ASSERT_TRUE(waitUntil([&] { return feed_.newest()->statistics != nullptr; }));
  EXPECT_EQ(feed_.newest()->origin().step, before->origin().step);
  EXPECT_NE(feed_.newest()->health, nullptr);
}

TEST_F(MatrixFeedTest, MakesTheMatrixThatIsChosenOfTheSameEmbeddings) {
  feed_.setWant(&panel_, MatrixFeed::Want::Picture);
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive() && !feed_.isBusy() && !arrived_.empty(); }));
  const auto before = arrived_.back();
  int changes = 0;
  QObject::connect(&feed_, &MatrixFeed::kindChanged, &feed_, [&] { ++changes; });
  feed_.setKind(MatrixKind::SampleSimilarity);
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(feed_.newest(), nullptr) << "until it is made";
  ASSERT_TRUE(waitUntil([&] { return feed_.newest() != nullptr; }));
  EXPECT_EQ(feed_.newest()->matrix().rows(), 16) << "images";
  EXPECT_EQ(feed_.newest()->embeddings, before->embeddings);
  feed_.setKind(MatrixKind::SampleSimilarity);
  feed_.setKind(MatrixKind::Assignments);
  EXPECT_EQ(changes, 1) << "Barlow Twins has no prototypes";
  EXPECT_EQ(feed_.kinds().size(), 4u);

  // What was kept with a run gives way to a person's choice, until another run comes.
  feed_.suggestKind(MatrixKind::CovarianceA);
  EXPECT_EQ(feed_.kind(), MatrixKind::SampleSimilarity);
  Q_EMIT run_.cleared();
  feed_.suggestKind(MatrixKind::CovarianceA);
  EXPECT_EQ(feed_.kind(), MatrixKind::CovarianceA);
}

TEST_F(MatrixFeedTest, SaysWhyThereIsNoSuchMatrixAndShowsItWhenThereIs) {
  RunConfig config;
  config.objective.name = ObjectiveName::DeepCluster;
  experiment_.setConfig(config);
  control_->steps = 2;
  control_->embeddings = [](std::int64_t step) {
    const auto plain = randomEmbeddings(16, 8, step);
    return step < 2 ? plain : withPrototypes(plain, 20, 4);
  };
  int lacks = 0;
  QObject::connect(&feed_, &MatrixFeed::lacked, &feed_, [&] { ++lacks; });
  feed_.setWant(&panel_, MatrixFeed::Want::Picture);
  start();
  ASSERT_EQ(feed_.kinds().size(), 5u);
  feed_.setKind(MatrixKind::Assignments);
  control_->stepping.allow();
  ASSERT_TRUE(waitUntil([&] { return lacks > 0; }));
  EXPECT_TRUE(feed_.lacking().contains(QStringLiteral("no prototypes")));
  EXPECT_EQ(feed_.newest(), nullptr);
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return feed_.newest() != nullptr; }));
  EXPECT_EQ(feed_.newest()->matrix().columns(), 20);
  EXPECT_TRUE(feed_.lacking().isEmpty());
}

TEST_F(MatrixFeedTest, APictureComesBeforeItsNumbersAndTheLastOneAlwaysGetsThem) {
  feed_.setWant(&panel_, MatrixFeed::Want::Everything);
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive() && !arrived_.empty(); }));
  ASSERT_TRUE(waitUntil([&] { return feed_.newest()->isComplete() && !feed_.isBusy(); }));
  EXPECT_EQ(arrived_.front()->statistics, nullptr);
  std::size_t numbers = 0;
  for (std::size_t i = 1; i < arrived_.size(); ++i) {
    if (arrived_[i]->isComplete()) {
      ++numbers;
      EXPECT_EQ(arrived_[i]->pyramid, arrived_[i - 1]->pyramid) << "of the picture before";
    }
  }
  EXPECT_GE(numbers, 1u);
}

// The lowest priority among the threads of this program, as a nice value.
int mostNice() {
  int most = -20;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    std::string text;
    std::getline(file, text);
    // After the name in parentheses, which may hold anything, the 17th field from the state on.
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string field;
    for (int i = 0; i < 17 && fields >> field; ++i) {
    }
    if (!field.empty()) {
      most = std::max(most, std::stoi(field));
    }
  }
  return most;
}

// Issue 16: with another program on all cores, numbers of a stored run took 24 s.
TEST_F(MatrixFeedTest, NumbersOfARunOnDiskDoNotWaitBehindOtherPrograms) {
  const auto folder = dir_ / "stored";
  RunFolder::create(folder, RunConfig{}, RunRecord{.id = "stored", .state = "finished"});
  writeMoment(folder, *randomEmbeddings(16, 8, 5));
  feed_.setWant(&panel_, MatrixFeed::Want::Everything);
  run_.open(folder);
  ASSERT_TRUE(waitUntil([&] { return feed_.newest() && feed_.newest()->isComplete(); }));
  EXPECT_EQ(mostNice(), getpriority(PRIO_PROCESS, 0));
}

TEST_F(MatrixFeedTest, AsksForNothingThatNobodyWants) {
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive() && run_.state() != SessionState::Idle; }));
  EXPECT_EQ(summaries(), 0);
  EXPECT_TRUE(arrived_.empty());
}

TEST_F(MatrixFeedTest, ForgetsWhoIsGone) {
  {
    QObject other;
    feed_.setWant(&other, MatrixFeed::Want::Everything);
  }
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive() && run_.state() != SessionState::Idle; }));
  EXPECT_EQ(summaries(), 0);
}

TEST_F(MatrixFeedTest, BeginsAnewWithAnotherRun) {
  feed_.setWant(&panel_, MatrixFeed::Want::Picture);
  start();
  control_->stepping.open();
  ASSERT_TRUE(waitUntil([&] { return !run_.isLive() && feed_.newest(); }));
  bool isCleared = false;
  QObject::connect(&feed_, &MatrixFeed::cleared, &feed_, [&] {
    isCleared = true;
    EXPECT_EQ(feed_.newest(), nullptr);
  });
  run_.start();
  EXPECT_TRUE(isCleared);
}

}  // namespace
}  // namespace barlow::ui
