#pragma once

#include "core/matrix/matrix.h"
#include "core/matrix/top_samples.h"

#include <cstdint>
#include <vector>

namespace barlow {

struct PrototypeUse {
  std::int64_t prototype = 0;
  std::int64_t images = 0;  // whose largest assignment it is
  bool operator==(const PrototypeUse&) const = default;
};
/// Of assignments, or scores, [N, K]: the prototypes that are any image's nearest, most used first.
/// A row without a number counts for none.
std::vector<PrototypeUse> prototypeUse(const Matrix& assignments);
/// The images whose nearest one this prototype is, surest first. Throws CheckFailure outside them.
std::vector<Activation> imagesOf(const Matrix& assignments, std::int64_t prototype);

}  // namespace barlow
