#include "core/device/resident_images.h"

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/device/pixel_pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>

namespace barlow {
namespace {

// Calls work(i) for i of [begin, end) on several threads, until one throws: that is thrown here.
void forEach(std::int64_t begin,
             std::int64_t end,
             int threadCount,
             const std::stop_token& stop,
             const std::function<void(std::int64_t i)>& work) {
  std::atomic<std::int64_t> next = begin;
  std::atomic<bool> isOver = false;
  runOnThreads(threadCount, "decode", [&] {
    try {
      for (std::int64_t i = next++; i < end && !isOver && !stop.stop_requested(); i = next++) {
        work(i);
      }
    } catch (...) {
      isOver = true;
      throw;
    }
  });
}

// What the data set knows of its images' sizes; those it does not know are decoded for it. 0 x 0:
// unreadable.
std::vector<PixelSize> sizesOf(const Dataset& dataset, int threads, const std::stop_token& stop) {
  std::vector<PixelSize> sizes(static_cast<std::size_t>(dataset.size()));
  std::vector<std::int64_t> unknown;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    sizes[static_cast<std::size_t>(i)] = dataset.knownSize(i);
    if (sizes[static_cast<std::size_t>(i)].width == 0) {
      unknown.push_back(i);
    }
  }
  forEach(0, static_cast<std::int64_t>(unknown.size()), threads, stop, [&](std::int64_t k) {
    const std::int64_t i = unknown[static_cast<std::size_t>(k)];
    if (const Result<RgbImage> image = dataset.image(i)) {
      sizes[static_cast<std::size_t>(i)] = {image->width, image->height};
    }
  });
  return sizes;
}

std::string whatDoesNotFit(const Dataset& dataset,
                           const std::vector<PixelSize>& sizes,
                           const ResidentImages::Limits& limits) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const PixelSize& size = sizes[i];
    if (std::max(size.width, size.height) > limits.side) {
      return fmt::format("{} is {} x {} pixels, more than {} on a side",
                         dataset.name(static_cast<std::int64_t>(i)),
                         size.width,
                         size.height,
                         limits.side);
    }
    bytes += static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) * 3;
  }
  return bytes > limits.bytes
             ? fmt::format("the images take {}, more than the {} that are free for them",
                           formatBytes(bytes),
                           formatBytes(limits.bytes))
             : "";
}

// The samples of one piece, from `begin` on: as many as fit, and at least one.
std::int64_t pieceEnd(const std::vector<ResidentImages::Place>& places,
                      std::int64_t begin,
                      std::int64_t pixels) {
  const auto first = places.begin() + begin;
  const auto end = std::find_if(first + 1, places.end(), [&](const ResidentImages::Place& place) {
    return place.first + static_cast<std::int64_t>(place.width) * place.height - first->first >
           pixels;
  });
  return end - places.begin();
}

// Writes one image to `target`; or why that cannot be.
std::string decodeInto(const Dataset& dataset,
                       std::int64_t sample,
                       const ResidentImages::Place& place,
                       std::uint8_t* target) {
  const Result<RgbImage> image = dataset.image(sample);
  if (!image) {
    return image.error().message;
  }
  if (image->width != place.width || image->height != place.height) {
    return fmt::format("it is {} x {} pixels and not {} x {}",
                       image->width,
                       image->height,
                       place.width,
                       place.height);
  }
  std::ranges::copy(image->pixels, target);
  return "";
}

}  // namespace

// Where each image goes; how many pixels they are.
std::int64_t ResidentImages::layOut(const std::vector<PixelSize>& sizes) {
  std::int64_t pixels = 0;
  for (const PixelSize& size : sizes) {
    places_.push_back({pixels, size.width, size.height});
    pixels += static_cast<std::int64_t>(size.width) * size.height;
  }
  return pixels;
}

void ResidentImages::noteProblems(const Dataset& dataset, const std::vector<std::string>& reasons) {
  for (std::int64_t i = 0; i < size(); ++i) {
    const std::string& reason = reasons[static_cast<std::size_t>(i)];
    if (!reason.empty()) {
      places_[static_cast<std::size_t>(i)].width = 0;
      problemSamples_.push_back(i);
      problems_.push_back({dataset.name(i), reason});
    }
  }
  if (static_cast<std::int64_t>(problems_.size()) == size()) {
    throw Exception("None of the images can be read; `barlow data check` says why for each.");
  }
}

// Decodes all images to where they stay. Returns why those that are not there cannot be read.
std::vector<std::string> ResidentImages::fill(const Dataset& dataset,
                                              const Limits& limits,
                                              const std::stop_token& stop) {
  const std::int64_t pixels = pixels_.size(0);
  const auto largest = static_cast<std::int64_t>(limits.side) * limits.side;
  const std::int64_t most =
      std::min(pixels, std::max(largest, static_cast<std::int64_t>(limits.pieceBytes / 3)));
  const auto firstOf = [&](std::int64_t i) { return i < size() ? place(i).first : pixels; };
  PixelPieces pieces(pixels_, most);
  std::vector<std::string> reasons(places_.size());
  for (std::int64_t begin = 0; begin < size() && !stop.stop_requested();) {
    const std::int64_t end = pieceEnd(places_, begin, most);
    const std::int64_t first = firstOf(begin);
    std::uint8_t* const target = pieces.begin(first, firstOf(end) - first);
    forEach(begin, end, limits.threads, stop, [&](std::int64_t i) {
      reasons[static_cast<std::size_t>(i)] =
          decodeInto(dataset, i, place(i), target + 3 * (firstOf(i) - first));
    });
    pieces.end();
    begin = end;
  }
  pieces.wait();
  return reasons;
}

std::shared_ptr<const ResidentImages> ResidentImages::load(const Dataset& dataset,
                                                           const torch::Device& device,
                                                           const Limits& limits,
                                                           std::stop_token stop,
                                                           std::string& whyNot) {
  const std::vector<PixelSize> sizes = sizesOf(dataset, limits.threads, stop);
  whyNot = whatDoesNotFit(dataset, sizes, limits);
  if (stop.stop_requested() || !whyNot.empty()) {
    return nullptr;
  }
  // The constructor is private, so that nobody has one that is not loaded.
  std::shared_ptr<ResidentImages> resident(new ResidentImages);
  const std::int64_t pixels = resident->layOut(sizes);
  resident->pixels_ =
      torch::empty({pixels, 3}, torch::TensorOptions().dtype(torch::kUInt8).device(device));
  const std::vector<std::string> reasons = resident->fill(dataset, limits, stop);
  if (stop.stop_requested()) {
    return nullptr;
  }
  resident->noteProblems(dataset, reasons);
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
