#include "core/base/system.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace barlow {
namespace {

TEST(LargeMemory, IsThereFromTheFirstByteToTheLast) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{5} << 20}) {
    const auto memory = largeMemory(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % alignof(std::max_align_t), 0u);
    std::memset(memory.get(), 7, bytes);
    if (bytes > 0) {
      EXPECT_EQ(static_cast<const char*>(memory.get())[bytes - 1], 7);
    }
  }
}

}  // namespace
}  // namespace barlow
