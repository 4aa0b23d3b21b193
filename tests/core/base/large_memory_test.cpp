#include "core/base/large_memory.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace barlow {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

TEST(LargeMemory, IsThereFromTheFirstByteToTheLast) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, 5 * kMegabyte, 40 * kMegabyte}) {
    const auto memory = largeMemory(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % alignof(std::max_align_t), 0u);
    std::memset(memory.get(), 7, bytes);
    if (bytes > 0) {
      EXPECT_EQ(static_cast<const char*>(memory.get())[bytes - 1], 7);
    }
  }
  releaseLargeMemory();
}

TEST(LargeMemory, ABlockThatWasGivenBackIsTheNextOneOfItsSize) {
  const void* first = largeMemory(50 * kMegabyte).get();
  auto next = largeMemory(50 * kMegabyte);
  EXPECT_EQ(next.get(), first);
  const auto beside = largeMemory(50 * kMegabyte);
  EXPECT_NE(beside.get(), first) << "it is in use";
  next.reset();
  releaseLargeMemory();
}

TEST(LargeMemory, KeepsNoMoreThanItsLimit) {
  constexpr std::size_t kHalf = kMostKeptMemory / 2 + kMegabyte;
  auto a = largeMemory(kHalf);
  auto b = largeMemory(kHalf);
  a.reset();
  EXPECT_EQ(keptLargeMemory(), 0u) << "with the one in use it would be too much";
  b.reset();
  EXPECT_EQ(keptLargeMemory(), kHalf);
  releaseLargeMemory();
  EXPECT_EQ(keptLargeMemory(), 0u);
}

TEST(LargeMemory, GivesBackWhatIsKeptWhenAnotherSizeIsWanted) {
  largeMemory(60 * kMegabyte).reset();
  ASSERT_EQ(keptLargeMemory(), 60 * kMegabyte);
  const auto other = largeMemory(61 * kMegabyte);
  EXPECT_EQ(keptLargeMemory(), 0u);
}

}  // namespace
}  // namespace barlow
