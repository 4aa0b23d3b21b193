#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

/// Positions in `labels` of a share of every class, ascending: at least one of each, drawn by
/// (seed, class) alone and therefore the same on every machine; a larger share holds every smaller
/// one. All for a share of 1. Throws Exception, naming `source`, where the share of all images is
/// less than one for each class.
std::vector<std::int64_t> labelSubset(const std::vector<std::int64_t>& labels,
                                      double share,
                                      std::int64_t seed,
                                      const std::string& source);

/// "1%", "0.5%", "100%".
std::string shareText(double share);

}  // namespace barlow
