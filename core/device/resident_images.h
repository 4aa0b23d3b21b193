#pragma once

#include "core/dataset/dataset.h"
#include "core/report/scan_report.h"
#include "core/torch.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// All images of a data set as bytes in the memory of a device. Frozen once loaded; any thread.
class ResidentImages {
 public:
  struct Limits {
    std::uint64_t bytes = 0;             // in all
    int side = 512;                      // of one image: larger ones are better cut on the CPU
    int threads = 1;                     // that decode
    std::uint64_t pieceBytes = 1 << 28;  // of the host: two such pieces are on their way at once
  };
  /// Decodes everything and moves it to `device`, piece by piece: the host never holds all of it.
  /// Null when it was stopped, or when `whyNot` says what does not fit: before anything is decoded
  /// where the data set knows its images' sizes (Dataset::knownSize), else after looking at all of
  /// them. Throws Exception when no image can be read.
  static std::shared_ptr<const ResidentImages> load(const Dataset& dataset,
                                                    const torch::Device& device,
                                                    const Limits& limits,
                                                    std::stop_token stop,
                                                    std::string& whyNot);

  std::int64_t size() const { return static_cast<std::int64_t>(places_.size()); }
  /// `sample`, or the next one ((i + 1) mod size, ...) that can be read: the loader's rule. What
  /// cannot be read on the way is added to `problems`.
  std::int64_t readable(std::int64_t sample, std::vector<SampleProblem>& problems) const;

  struct Place {
    std::int64_t first = 0;  // row in pixels()
    int width = 0;           // 0: unreadable
    int height = 0;
  };
  const Place& place(std::int64_t sample) const {
    return places_.at(static_cast<std::size_t>(sample));
  }
  /// uint8 [pixels of all images, 3], row by row, on the device.
  const torch::Tensor& pixels() const { return pixels_; }
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(pixels_.numel()); }

 private:
  ResidentImages() = default;
  std::int64_t layOut(const std::vector<PixelSize>& sizes);
  std::vector<std::string> fill(const Dataset& dataset,
                                const Limits& limits,
                                const std::stop_token& stop);
  void noteProblems(const Dataset& dataset, const std::vector<std::string>& reasons);

  std::vector<Place> places_;
  std::vector<SampleProblem> problems_;       // of the unreadable ones, in order
  std::vector<std::int64_t> problemSamples_;  // sorted; their samples
  torch::Tensor pixels_;
};

}  // namespace barlow
