#pragma once

#include "core/params/augment_params.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace barlow {

/// Which pictures to distort, and where the results go.
struct AugmentFilesRequest {
  std::vector<std::filesystem::path> images;
  AugmentParams augment;
  ExifTurn exif = ExifTurn::Ignore;
  int side = 224;  // of the views, pixels
  std::int64_t seed = 0;
  int count = 1;  // pairs per image
  std::filesystem::path folder;
};

struct AugmentFilesReport {
  std::int64_t pairs = 0;
  std::int64_t notTurned = 0;           // images taken as stored whose EXIF data ask for a turn
  std::vector<SampleProblem> problems;  // images that could not be read
};

/// Writes NNNN-a.png and NNNN-b.png for every pair, and views.json with every drawn value. Pair k
/// of image i is what training with this seed makes of sample i in epoch k. Throws Exception when
/// the folder cannot be written.
AugmentFilesReport augmentFiles(const AugmentFilesRequest& request);

}  // namespace barlow
