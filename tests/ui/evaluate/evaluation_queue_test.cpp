#include "ui/evaluate/evaluation_queue.h"

#include "tests/ui/evaluate/fake_doors.h"

#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

class EvaluationQueueTest : public testing::Test {
 protected:
  ~EvaluationQueueTest() override { core.release(); }
  qint64 add(int step) {
    return queue.add({.model = "step-" + std::to_string(step)}, QString::number(step));
  }
  QStringList titles() {
    QStringList all;
    for (const auto& entry : queue.entries()) {
      all << entry.title;
    }
    return all;
  }
  bool waitFor(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

  FakeCore core;
  EvaluateDoors doors = core.doors();
  EvaluationQueue queue{doors};
};

TEST_F(EvaluationQueueTest, WorksOneAfterTheOtherInTheOrderShown) {
  core.hold();
  std::vector<std::int64_t> done;
  QObject::connect(&queue,
                   &EvaluationQueue::finished,
                   [&](const EvaluationRequest&, const EvaluationReport& report) {
                     done.push_back(report.model.step);
                   });
  add(100);
  add(200);
  const qint64 last = add(300);
  queue.move(last, -1);
  EXPECT_EQ(titles(), (QStringList{"100", "300", "200"}));
  ASSERT_TRUE(waitFor([&] { return queue.entries().front().share == 0.5; }));
  EXPECT_EQ(queue.entries().front().line, QStringLiteral("features of 42 images"));
  EXPECT_EQ(core.asked().size(), 1U);
  core.release();
  ASSERT_TRUE(waitFor([&] { return queue.entries().empty(); }));
  EXPECT_EQ(done, (std::vector<std::int64_t>{100, 300, 200}));
}

TEST_F(EvaluationQueueTest, WhatIsTakenOutStopsAndTheNextBegins) {
  core.hold();
  QSignalSpy finished(&queue, &EvaluationQueue::finished);
  const qint64 first = add(100);
  add(200);
  ASSERT_TRUE(waitFor([&] { return core.asked().size() == 1; }));
  queue.remove(first);
  EXPECT_EQ(titles(), QStringList{"200"});
  ASSERT_TRUE(waitFor([&] { return core.asked().size() == 2; }));
  core.release();
  ASSERT_TRUE(waitFor([&] { return !queue.isBusy(); }));
  EXPECT_EQ(finished.size(), 1);
}

TEST_F(EvaluationQueueTest, AFailureIsASentenceAndTheRestGoesOn) {
  core.failure = "There are no labels in shapes; take the probe without labels.";
  add(100);
  ASSERT_TRUE(waitFor([&] { return !queue.isBusy(); }));
  ASSERT_EQ(queue.entries().size(), 1U);
  EXPECT_EQ(queue.entries().front().state, EvaluationQueue::State::Failed);
  EXPECT_EQ(queue.entries().front().line.toStdString(), core.failure);
  core.failure.clear();
  QSignalSpy finished(&queue, &EvaluationQueue::finished);
  add(200);
  ASSERT_TRUE(waitFor([&] { return finished.size() == 1; }));
  EXPECT_EQ(titles(), QStringList{"100"}) << "what failed stays to be read";
}

TEST_F(EvaluationQueueTest, BeginsAnewWithLowPriorityWhenARunStartsToTrain) {
  core.hold();
  add(100);
  ASSERT_TRUE(waitFor([&] { return core.asked().size() == 1; }));
  queue.setTraining(true);
  ASSERT_TRUE(waitFor([&] { return core.asked().size() == 2; }));
  EXPECT_EQ(core.yielded(), (std::vector<bool>{false, true}));
  queue.setTraining(false);
  core.release();
  ASSERT_TRUE(waitFor([&] { return queue.entries().empty(); }));
  EXPECT_EQ(core.asked().size(), 2U) << "at its end nothing begins anew";
}

TEST_F(EvaluationQueueTest, MayGoWhileItWorks) {
  core.hold();
  auto other = std::make_unique<EvaluationQueue>(doors);
  other->add({.model = "step-100"}, {});
  ASSERT_TRUE(waitFor([&] { return core.asked().size() == 1; }));
  other.reset();
}

}  // namespace
}  // namespace barlow::ui
