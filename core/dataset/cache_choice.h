#pragma once

#include "core/dataset/image_folder.h"
#include "core/dataset/pixel_cache.h"
#include "core/params/data_params.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// Where decoded images may be kept, and what is free for them. Without a folder nothing is kept.
struct CacheRoom {
  std::filesystem::path folder;
  std::uint64_t memoryBytes = 0;  // 0: unknown
  std::uint64_t diskBytes = 0;    // 0: unknown
};

/// The cache of a run, or none, and what is said about it.
struct CacheChoice {
  std::shared_ptr<PixelCache> cache;
  std::string text;   // how much is kept where, or why nothing is; empty: nobody asked
  ErrorInfo problem;  // why it cannot be used; the run goes on without
};

/// The cache for images below `root`, in the order of `parts`, as data.cache wishes. auto: where
/// they take at most half of what is free in memory, from where they are read again, and on the
/// disk. `share`: of these images, how many will be looked at (data.limit).
/// Throws Stopped.
CacheChoice chooseCache(ImageCache wish,
                        const CacheRoom& room,
                        const std::filesystem::path& root,
                        const std::vector<std::shared_ptr<const ImageFolder>>& parts,
                        double share,
                        const std::stop_token& stop = {});

}  // namespace barlow
