#include "core/studio/dataset_browser.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/dataset/cifar.h"
#include "core/dataset/image_folder.h"
#include "core/dataset/open_dataset.h"
#include "core/dataset/source_spec.h"
#include "core/image/decode.h"
#include "core/image/resize.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace barlow {

std::string recognizedSource(const std::string& source) {
  if (source == "shapes") {
    return kNewestShapes;
  }
  std::error_code error;
  if (!std::filesystem::is_directory(source, error)) {
    return source;
  }
  if (holdsCifar(CifarKind::Cifar10, source)) {
    return "cifar10:" + source;
  }
  return holdsCifar(CifarKind::Cifar100, source) ? "cifar100:" + source : source;
}

std::string whyNoPicture(const std::string& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) {
    return fmt::format("{} does not exist.", path);
  }
  if (type != std::filesystem::file_type::regular) {
    return fmt::format("{} is not a picture: it is {}.",
                       path,
                       type == std::filesystem::file_type::directory
                           ? "a folder"
                           : "a pipe, a socket or a device, not a file");
  }
  if (hasPictureEnding(path)) {  // one that is damaged is told among the others of its folder
    return "";
  }
  const Result<PixelSize> size = probeImage(path);
  return size ? "" : fmt::format("{} is not a picture: {}.", path, size.error().message);
}

std::string missingFolder(const std::string& source) {
  try {
    const std::string folder = parseSource(source).folder.string();
    std::error_code error;
    return std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found
               ? folder
               : "";
  } catch (const Exception&) {  // it names no data, so what was meant is a folder
    return source;
  }
}

struct DatasetBrowser::Impl {
  OpenedDataset data;
  std::vector<std::string> noClasses;

  std::pair<const Dataset*, std::int64_t> at(std::int64_t index) const {
    const std::int64_t trained = data.train->size();
    if (index >= 0 && index < trained) {
      return {data.train.get(), index};
    }
    BARLOW_CHECK(index >= 0 && data.heldOut != nullptr && index - trained < data.heldOut->size())
        << "image " << index;
    return {data.heldOut.get(), index - trained};
  }
};

DatasetBrowser::DatasetBrowser(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DatasetBrowser::~DatasetBrowser() = default;

std::shared_ptr<const DatasetBrowser> DatasetBrowser::open(const DataParams& params,
                                                           std::int64_t seed,
                                                           const std::stop_token& stop) {
  return of(openDataset(params, seed, {}, stop));
}

std::shared_ptr<const DatasetBrowser> DatasetBrowser::of(OpenedDataset data) {
  auto impl = std::make_unique<Impl>();
  impl->data = std::move(data);
  return std::shared_ptr<const DatasetBrowser>(new DatasetBrowser(std::move(impl)));
}

std::int64_t DatasetBrowser::size() const {
  return trainSize() + (impl_->data.heldOut ? impl_->data.heldOut->size() : 0);
}

std::int64_t DatasetBrowser::trainSize() const { return impl_->data.train->size(); }

std::string DatasetBrowser::split(std::int64_t index) const {
  if (index < trainSize()) {
    return "train";
  }
  return impl_->data.heldOutSplit == "train" ? "held out" : impl_->data.heldOutSplit;
}

int DatasetBrowser::label(std::int64_t index) const {
  const auto [dataset, own] = impl_->at(index);
  return dataset->hasLabels() ? dataset->label(own) : -1;
}

const std::vector<std::string>& DatasetBrowser::classNames() const {
  return impl_->data.train->hasLabels() ? impl_->data.train->classNames() : impl_->noClasses;
}

std::string DatasetBrowser::name(std::int64_t index) const {
  const auto [dataset, own] = impl_->at(index);
  return dataset->name(own);
}

const std::vector<SampleProblem>& DatasetBrowser::problems() const { return impl_->data.problems; }

const std::vector<LeftOut>& DatasetBrowser::leftOut() const { return impl_->data.leftOut; }

const std::vector<SplitUse>& DatasetBrowser::splits() const { return impl_->data.splits; }

Result<RgbImage> DatasetBrowser::image(std::int64_t index) const {
  const auto [dataset, own] = impl_->at(index);
  return dataset->image(own);
}

Result<RgbImage> DatasetBrowser::thumbnail(std::int64_t index, int side) const {
  Result<RgbImage> whole = image(index);
  if (!whole || (whole->width <= side && whole->height <= side)) {
    return whole;
  }
  return barlow::thumbnail(*whole, side);
}

}  // namespace barlow
