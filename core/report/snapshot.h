#pragma once

#include "core/base/rgb_image.h"
#include "core/report/view_plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

/// The D x D correlation matrix pooled to at most 512 x 512 blocks. Row i, column j of a map covers
/// the block [blockStart(i), blockStart(i + 1)) x [blockStart(j), ...). Values of the very matrix
/// that the loss used.
struct MatrixPicture {
  std::int64_t dimensions = 0;  // D
  std::int64_t side = 0;        // m = min(D, 512)
  std::vector<float> peak;      // [m, m] the signed value of largest magnitude
  std::vector<float> mean;      // [m, m]
  std::vector<float> rms;       // [m, m]
  std::vector<float> diagonal;  // [D] C_ii

  std::int64_t blockStart(std::int64_t block) const { return block * dimensions / side; }
  bool operator==(const MatrixPicture&) const = default;
};

/// Two views of one image as the network saw them, before normalisation.
struct ViewPair {
  std::int64_t sample = 0;  // index in the data set
  RgbImage a;
  RgbImage b;
  ViewPlan planA;
  ViewPlan planB;
  bool operator==(const ViewPair&) const = default;
};

/// What a viewer sees of one moment of training. Built complete by the training thread, then
/// frozen.
struct Snapshot {
  std::string runId;
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  double seconds = 0;  // training time
  MatrixPicture matrix;
  std::vector<ViewPair> pairs;  // the first few of the batch
};

/// What a viewer wants: nothing (a hidden panel costs nothing), or a picture at most so often.
struct MatrixInterest {
  bool isWanted = false;
  int minIntervalMs = 200;
  int viewPairs = 8;
};

}  // namespace barlow
