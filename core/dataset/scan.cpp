#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/dataset/cifar.h"
#include "core/dataset/image_folder.h"
#include "core/dataset/open_dataset.h"
#include "core/dataset/source_spec.h"
#include "core/dataset/synthetic_shapes.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace barlow {
namespace {

Splits openAll(const std::string& source,
               std::vector<LeftOut>& leftOut,
               const std::stop_token& stop) {
  const SourceSpec spec = parseSource(source);
  if (spec.kind == SourceSpec::Kind::Shapes) {
    using Part = SyntheticShapes::Part;
    const auto edition = static_cast<SyntheticShapes::Edition>(spec.edition);
    return {{"train", std::make_shared<SyntheticShapes>(Part::Train, edition)},
            {"test", std::make_shared<SyntheticShapes>(Part::Test, edition)}};
  }
  if (spec.kind == SourceSpec::Kind::Folder) {
    ImageFolders folders = openImageFolder(spec.folder, stop);
    leftOut = std::move(folders.leftOut);
    return {folders.splits.begin(), folders.splits.end()};
  }
  const CifarSplits cifar =
      openCifar(spec.kind == SourceSpec::Kind::Cifar10 ? CifarKind::Cifar10 : CifarKind::Cifar100,
                spec.folder);
  Splits splits = {{"train", cifar.train}};
  if (cifar.test) {
    splits["test"] = cifar.test;
  }
  return splits;
}

// What looking at one image gave: its size, or why there is none.
struct Look {
  bool isDone = false;
  PixelSize size;
  bool asksForTurn = false;
  std::string reason;
};

std::vector<Look> lookAtAll(const Dataset& images,
                            const std::function<void(std::int64_t)>& step,
                            std::stop_token stop) {
  std::vector<Look> looks(static_cast<std::size_t>(images.size()));
  std::atomic<std::int64_t> next{0};
  std::mutex stepMutex;
  std::int64_t done = 0;
  const auto work = [&] {
    lowerThreadPriority();
    for (std::int64_t i = next++; i < images.size() && !stop.stop_requested(); i = next++) {
      const Result<RgbImage> image = images.image(i);
      Look& look = looks[static_cast<std::size_t>(i)];
      if (image) {
        look.size = {image->width, image->height};
        look.asksForTurn = images.asksForTurn(i);
      } else {
        look.reason = image.error().message;
      }
      look.isDone = true;
      std::lock_guard lock(stepMutex);
      step(++done);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < usableCores(); ++i) {
    threads.emplace_back(work);
  }
  threads.clear();  // joins
  return looks;
}

void count(ScanReport& report,
           const std::string& split,
           const Dataset& images,
           const std::vector<Look>& looks) {
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const Look& look = looks[i];
    if (!look.isDone) {
      continue;
    }
    if (!look.reason.empty()) {
      report.unreadable.push_back({images.name(index), look.reason});
      continue;
    }
    if (report.images == 0) {
      report.minSize = report.maxSize = look.size;
    }
    report.minSize = {std::min(report.minSize.width, look.size.width),
                      std::min(report.minSize.height, look.size.height)};
    report.maxSize = {std::max(report.maxSize.width, look.size.width),
                      std::max(report.maxSize.height, look.size.height)};
    ++report.images;
    report.turned += look.asksForTurn ? 1 : 0;
    ++report.splits[split];
    const int label = images.label(index);
    if (label >= 0 && !images.classNames().empty()) {
      ++report.classes[images.classNames()[static_cast<std::size_t>(label)]];
    }
  }
}

}  // namespace

ScanReport scanDataset(const std::string& source,
                       const std::function<void(std::int64_t done, std::int64_t total)>& progress,
                       std::stop_token stop) {
  ScanReport report;
  report.source = source;
  Splits splits;
  try {
    splits = openAll(source, report.leftOut, stop);
  } catch (const Stopped&) {
    return report;  // nothing is counted yet
  }
  report.uses = usesOf(splits, heldOutOf(splits));
  std::int64_t total = 0;
  for (const auto& [name, images] : splits) {
    total += images->size();
  }
  std::int64_t before = 0;
  for (const auto& [name, images] : splits) {
    count(report,
          name,
          *images,
          lookAtAll(
              *images, [&](std::int64_t done) { progress(before + done, total); }, stop));
    before += images->size();
  }
  return report;
}

}  // namespace barlow
