#include "ui/inspector/sample_images.h"

#include "ui/plots/image_convert.h"

#include <utility>

namespace barlow::ui {

SampleImages::SampleImages(QObject* parent) : QObject(parent) {}

SampleImages::~SampleImages() = default;

void SampleImages::setRun(const RunConfig& config) {
  if (config.data == params_ && config.run.seed == seed_) {
    return;
  }
  clear();
  params_ = config.data;
  seed_ = config.run.seed;
  opening_.run([params = params_, seed = seed_](
                   std::stop_token stop) { return DatasetBrowser::open(params, seed, stop); },
               [this](JobResult<std::shared_ptr<const DatasetBrowser>> result) {
                 // Data that is gone leaves the numbers of the images to look at.
                 if (auto* dataset = std::get_if<std::shared_ptr<const DatasetBrowser>>(&result)) {
                   dataset_ = std::move(*dataset);
                   Q_EMIT changed();
                 }
               });
}

void SampleImages::clear() {
  opening_.cancel();
  params_ = {};
  seed_ = -1;
  if (dataset_) {
    dataset_.reset();
    Q_EMIT changed();
  }
}

SampleImages::Thumbnail SampleImages::thumbnail() const {
  if (!dataset_) {
    return {};
  }
  return [dataset = dataset_](std::int64_t sample, int side) {
    if (sample < 0 || sample >= dataset->size()) {
      return QImage();
    }
    const auto image = dataset->thumbnail(sample, side);
    return image ? toQImage(*image) : QImage();
  };
}

SampleImages::Namer SampleImages::namer() const {
  if (!dataset_) {
    return {};
  }
  return [dataset = dataset_](std::int64_t sample) -> Name {
    if (sample < 0 || sample >= dataset->size()) {
      return {};
    }
    const QString file = QString::fromStdString(dataset->name(sample));
    const auto& classes = dataset->classNames();
    const int label = dataset->label(sample);
    if (label < 0 || label >= static_cast<int>(classes.size())) {
      return {file.section(QLatin1Char('/'), -1), file};
    }
    const QString name = QString::fromStdString(classes[static_cast<std::size_t>(label)]);
    return {name, QStringLiteral("%1, %2").arg(name, file)};
  };
}

}  // namespace barlow::ui
