#pragma once

#include "core/dataset/dataset.h"
#include "core/loader/view_batch.h"
#include "core/params/run_config.h"

#include <memory>

namespace barlow {

/// Makes one row of a batch: decode, draw, distort, normalise. No state; any number of threads may
/// call.
class SampleMaker {
 public:
  SampleMaker(std::shared_ptr<const Dataset> dataset, const RunConfig& config);
  /// Fills row `row` of `batch` with the views of `sample`, or of the next sample that can be read.
  /// What could not be read is added to `problems`. Throws Exception when no sample at all can be
  /// read.
  void fillRow(ViewBatch& batch,
               std::size_t row,
               std::int64_t sample,
               std::vector<SampleProblem>& problems) const;

 private:
  std::shared_ptr<const Dataset> dataset_;
  DataParams data_;
  AugmentParams augment_;
  std::int64_t seed_;
};

}  // namespace barlow
