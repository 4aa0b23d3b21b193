#pragma once

#include "core/base/rgb_image.h"
#include "core/matrix/embedding_batch.h"
#include "core/report/view_plan.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// The views of one image as the network saw them, before normalisation.
struct SampleViews {
  struct View {
    RgbImage image;
    ViewPlan plan;
    bool operator==(const View&) const = default;
  };
  std::int64_t sample = 0;  // index in the data set
  std::vector<View> views;  // A, B, then the small crops
  bool operator==(const SampleViews&) const = default;
};

/// What a viewer sees of one moment of training. Built complete by the training thread, then
/// frozen.
struct LiveSnapshot {
  std::string runId;
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  double seconds = 0;  // training time
  // Of the batch that the step's loss was computed from; its matrix is made where it is looked at.
  std::shared_ptr<const EmbeddingBatch> embeddings;
  std::vector<SampleViews> views;  // of the first few of the batch
};

/// What a viewer wants: nothing (a hidden panel costs nothing), or a picture at most so often.
struct SnapshotDemand {
  bool isWanted = false;
  int minIntervalMs = 200;
  int viewPairs = 8;
};

}  // namespace barlow
