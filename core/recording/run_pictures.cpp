#include "core/recording/run_pictures.h"

#include "core/base/atomic_file.h"
#include "core/image/decode.h"
#include "core/matrix/correlate.h"
#include "core/matrix/pyramid.h"
#include "core/recording/pictures.h"
#include "core/torch.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

RgbImage pictureOf(const float* view, int side, const DataParams& data) {
  RgbImage image(side, side);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const double level =
        255.0 * (static_cast<double>(view[i]) * data.std[i % 3] + data.mean[i % 3]);
    image.pixels[i] = static_cast<std::uint8_t>(std::clamp(std::lround(level), 0L, 255L));
  }
  return image;
}

}  // namespace

std::vector<SampleViews> sampleViewsOf(const DeviceBatch& batch,
                                       const DataParams& data,
                                       int count) {
  const std::int64_t most =
      std::min(static_cast<std::int64_t>(batch.indices.size()), static_cast<std::int64_t>(count));
  if (most <= 0) {
    return {};
  }
  std::vector<SampleViews> samples;
  for (std::int64_t i = 0; i < most; ++i) {
    samples.push_back({.sample = batch.indices[static_cast<std::size_t>(i)], .views = {}});
  }
  for (const DeviceViewSet& view : batch.views) {
    // [most, 3, H, W] on the device -> [most, H, W, 3] here
    const torch::Tensor pixels =
        view.pixels.narrow(0, 0, most).to(torch::kCPU).permute({0, 2, 3, 1}).contiguous();
    const auto side = static_cast<int>(pixels.size(1));
    for (std::int64_t i = 0; i < most; ++i) {
      const auto at = static_cast<std::size_t>(i);
      samples[at].views.push_back(
          {.image = pictureOf(pixels[i].const_data_ptr<float>(), side, data),
           .plan = view.plans[at]});
    }
  }
  return samples;
}

void writeRunPictures(const std::filesystem::path& runFolder, const LiveSnapshot& snapshot) {
  const auto matrix = MatrixPyramid::build(*correlationOf(*snapshot.embeddings));
  writePng(runFolder / "matrix.png", drawMatrix(*matrix, 768));
  writePng(runFolder / "views.png", drawSampleViews(snapshot.views));
}

void writeSummary(const std::filesystem::path& runFolder, const RunSummary& summary) {
  writeFileAtomically(runFolder / "summary.json", toJson(summary) + "\n");
}

}  // namespace barlow
