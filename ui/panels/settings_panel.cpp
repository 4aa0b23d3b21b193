#include "ui/panels/settings_panel.h"

#include "core/base/text.h"
#include "core/params/advice.h"
#include "core/params/presets.h"
#include "core/studio/run_estimate.h"
#include "ui/forms/config_form.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

QString bytesText(std::uint64_t bytes) { return QString::fromStdString(formatBytes(bytes)); }

}  // namespace

SettingsPanel::SettingsPanel(Experiment& experiment, QWidget* parent)
    : QWidget(parent),
      experiment_(experiment),
      preset_(new QComboBox(this)),
      about_(makeLabel({}, TextRole::Quiet, this)),
      cost_(makeLabel({}, TextRole::Quiet, this)),
      problems_(new QLabel(this)),
      advice_(new QWidget(this)),
      adviceText_(makeLabel({}, TextRole::Quiet, advice_)),
      takeAdvice_(new QPushButton(advice_)),
      refuseAdvice_(new QPushButton(tr("Keep"), advice_)) {
  preset_->setObjectName(QStringLiteral("presetChoice"));
  preset_->setAccessibleName(tr("Preset"));
  preset_->setToolTip(tr("A starting point for all settings below; the data set stays."));
  preset_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  for (const Preset& preset : presets()) {
    preset_->addItem(QString::fromStdString(preset.title), QString::fromStdString(preset.name));
  }
  connect(preset_, &QComboBox::activated, this, [this] {
    const auto preset = findPreset(preset_->currentData().toString().toStdString());
    RunConfig config = preset->config;
    config.data.source = experiment_.config().data.source;
    experiment_.load(config, QString::fromStdString(preset->name));
  });
  problems_->setWordWrap(true);
  problems_->setObjectName(QStringLiteral("configProblems"));
  cost_->setObjectName(QStringLiteral("runEstimate"));

  advice_->setObjectName(QStringLiteral("rateAdvice"));
  takeAdvice_->setObjectName(QStringLiteral("takeRateAdvice"));
  takeAdvice_->setAccessibleName(tr("Use the suggested base learning rate"));
  refuseAdvice_->setObjectName(QStringLiteral("refuseRateAdvice"));
  refuseAdvice_->setToolTip(tr("Leave the base learning rate as it is"));
  auto* adviceRow = new QHBoxLayout(advice_);
  adviceRow->setContentsMargins(0, 0, 0, 0);
  adviceRow->setSpacing(kGap);
  adviceRow->addWidget(adviceText_, 1);
  adviceRow->addWidget(takeAdvice_);
  adviceRow->addWidget(refuseAdvice_);
  connect(takeAdvice_, &QPushButton::clicked, this, [this] {
    RunConfig config = experiment_.config();
    config.optim.baseLearningRate = authorsLearningRate(config.run.batchSize);
    experiment_.setConfig(config);
  });
  connect(refuseAdvice_, &QPushButton::clicked, this, [this] {
    refused_ = suggestedLearningRate(experiment_.config());
    followAdvice();
  });

  auto* form = new ConfigForm(experiment_,
                              {QStringLiteral("run."),
                               QStringLiteral("model."),
                               QStringLiteral("objective."),
                               QStringLiteral("optim."),
                               QStringLiteral("evaluate."),
                               QStringLiteral("data.limit"),
                               QStringLiteral("data.validation_fraction")},
                              this);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(form);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeLabel(tr("Settings"), TextRole::Heading, this));
  column->addWidget(preset_);
  column->addWidget(about_);
  column->addWidget(scroll, 1);
  column->addWidget(advice_);
  column->addWidget(problems_);
  column->addWidget(cost_);

  wait_.setSingleShot(true);
  wait_.setInterval(150);
  connect(&wait_, &QTimer::timeout, this, &SettingsPanel::estimate);
  connect(&experiment_, &Experiment::changed, this, &SettingsPanel::follow);
  follow();
}

void SettingsPanel::setImageCount(std::int64_t images) {
  images_ = images;
  follow();
}

void SettingsPanel::follow() {
  const int index = preset_->findData(experiment_.baseName());
  preset_->setCurrentIndex(index);
  const auto preset = findPreset(experiment_.baseName().toStdString());
  about_->setText(preset ? QString::fromStdString(preset->forWhom)
                         : tr("The settings of %1").arg(experiment_.baseName()));
  QStringList sentences;
  for (const Problem& problem : experiment_.problems()) {
    sentences << QString::fromStdString(problem.key + ": " + problem.message);
  }
  QPalette own;
  own.setColor(QPalette::WindowText, colors(own).bad);
  problems_->setPalette(own);
  problems_->setText(sentences.join(QLatin1Char('\n')));
  problems_->setVisible(!sentences.isEmpty());
  followAdvice();
  wait_.start();
}

// Refused is refused until another rate would be suggested.
void SettingsPanel::followAdvice() {
  const RunConfig& config = experiment_.config();
  const auto rate = suggestedLearningRate(config);
  if (!rate || rate != refused_) {
    refused_.reset();
  }
  advice_->setVisible(rate && !refused_);
  if (rate) {
    const QString number = QLocale().toString(*rate, 'g', 3);
    adviceText_->setText(tr("For batches of %1 the authors found a base learning rate of about %2 "
                            "best.")
                             .arg(config.run.batchSize)
                             .arg(number));
    takeAdvice_->setText(tr("Use %1").arg(number));
  }
}

void SettingsPanel::estimate() {
  if (!experiment_.problems().empty()) {
    estimating_.cancel();
    cost_->setText(tr("Mend what is marked above, then the run can start."));
    return;
  }
  estimating_.run([config = experiment_.config(),
                   images = images_](std::stop_token) { return estimateRun(config, images); },
                  [this](JobResult<ResourceEstimate> result) {
                    if (const auto* estimate = std::get_if<ResourceEstimate>(&result)) {
                      showEstimate(*estimate);
                    } else {
                      cost_->setText(QString::fromStdString(std::get<ErrorInfo>(result).message));
                    }
                  });
}

void SettingsPanel::showEstimate(const ResourceEstimate& estimate) {
  const bool isOnGpu = estimate.hostBytes > 0;
  if (!estimate.fits()) {
    const QString text =
        isOnGpu ? tr("Probably too large for the GPU: about %1 of memory needed, %2 available. %3")
                : tr("Too large for this machine: about %1 of memory needed, %2 available. %3");
    cost_->setText(text.arg(bytesText(estimate.memoryBytes),
                            bytesText(estimate.availableBytes),
                            QString::fromStdString(estimate.proposal)));
    return;
  }
  QString text = isOnGpu
                     ? tr("Takes about %1 of the GPU's memory (%2 available), %3 of the machine's")
                     : tr("Takes about %1 of memory (%2 available)");
  text = text.arg(bytesText(estimate.memoryBytes), bytesText(estimate.availableBytes));
  if (isOnGpu) {
    text = text.arg(bytesText(estimate.hostBytes));
  }
  if (estimate.secondsPerEpoch > 0 && images_ > 0) {
    const double total = estimate.secondsPerEpoch * experiment_.config().run.epochs;
    text += tr(" and %1: %2 epochs of %3")
                .arg(QString::fromStdString(formatDuration(total)))
                .arg(experiment_.config().run.epochs)
                .arg(QString::fromStdString(formatDuration(estimate.secondsPerEpoch)));
  }
  cost_->setText(text + QLatin1Char('.'));
}

}  // namespace barlow::ui
