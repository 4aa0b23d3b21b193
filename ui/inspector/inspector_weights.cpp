#include "core/studio/dataset_browser.h"
#include "ui/dialogs/ask.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/weight_note.h"

#include <QFileInfo>

namespace barlow::ui {
namespace {

QString nameOf(const std::filesystem::path& file) {
  return QString::fromStdString(file.filename().string());
}

QString imagesText(const std::string& source) {
  return isGenerated(source) ? InspectorPanel::tr("the generated shapes")
                             : QFileInfo(QString::fromStdString(source)).fileName();
}

}  // namespace

void InspectorPanel::openWeights(const std::filesystem::path& file, const std::string& source) {
  beginFiles();
  weights_ = file;
  weightSource_ = source.empty() ? "shapes" : source;
  note_->show(tr("Reading %1...").arg(nameOf(file)));
  describing_.run([file](const std::stop_token&) { return describeWeights(file); },
                  [this](JobResult<WeightFacts> result) {
                    if (const auto* error = std::get_if<ErrorInfo>(&result)) {
                      weights_.clear();
                      note_->hide();
                      showMessage(QString::fromStdString(error->message));
                    } else {
                      showWeights(std::get<WeightFacts>(result));
                    }
                  });
}

void InspectorPanel::showWeights(const WeightFacts& facts) {
  weightFacts_ = facts;
  RunConfig& config = weightFacts_->config;
  config.data.source = recognizedSource(weightSource_);
  config.data.limit = 0;
  QStringList sentences;
  const QString network = QString::fromStdString(facts.network);
  if (facts.hasProjector) {
    sentences
        << tr("%1 is %2. The matrix is what its projector makes of up to %3 images of %4, two "
              "views of each.")
               .arg(nameOf(weights_), network)
               .arg(imagesForMatrix(facts))
               .arg(imagesText(weightSource_));
  } else {
    sentences
        << tr("%1 is %2 without a projector that is known here, so that there is no matrix of "
              "it; Evaluate shows what its features are worth.")
               .arg(nameOf(weights_), network);
  }
  for (const std::string& note : facts.notes) {
    sentences << QString::fromStdString(note).replace(QString::fromStdString(weights_.string()),
                                                      nameOf(weights_));
  }
  note_->show(sentences.join(QLatin1Char('\n')),
              facts.hasProjector ? tr("Other images...") : tr("Evaluate"));
  if (facts.hasProjector) {
    timeline_->openWeights(weights_, weightSource_);
  }
  Q_EMIT weightsOpened(weights_, weightSource_);
}

void InspectorPanel::forgetWeights() {
  describing_.cancel();
  note_->hide();
  weights_.clear();
  weightFacts_.reset();
}

void InspectorPanel::actOnNote() {
  if (!weightFacts_) {
    return;
  }
  if (!weightFacts_->hasProjector) {
    Q_EMIT evaluateRequested();
  } else if (const auto folder = askFolder(this, tr("Images to show the network"), {})) {
    openWeights(std::filesystem::path(weights_), folder->toStdString());
  }
}

}  // namespace barlow::ui
