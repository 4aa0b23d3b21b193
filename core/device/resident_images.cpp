#include "core/device/resident_images.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

namespace barlow {
namespace {

// Decodes all images with several threads; stops at the first that exceeds a limit.
class Decoder {
 public:
  Decoder(const Dataset& dataset, const ResidentImages::Limits& limits, std::stop_token stop)
      : dataset_(dataset), limits_(limits), stop_(std::move(stop)) {
    images.resize(static_cast<std::size_t>(dataset.size()));
    reasons.resize(images.size());
  }

  void run() {
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < std::max(1, limits_.threads); ++i) {
        threads.emplace_back([this] { work(); });
      }
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

  std::vector<RgbImage> images;      // empty: unreadable
  std::vector<std::string> reasons;  // why
  std::string whyNot;

 private:
  void work() {
    nameThread("decode");
    try {
      for (std::size_t i = next_++; i < images.size() && !stop_.stop_requested() && !isOver_;
           i = next_++) {
        take(i, dataset_.image(static_cast<std::int64_t>(i)));
      }
    } catch (...) {  // a thread entry: run() throws it
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      isOver_ = true;
    }
  }

  void take(std::size_t i, Result<RgbImage> image) {
    if (!image) {
      reasons[i] = image.error().message;
      return;
    }
    if (std::max(image->width, image->height) > limits_.side) {
      giveUp(fmt::format("{} is {} x {} pixels, more than {} on a side",
                         dataset_.name(static_cast<std::int64_t>(i)),
                         image->width,
                         image->height,
                         limits_.side));
      return;
    }
    bytes_ += image->pixels.size();
    if (bytes_ > limits_.bytes) {
      giveUp(fmt::format("the images take more than the {} that are free for them",
                         formatBytes(limits_.bytes)));
      return;
    }
    images[i] = std::move(*image);
  }

  void giveUp(std::string reason) {
    const std::lock_guard lock(mutex_);
    whyNot = std::move(reason);
    isOver_ = true;
  }

  const Dataset& dataset_;
  ResidentImages::Limits limits_;
  std::stop_token stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<bool> isOver_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<const ResidentImages> ResidentImages::load(const Dataset& dataset,
                                                           const torch::Device& device,
                                                           const Limits& limits,
                                                           std::stop_token stop,
                                                           std::string& whyNot) {
  Decoder decoder(dataset, limits, stop);
  decoder.run();
  whyNot = decoder.whyNot;
  if (stop.stop_requested() || !whyNot.empty()) {
    return nullptr;
  }
  // The constructor is private, so that nobody has one that is not loaded.
  std::shared_ptr<ResidentImages> resident(new ResidentImages);
  std::int64_t pixels = 0;
  for (std::size_t i = 0; i < decoder.images.size(); ++i) {
    const RgbImage& image = decoder.images[i];
    resident->places_.push_back({pixels, image.width, image.height});
    pixels += static_cast<std::int64_t>(image.width) * image.height;
    if (image.empty()) {
      const auto sample = static_cast<std::int64_t>(i);
      resident->problemSamples_.push_back(sample);
      resident->problems_.push_back({dataset.name(sample), decoder.reasons[i]});
    }
  }
  if (pixels == 0) {
    throw Exception("None of the images can be read; `barlow data check` says why for each.");
  }
  torch::Tensor packed = torch::empty({pixels, 3}, torch::kUInt8);
  for (std::size_t i = 0; i < decoder.images.size(); ++i) {
    const std::vector<std::uint8_t>& image = decoder.images[i].pixels;
    std::copy(image.begin(),
              image.end(),
              packed.data_ptr<std::uint8_t>() + 3 * resident->places_[i].first);
    decoder.images[i] = {};
  }
  resident->pixels_ = packed.to(device);
  return resident;
}

std::int64_t ResidentImages::readable(std::int64_t sample,
                                      std::vector<SampleProblem>& problems) const {
  while (place(sample).width == 0) {
    const auto at = std::lower_bound(problemSamples_.begin(), problemSamples_.end(), sample);
    problems.push_back(problems_[static_cast<std::size_t>(at - problemSamples_.begin())]);
    sample = (sample + 1) % size();
  }
  return sample;
}

}  // namespace barlow
