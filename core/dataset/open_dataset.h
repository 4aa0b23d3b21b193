#pragma once

#include "core/dataset/cache_choice.h"
#include "core/dataset/dataset.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// A data set ready for training: what is trained on, and what is held out for evaluation.
struct OpenedDataset {
  std::shared_ptr<const Dataset> train;    // after data.limit
  std::shared_ptr<const Dataset> heldOut;  // null without labels or when nothing can be held out
  std::string heldOutSplit;  // "test", "val", or "train" for a part of the training images
  std::vector<SampleProblem>
      problems;  // files left out because their header already shows that they are no image
  std::vector<LeftOut> leftOut;    // what else lies in the folder
  std::vector<SplitUse> splits;    // everything that the data has, used or not
  std::string fingerprint;         // SHA-256 over names and sizes (binary sets: over the content)
  std::string heldOutFingerprint;  // of a split of its own; empty for a part of the training images
  CacheChoice cache;
};

/// Opens a SPEC: shapes, cifar10:DIR, cifar100:DIR or a folder. Reads headers of image files, not
/// their pixels. `seed` decides which labelled images are held out where the data has no split of
/// its own. Decoded images of a folder are kept in `room` as data.cache wishes. Throws Exception:
/// missing or empty folder, files of the wrong size, no usable image, none to train on; and Stopped
/// while it reads folders and headers. `wanted`: "train", and nothing is held out; "val" or "test",
/// and that is held out, with classes or without; Exception where the data has no such split.
OpenedDataset openDataset(const DataParams& params,
                          std::int64_t seed,
                          const CacheRoom& room = {},
                          const std::stop_token& stop = {},
                          const std::string& wanted = {});

/// The SPEC with its folder absolute and without "." and "..", so that it means the same from any
/// folder. Throws Exception as openDataset() does for what names no data.
std::string absoluteSource(const std::string& source);

/// Decodes every image of a SPEC and counts. `progress(done, total)` is called from time to time; a
/// stop ends early with what was counted so far.
ScanReport scanDataset(const std::string& source,
                       const std::function<void(std::int64_t done, std::int64_t total)>& progress,
                       std::stop_token stop);

}  // namespace barlow
