#include "core/evaluation/mask_reader.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace barlow {

void shrinkMask(const PixelClasses& mask, int side, std::uint8_t* target) {
  const auto nearest = [side](int place, int size) {
    return std::min(size - 1, static_cast<int>((place + 0.5) * size / side));
  };
  for (int y = 0; y < side; ++y) {
    const std::uint8_t* row =
        mask.values.data() +
        static_cast<std::size_t>(nearest(y, mask.height)) * static_cast<std::size_t>(mask.width);
    for (int x = 0; x < side; ++x) {
      *target++ = row[nearest(x, mask.width)];
    }
  }
}

ClassTable::ClassTable(const std::array<std::int64_t, 256>& counts) {
  place.fill(kNoClass);
  for (int value = 0; value < kNoClass; ++value) {
    if (counts[static_cast<std::size_t>(value)] > 0) {
      place[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(values.size());
      values.push_back(value);
    }
  }
}
SegmentationScore scoreOf(const std::vector<std::vector<std::int64_t>>& confusion) {
  SegmentationScore score;
  const std::size_t count = confusion.size();
  std::vector<std::int64_t> predicted(count, 0);
  std::int64_t all = 0;
  std::int64_t right = 0;
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t other = 0; other < count; ++other) {
      predicted[other] += confusion[c][other];
      all += confusion[c][other];
    }
    right += confusion[c][c];
  }
  BARLOW_CHECK(all > 0) << "no pixel to judge by";
  int present = 0;
  for (std::size_t c = 0; c < count; ++c) {
    std::int64_t own = 0;
    for (const std::int64_t pixels : confusion[c]) {
      own += pixels;
    }
    const auto either = static_cast<double>(own + predicted[c] - confusion[c][c]);
    score.iou.push_back(own > 0 ? static_cast<double>(confusion[c][c]) / either : std::nan(""));
    if (own > 0) {
      score.meanIou += score.iou.back();
      ++present;
    }
  }
  score.meanIou /= present;
  score.pixelAccuracy = static_cast<double>(right) / static_cast<double>(all);
  return score;
}

}  // namespace barlow
