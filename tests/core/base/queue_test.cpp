#include "core/base/bounded_queue.h"
#include "core/base/latest_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

namespace barlow {
namespace {

TEST(BoundedQueue, HandsEverythingOverInOrderBetweenThreads) {
  BoundedQueue<int> queue(3);
  std::jthread producer([&] {
    for (int i = 0; i < 20'000; ++i) {
      queue.push(i);
    }
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) {
    EXPECT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, 20'000);
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacity) {
  constexpr int kCapacity = 3;
  BoundedQueue<int> queue(kCapacity);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 20'000; ++i) {
      queue.push(i);
      ++pushed;
    }
    queue.close();
  });
  int most = 0;
  for (int popped = 1; queue.pop(); ++popped) {
    most = std::max(most, pushed - popped);
  }
  EXPECT_LE(most, kCapacity);
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kItems = 5'000;
  BoundedQueue<int> queue(2);
  std::vector<std::vector<int>> taken(kThreads);
  {
    std::vector<std::jthread> consumers;
    for (std::vector<int>& mine : taken) {
      consumers.emplace_back([&queue, &mine] {
        while (const auto item = queue.pop()) {
          mine.push_back(*item);
        }
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int thread = 0; thread < kThreads; ++thread) {
        producers.emplace_back([&queue, thread] {
          for (int i = 0; i < kItems; ++i) {
            queue.push(thread * kItems + i);
          }
        });
      }
    }
    queue.close();
  }
  std::vector<int> all;
  for (const std::vector<int>& mine : taken) {
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<int> expected(kThreads * kItems);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

TEST(BoundedQueue, CloseWakesAProducerThatWaitsForRoom) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.push(1));
  bool isTaken = true;
  std::jthread producer([&] { isTaken = queue.push(2); });
  queue.close();
  producer.join();
  EXPECT_FALSE(isTaken);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, CloseWakesEveryConsumerThatWaitsForAnItem) {
  BoundedQueue<int> queue(1);
  std::atomic<int> woken = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i) {
      consumers.emplace_back([&] { woken += queue.pop() ? 0 : 1; });
    }
    queue.close();
  }
  EXPECT_EQ(woken, 3);
  EXPECT_FALSE(queue.push(1));
}

TEST(LatestValue, KeepsOnlyTheNewest) {
  LatestValue<int> slot;
  EXPECT_EQ(slot.take(), nullptr);
  slot.publish(std::make_shared<int>(1));
  slot.publish(std::make_shared<int>(2));
  EXPECT_EQ(*slot.take(), 2);
  EXPECT_EQ(slot.take(), nullptr);
}

TEST(LatestValue, NeverGoesBackAndLeaksNothing) {
  LatestValue<int> slot;
  auto counted = std::make_shared<int>(0);
  std::jthread producer([&] {
    for (int i = 1; i <= 20'000; ++i) {
      slot.publish(
          std::shared_ptr<const int>(new int(i), [counted](const int* value) { delete value; }));
    }
  });
  int last = 0;
  while (last < 20'000) {
    if (const auto value = slot.take()) {
      ASSERT_GT(*value, last);
      last = *value;
    }
  }
  producer.join();
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
}  // namespace barlow
