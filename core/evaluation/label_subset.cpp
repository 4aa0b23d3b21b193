#include "core/evaluation/label_subset.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/rng.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace barlow {

std::string shareText(double share) { return fmt::format("{:.4g}%", 100 * share); }

std::vector<std::int64_t> labelSubset(const std::vector<std::int64_t>& labels,
                                      double share,
                                      std::int64_t seed,
                                      const std::string& source) {
  BARLOW_CHECK(share > 0 && share <= 1) << share;
  std::vector<std::int64_t> chosen;
  if (share == 1) {
    chosen.resize(labels.size());
    std::iota(chosen.begin(), chosen.end(), 0);
    return chosen;
  }
  std::map<std::int64_t, std::vector<std::int64_t>> byClass;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    byClass[labels[i]].push_back(static_cast<std::int64_t>(i));
  }
  if (share * static_cast<double>(labels.size()) < static_cast<double>(byClass.size())) {
    throw Exception(fmt::format(
        "{} of the {} training images of {} are fewer than one for each of its {} classes; take a "
        "larger share with --labels.",
        shareText(share),
        labels.size(),
        source,
        byClass.size()));
  }
  for (auto& [label, positions] : byClass) {
    const auto size = static_cast<double>(positions.size());
    const auto count =
        std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(size * share)));
    const auto some = drawSome(std::move(positions),
                               count,
                               Rng::keyed(static_cast<std::uint64_t>(seed),
                                          {Rng::kLabels, static_cast<std::uint64_t>(label)}));
    chosen.insert(chosen.end(), some.begin(), some.end());
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace barlow
