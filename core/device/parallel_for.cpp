#include "core/device/parallel_for.h"

#include <ATen/Parallel.h>

namespace barlow {

void parallelFor(std::int64_t begin,
                 std::int64_t end,
                 std::int64_t grain,
                 const std::function<void(std::int64_t, std::int64_t)>& work) {
  using namespace at;  // the one place where at::parallel_for is not forbidden
  parallel_for(begin, end, grain, work);
}

}  // namespace barlow
