#pragma once

#include <cstdint>
#include <filesystem>

namespace barlow {

/// A moment that a run kept (RUN/matrices), from which its full matrix follows.
struct KeptMoment {
  std::int64_t step = 0;
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  bool operator==(const KeptMoment&) const = default;
};

}  // namespace barlow
