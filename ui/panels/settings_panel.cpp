#include "ui/panels/settings_panel.h"

#include "core/base/text.h"
#include "core/params/presets.h"
#include "core/studio/run_estimate.h"
#include "ui/forms/config_form.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QLabel>
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
      problems_(new QLabel(this)) {
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
  wait_.start();
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
  if (!estimate.fits()) {
    cost_->setText(tr("Too large for this machine: about %1 of memory needed, %2 available. %3")
                       .arg(bytesText(estimate.memoryBytes),
                            bytesText(estimate.availableBytes),
                            QString::fromStdString(estimate.proposal)));
    return;
  }
  QString text = tr("Takes about %1 of memory (%2 available)")
                     .arg(bytesText(estimate.memoryBytes), bytesText(estimate.availableBytes));
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
