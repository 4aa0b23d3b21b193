#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/base/bounded_queue.h"
#include "core/base/latest_value.h"

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
    ASSERT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, 20'000);
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
      slot.publish(std::shared_ptr<const int>(new int(i), [counted](const int* value) { delete value; }));
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
