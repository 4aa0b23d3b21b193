#pragma once

#include "core/device/device_batch.h"
#include "core/params/data_params.h"
#include "core/report/live_snapshot.h"
#include "core/report/run_summary.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace barlow {

/// The views of the first `count` images of a batch as pictures: normalisation undone, exact to the
/// grey level.
std::vector<SampleViews> sampleViewsOf(const DeviceBatch& batch, const DataParams& data, int count);

/// matrix.png (Peak) and views.png.
void writeRunPictures(const std::filesystem::path& runFolder, const LiveSnapshot& snapshot);

/// summary.json.
void writeSummary(const std::filesystem::path& runFolder, const RunSummary& summary);

}  // namespace barlow
