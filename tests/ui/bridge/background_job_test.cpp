#include "ui/bridge/background_job.h"

#include "tests/support/barrier.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <QThreadPool>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 10'000); }

TEST(BackgroundJob, DeliversTheResultOnTheCallersThread) {
  BackgroundJob job;
  int value = 0;
  QThread* deliveredOn = nullptr;
  QThread* workedOn = nullptr;
  job.run(
      [&workedOn](std::stop_token) {
        workedOn = QThread::currentThread();
        return 42;
      },
      [&](JobResult<int> result) {
        value = std::get<int>(result);
        deliveredOn = QThread::currentThread();
      });
  EXPECT_TRUE(job.isBusy());
  ASSERT_TRUE(waitUntil([&] { return value != 0; }));
  EXPECT_EQ(value, 42);
  EXPECT_FALSE(job.isBusy());
  EXPECT_EQ(deliveredOn, QThread::currentThread());
  EXPECT_NE(workedOn, QThread::currentThread());
}

TEST(BackgroundJob, OnlyTheNewestRequestArrives) {
  QThreadPool pool;
  pool.setMaxThreadCount(2);
  BackgroundJob job(&pool);
  auto gate = std::make_shared<Gate>();
  std::vector<int> arrived;
  std::stop_token first;
  job.run(
      [gate](std::stop_token stop) {
        gate->arrive();
        return stop.stop_requested() ? -1 : 1;
      },
      [&](JobResult<int> result) { arrived.push_back(std::get<int>(result)); });
  gate->waitForArrival(1);
  job.run([](std::stop_token) { return 2; },
          [&](JobResult<int> result) { arrived.push_back(std::get<int>(result)); });
  ASSERT_TRUE(waitUntil([&] { return !arrived.empty(); }));
  gate->open();
  pool.waitForDone();
  QCoreApplication::sendPostedEvents();
  EXPECT_EQ(arrived, std::vector<int>{2});
}

TEST(BackgroundJob, NothingArrivesAfterItIsGone) {
  QThreadPool pool;
  auto gate = std::make_shared<Gate>();
  bool hasArrived = false;
  auto job = std::make_unique<BackgroundJob>(&pool);
  job->run(
      [gate](std::stop_token) {
        gate->arrive();
        return 1;
      },
      [&](JobResult<int>) { hasArrived = true; });
  gate->waitForArrival(1);
  job.reset();
  gate->open();
  pool.waitForDone();
  QCoreApplication::sendPostedEvents();
  EXPECT_FALSE(hasArrived);
}

TEST(BackgroundJob, ExceptionsBecomeSentences) {
  BackgroundJob job;
  ErrorInfo error;
  job.run([](std::stop_token) -> int { throw Exception("The folder is gone."); },
          [&](JobResult<int> result) { error = std::get<ErrorInfo>(result); });
  ASSERT_TRUE(waitUntil([&] { return !error.message.empty(); }));
  EXPECT_EQ(error.message, "The folder is gone.");
  job.run([](std::stop_token) -> int { throw std::runtime_error("other"); },
          [&](JobResult<int> result) { error = std::get<ErrorInfo>(result); });
  ASSERT_TRUE(waitUntil([&] { return error.message == "other"; }));
}

// Qt paints with its global pool and waits for it.
TEST(BackgroundJob, LeavesQtsOwnThreadsFree) {
  EXPECT_NE(workerPool(), QThreadPool::globalInstance());
  std::latch started{1};
  std::latch release{1};
  BackgroundJob job;
  job.run(
      [&](const std::stop_token&) {
        started.count_down();
        release.wait();
        return 1;
      },
      [](const JobResult<int>&) {});
  started.wait();
  EXPECT_EQ(QThreadPool::globalInstance()->activeThreadCount(), 0);
  release.count_down();
  workerPool()->waitForDone();
}

}  // namespace
}  // namespace barlow::ui
