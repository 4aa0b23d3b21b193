#include "core/base/large_memory.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <utility>
#include <vector>

namespace barlow {
namespace {

constexpr std::size_t kLarge = std::size_t{4} << 20;  // from here on kept, and asked for at once

void* allocated(std::size_t bytes) {
  constexpr std::size_t kPage = 4096;
  const bool isLarge = bytes >= kLarge;
  const std::size_t alignment = isLarge ? kPage : alignof(std::max_align_t);
  const std::size_t size =
      (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
#ifdef MADV_POPULATE_WRITE
  // All pages in one call take half the time of one interruption for each. Not large pages: where
  // the system has to make them first, they took four times as long. Without it (Linux before 5.14)
  // memory is slower, that is all.
  if (isLarge) {
    ::madvise(memory, size, MADV_POPULATE_WRITE);
  }
#endif
  return memory;
}

class Shelf {
 public:
  void* take(std::size_t bytes) {
    std::vector<Block> others;
    void* memory = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(
          blocks_.begin(), blocks_.end(), [&](const Block& block) { return block.bytes == bytes; });
      if (found != blocks_.end()) {
        memory = found->memory;
        keptBytes_ -= bytes;
        blocks_.erase(found);
      } else {
        // Another size is wanted now: what is kept waits for nobody.
        others = empty();
      }
      usedBytes_ += bytes;
    }
    release(others);
    try {
      return memory != nullptr ? memory : allocated(bytes);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      usedBytes_ -= bytes;
      throw;
    }
  }

  void giveBack(void* memory, std::size_t bytes) {
    bool isKept = false;
    {
      const std::lock_guard lock(mutex_);
      usedBytes_ -= bytes;
      isKept = usedBytes_ + keptBytes_ + bytes <= kMostKeptMemory;
      if (isKept) {
        blocks_.push_back({memory, bytes});
        keptBytes_ += bytes;
      }
    }
    if (!isKept) {
      std::free(memory);
    }
  }

  std::uint64_t keptBytes() {
    const std::lock_guard lock(mutex_);
    return keptBytes_;
  }

  void clear() {
    std::vector<Block> all;
    {
      const std::lock_guard lock(mutex_);
      all = empty();
    }
    release(all);
  }

 private:
  struct Block {
    void* memory;
    std::size_t bytes;
  };
  std::vector<Block> empty() {
    keptBytes_ = 0;
    return std::exchange(blocks_, {});
  }
  static void release(const std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
      std::free(block.memory);
    }
  }

  std::mutex mutex_;
  std::uint64_t usedBytes_ = 0;  // guarded by mutex_, as the rest
  std::uint64_t keptBytes_ = 0;
  std::vector<Block> blocks_;
};

// Never destroyed: a matrix may outlive main.
Shelf& shelf() {
  static Shelf* const kShelf = new Shelf;
  return *kShelf;
}

}  // namespace

std::shared_ptr<void> largeMemory(std::size_t bytes) {
  if (bytes < kLarge) {
    return {allocated(bytes), std::free};
  }
  return {shelf().take(bytes), [bytes](void* memory) { shelf().giveBack(memory, bytes); }};
}

std::uint64_t keptLargeMemory() { return shelf().keptBytes(); }

void releaseLargeMemory() { shelf().clear(); }

}  // namespace barlow
