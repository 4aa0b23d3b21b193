#pragma once

#include <cstdint>
#include <functional>

namespace barlow {

/// work(first, last) on parts of [begin, end), of `grain` at least, by LibTorch's threads: as many
/// as the calling thread has set, one within another such call. Rethrows what a part threw.
///
/// at::parallel_for, which lives in a header, works on one thread wherever the file that calls it
/// is compiled without OpenMP, and says nothing. Here it is compiled once, with it.
void parallelFor(std::int64_t begin,
                 std::int64_t end,
                 std::int64_t grain,
                 const std::function<void(std::int64_t first, std::int64_t last)>& work);

}  // namespace barlow
