#include "ui/panels/settings_panel.h"

#include "core/base/text.h"
#include "core/params/advice.h"
#include "core/params/presets.h"
#include "core/studio/run_estimate.h"
#include "ui/forms/config_form.h"
#include "ui/panels/run_list_model.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

QString bytesText(std::uint64_t bytes) { return QString::fromStdString(formatBytes(bytes)); }

// A line and a row of words that cannot be chosen.
void addHeading(QComboBox& box, const QString& text) {
  box.insertSeparator(box.count());
  box.addItem(text);
  auto* model = qobject_cast<QStandardItemModel*>(box.model());
  model->item(box.count() - 1)->setFlags(Qt::NoItemFlags);
}

}  // namespace

SettingsPanel::SettingsPanel(Experiment& experiment, QWidget* parent)
    : QWidget(parent),
      experiment_(experiment),
      preset_(new QComboBox(this)),
      about_(makeLabel({}, TextRole::Quiet, this)),
      cost_(makeLabel({}, TextRole::Quiet, this)),
      problems_(makeLabel({}, TextRole::Problem, this)),
      data_(makeLabel({}, TextRole::Quiet, this)),
      runningNote_(makeLabel({}, TextRole::Quiet, this)),
      rate_(makeAdvice(
          QStringLiteral("RateAdvice"),
          tr("base learning rate"),
          [](RunConfig& config, double value) { config.optim.baseLearningRate = value; })),
      warmup_(makeAdvice(
          QStringLiteral("WarmupAdvice"), tr("warm-up"), [](RunConfig& config, double value) {
            config.optim.warmupEpochs = static_cast<int>(value);
          })) {
  preset_->setObjectName(QStringLiteral("presetChoice"));
  preset_->setAccessibleName(tr("Preset"));
  preset_->setToolTip(tr("A starting point for all settings below; the data set stays."));
  preset_->setPlaceholderText(tr("The settings of a run"));
  preset_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  std::string group;
  for (const Preset& preset : presets()) {
    if (preset.group != group) {
      group = preset.group;
      addHeading(*preset_, QString::fromStdString(group));
    }
    preset_->addItem(QString::fromStdString(preset.title), QString::fromStdString(preset.name));
  }
  connect(preset_, &QComboBox::activated, this, [this] {
    const auto preset = findPreset(preset_->currentData().toString().toStdString());
    RunConfig config = preset->config;
    config.data.source = experiment_.config().data.source;
    experiment_.load(config, QString::fromStdString(preset->name));
  });
  problems_->setObjectName(QStringLiteral("configProblems"));
  cost_->setObjectName(QStringLiteral("runEstimate"));

  data_->setObjectName(QStringLiteral("settingsData"));
  runningNote_->setObjectName(QStringLiteral("runningNote"));
  runningNote_->setText(ConfigForm::runningText());
  runningNote_->hide();
  form_ = new ConfigForm(experiment_,
                         {QStringLiteral("run."),
                          QStringLiteral("model."),
                          QStringLiteral("objective."),
                          QStringLiteral("optim."),
                          QStringLiteral("evaluate."),
                          QStringLiteral("data.limit"),
                          QStringLiteral("data.validation_fraction"),
                          QStringLiteral("data.exif")},
                         this);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(form_);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeLabel(tr("Settings"), TextRole::Heading, this));
  column->addWidget(data_);
  column->addWidget(runningNote_);
  column->addWidget(preset_);
  column->addWidget(about_);
  column->addWidget(scroll, 1);
  column->addWidget(rate_.row);
  column->addWidget(warmup_.row);
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

void SettingsPanel::setRunning(bool isRunning) {
  if (isRunning != isRunning_) {
    isRunning_ = isRunning;
    form_->setRunning(isRunning);
    preset_->setEnabled(!isRunning);
    runningNote_->setVisible(isRunning);
    follow();
  }
}

void SettingsPanel::setMeasured(const RunConfig& config, double secondsPerEpoch) {
  measuredConfig_ = config;
  measuredSeconds_ = secondsPerEpoch;
  if (estimate_.memoryBytes > 0 && experiment_.problems().empty()) {
    showEstimate(estimate_);
  }
}

SettingsPanel::Advice SettingsPanel::makeAdvice(const QString& name,
                                                const QString& what,
                                                void (*apply)(RunConfig&, double)) {
  auto* row = new QWidget(this);
  Advice advice{.row = row,
                .text = makeLabel({}, TextRole::Quiet, row),
                .take = new QPushButton(row),
                .suggested = {},
                .refused = {}};
  auto* refuse = new QPushButton(tr("Keep"), row);
  QString inner = name;
  inner[0] = inner[0].toLower();
  row->setObjectName(inner);
  advice.take->setObjectName(QStringLiteral("take") + name);
  advice.take->setAccessibleName(tr("Use the suggested %1").arg(what));
  refuse->setObjectName(QStringLiteral("refuse") + name);
  refuse->setToolTip(tr("Leave the %1 as it is").arg(what));
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGap);
  layout->addWidget(advice.text, 1);
  layout->addWidget(advice.take);
  layout->addWidget(refuse);
  const auto find = [this, row]() -> Advice& { return row == rate_.row ? rate_ : warmup_; };
  connect(advice.take, &QPushButton::clicked, this, [this, find, apply] {
    RunConfig config = experiment_.config();
    apply(config, find().suggested.value());
    experiment_.setConfig(config);
  });
  connect(refuse, &QPushButton::clicked, this, [this, find] {
    find().refused = find().suggested;
    followAdvice();
  });
  return advice;
}

void SettingsPanel::follow() {
  const int index = preset_->findData(experiment_.baseName());
  preset_->setCurrentIndex(index);
  const auto preset = findPreset(experiment_.baseName().toStdString());
  about_->setText(preset ? QString::fromStdString(preset->forWhom)
                         : tr("The settings of %1").arg(experiment_.baseName()));
  const std::string& spec = experiment_.config().data.source;
  const QString source = dataName(spec);
  data_->setToolTip(plainTip(QString::fromStdString(spec)));
  data_->setText(spec.empty() ? tr("Trains on: no data yet, choose some in Data")
                 : images_ > 0
                     ? tr("Trains on: %1, %2 images")
                           .arg(source, QLocale().toString(static_cast<qlonglong>(images_)))
                     : tr("Trains on: %1").arg(source));
  const ObjectiveInfo& objective = experiment_.config().objective.info();
  const auto sentence = [](std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  };
  form_->setNote(
      QStringLiteral("objective.name"),
      tr("%1 Against collapse: %2").arg(sentence(objective.does), sentence(objective.prevents)));
  QStringList sentences;
  for (const Problem& problem : experiment_.problems()) {
    sentences << fieldName(problem.key) + QStringLiteral(": ") +
                     QString::fromStdString(problem.message);
  }
  problems_->setText(sentences.join(QLatin1Char('\n')));
  problems_->setVisible(!sentences.isEmpty());
  followAdvice();
  wait_.start();
}

void SettingsPanel::followAdvice() {
  const RunConfig& config = experiment_.config();
  showAdvice(rate_,
             suggestedLearningRate(config),
             tr("For batches of %1 the authors found a base learning rate of about %2 best.")
                 .arg(config.run.batchSize)
                 .arg(QLocale().toString(authorsLearningRate(config.run.batchSize), 'g', 3)));
  showAdvice(warmup_,
             suggestedWarmupEpochs(config),
             tr("The warm-up takes %1 of %2 epochs: the run hardly trains at its full rate.")
                 .arg(config.optim.warmupEpochs)
                 .arg(config.run.epochs));
}

// Refused is refused until another value would be suggested.
void SettingsPanel::showAdvice(Advice& advice, std::optional<double> value, const QString& text) {
  if (!value || value != advice.refused) {
    advice.refused.reset();
  }
  advice.suggested = value;
  advice.row->setVisible(value && !advice.refused);
  if (value) {
    advice.text->setText(text);
    advice.take->setText(tr("Use %1").arg(QLocale().toString(*value, 'g', 3)));
  }
}

void SettingsPanel::estimate() {
  if (!experiment_.problems().empty()) {
    estimating_.cancel();
    cost_->setText(isRunning_ ? tr("Mend what is marked above, then Resume can take it over.")
                              : tr("Mend what is marked above, then the run can start."));
    Q_EMIT estimated(0);
    return;
  }
  estimating_.run([config = experiment_.config(),
                   images = images_](std::stop_token) { return estimateRun(config, images); },
                  [this](JobResult<ResourceEstimate> result) {
                    if (const auto* estimate = std::get_if<ResourceEstimate>(&result)) {
                      showEstimate(*estimate);
                    } else {
                      cost_->setText(QString::fromStdString(std::get<ErrorInfo>(result).message));
                      Q_EMIT estimated(0);
                    }
                  });
}

// What was measured counts where only such settings differ as do not change how long a step takes.
double SettingsPanel::secondsPerEpoch(const ResourceEstimate& estimate) const {
  if (measuredSeconds_ > 0) {
    const auto changes = differences(measuredConfig_, experiment_.config());
    if (std::all_of(changes.begin(), changes.end(), [](const Difference& change) {
          return canChangeMidRun(change.key) && !change.key.starts_with("augment.") &&
                 change.key != "run.device";
        })) {
      return measuredSeconds_;
    }
  }
  return estimate.secondsPerEpoch;
}

void SettingsPanel::showEstimate(const ResourceEstimate& estimate) {
  estimate_ = estimate;
  const bool isOnGpu = estimate.hostBytes > 0;
  if (!estimate.fits()) {
    const QString text =
        isOnGpu ? tr("Probably too large for the GPU: about %1 of memory needed, %2 available. %3")
                : tr("Too large for this machine: about %1 of memory needed, %2 available. %3");
    cost_->setText(text.arg(bytesText(estimate.memoryBytes),
                            bytesText(estimate.availableBytes),
                            QString::fromStdString(estimate.proposal)));
    Q_EMIT estimated(0);
    return;
  }
  QString text = isOnGpu
                     ? tr("Takes about %1 of the GPU's memory (%2 available), %3 of the machine's")
                     : tr("Takes about %1 of memory (%2 available)");
  text = text.arg(bytesText(estimate.memoryBytes), bytesText(estimate.availableBytes));
  if (isOnGpu) {
    text = text.arg(bytesText(estimate.hostBytes));
  }
  const double perEpoch = secondsPerEpoch(estimate);
  const double total = images_ > 0 ? perEpoch * experiment_.config().run.epochs : 0;
  if (total > 0) {
    text += tr(" and %1: %2 epochs of %3")
                .arg(QString::fromStdString(formatDuration(total)))
                .arg(experiment_.config().run.epochs)
                .arg(QString::fromStdString(formatDuration(perEpoch)));
  }
  cost_->setText(text + QLatin1Char('.'));
  Q_EMIT estimated(total);
}

}  // namespace barlow::ui
