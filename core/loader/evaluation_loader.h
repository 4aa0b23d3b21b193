#pragma once

#include "core/base/rgb_image.h"
#include "core/dataset/dataset.h"
#include "core/report/scan_report.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

/// Some images of a data set in a given order, ready for a network that does not learn from them:
/// decoded ahead of time by threads of its own, the same for any number of them. Nothing is
/// repeated, nothing dropped: the last batch may be smaller, and unreadable images are left out.
///   EvaluationLoader loader({.dataset = data, .indices = all, .side = 32, .makeView = centre});
///   while (auto batch = loader.next(stop)) use(*batch);
class EvaluationLoader {
 public:
  struct Options {
    const Dataset* dataset = nullptr;   // outlives the loader
    std::vector<std::int64_t> indices;  // in the order of the batches
    int side = 0;
    int views = 1;  // of each image
    /// One view of side x side pixels. Called by several threads at once; must depend on its
    /// arguments alone.
    std::function<RgbImage(const RgbImage& image, std::int64_t index, int view)> makeView;
    int batchSize = 256;  // images
    int workers = 1;
    int batchesAhead = 2;      // in memory, beside the one that was handed out
    bool hasPriority = false;  // false: low, beside a network on the same cores
  };
  struct Batch {
    std::vector<std::uint8_t> levels;   // [images, views, side, side, 3]
    std::vector<std::int64_t> indices;  // [images], of those that could be read
    std::vector<SampleProblem> problems;
  };
  explicit EvaluationLoader(Options options);
  ~EvaluationLoader();  // drops what is ready and joins

  /// Waits for the next batch; nothing after the last one or a stop. Rethrows what went wrong in a
  /// worker. One thread. A batch may be empty where none of its images can be read.
  std::optional<Batch> next(const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
