#include "ui/panels/run_bar.h"

#include "core/base/text.h"
#include "core/studio/dataset_browser.h"
#include "ui/bridge/experiment.h"
#include "ui/dialogs/ask.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QDir>
#include <QHBoxLayout>
#include <QKeySequence>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

QToolButton* buttonFor(QAction* action, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setDefaultAction(action);
  button->setToolButtonStyle(Qt::ToolButtonTextOnly);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setObjectName(action->objectName() + QStringLiteral("Button"));
  button->setMinimumSize(84, 32);
  return button;
}

QString number(double value) { return QLocale().toString(static_cast<qlonglong>(value)); }

}  // namespace

RunBar::RunBar(RunController& run, Experiment& experiment, QWidget* parent)
    : QWidget(parent),
      run_(run),
      experiment_(experiment),
      start_(makeAction(QStringLiteral("startAction"),
                        tr("Start"),
                        QStringLiteral("Ctrl+Return"),
                        tr("Train a new run with the settings shown"))),
      pause_(makeAction(QStringLiteral("pauseAction"),
                        tr("Pause"),
                        QStringLiteral("Ctrl+P"),
                        tr("Hold after the step at hand, or go on"))),
      stop_(makeAction(QStringLiteral("stopAction"),
                       tr("Stop"),
                       QStringLiteral("Ctrl+."),
                       tr("End after the step at hand and save a checkpoint"))),
      discard_(makeAction(QStringLiteral("discardAction"),
                          tr("Discard..."),
                          QStringLiteral("Ctrl+Shift+Del"),
                          tr("End the run and move its folder to the trash"))),
      state_(makeLabel({}, TextRole::Heading, this)),
      detail_(makeLabel({}, TextRole::Quiet, this)),
      progress_(new QProgressBar(this)) {
  state_->setObjectName(QStringLiteral("runState"));
  detail_->setObjectName(QStringLiteral("runDetail"));
  detail_->setWordWrap(false);
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setFixedHeight(8);
  progress_->setAccessibleName(tr("Progress of the run"));

  auto* words = new QHBoxLayout;
  words->addWidget(state_);
  words->addSpacing(kWideGap);
  words->addWidget(detail_, 1, Qt::AlignRight | Qt::AlignVCenter);
  auto* middle = new QVBoxLayout;
  middle->setSpacing(4);
  middle->addLayout(words);
  middle->addWidget(progress_);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  for (QAction* action : {start_, pause_, stop_, discard_}) {
    row->addWidget(buttonFor(action, this));
  }
  row->addSpacing(kGap);
  row->addLayout(middle, 1);

  connect(start_, &QAction::triggered, &run_, &RunController::start);
  connect(pause_, &QAction::triggered, this, [this] {
    if (run_.canPause()) {
      run_.pause();
    } else {
      askResume();
    }
  });
  connect(stop_, &QAction::triggered, &run_, &RunController::stop);
  connect(discard_, &QAction::triggered, this, &RunBar::askDiscard);
  connect(&run_, &RunController::stateChanged, this, &RunBar::refresh);
  connect(&experiment_, &Experiment::changed, this, &RunBar::refresh);
  connect(&run_, &RunController::cleared, this, [this] {
    newest_ = {};
    refresh();
  });
  connect(
      &run_, &RunController::metricsArrived, this, [this](const std::vector<MetricPoint>& points) {
        newest_ = points.back();
        showProgress();
      });
  connect(
      &run_, &RunController::opened, this, [this](const std::shared_ptr<const StoredRun>& stored) {
        newest_ = stored->metrics.empty() ? MetricPoint{} : stored->metrics.back();
        refresh();
      });
  refresh();
}

QAction* RunBar::makeAction(const QString& name,
                            const QString& text,
                            const QString& shortcut,
                            const QString& help) {
  auto* action = new QAction(text, this);
  action->setObjectName(name);
  action->setShortcut(QKeySequence(shortcut));
  action->setToolTip(QStringLiteral("%1 (%2)").arg(
      help, QKeySequence(shortcut).toString(QKeySequence::NativeText)));
  action->setStatusTip(help);
  addAction(action);
  return action;
}

void RunBar::refresh() {
  start_->setEnabled(run_.canStart());
  const bool resumes = run_.canResume();
  pause_->setText(resumes ? tr("Resume") : tr("Pause"));
  pause_->setEnabled(resumes || run_.canPause());
  stop_->setEnabled(run_.canStop());
  discard_->setEnabled(run_.canDiscard());
  state_->setText(run_.stateText());
  showProgress();
}

void RunBar::showProgress() {
  const auto plan = run_.plan();
  if (!plan || plan->lastStep <= 0) {
    progress_->setMaximum(run_.state() == SessionState::Preparing ? 0 : 1000);
    progress_->setValue(run_.isFinished() ? 1000 : 0);
    detail_->setText(newest_.step > 0
                         ? tr("%1 steps in %2")
                               .arg(number(static_cast<double>(newest_.step)),
                                    QString::fromStdString(formatDuration(newest_.seconds)))
                         : QString());
    return;
  }
  const std::int64_t done = std::max(newest_.step, plan->firstStep);
  progress_->setMaximum(1000);
  progress_->setValue(static_cast<int>(1000 * done / plan->lastStep));
  QStringList parts{
      tr("step %1 of %2")
          .arg(number(static_cast<double>(done)), number(static_cast<double>(plan->lastStep)))};
  if (newest_.pairsPerSecond > 0) {
    parts << tr("%1 pairs/s").arg(number(newest_.pairsPerSecond));
    if (run_.isLive() && done < plan->lastStep) {
      const double seconds =
          static_cast<double>((plan->lastStep - done) * plan->batchSize) / newest_.pairsPerSecond;
      parts << tr("%1 left").arg(QString::fromStdString(formatDuration(seconds)));
    }
  }
  parts << QString::fromStdString(plan->device);
  detail_->setText(parts.join(QStringLiteral("  ·  ")));
}

void RunBar::askResume() {
  constexpr std::size_t kMost = 8;
  std::optional<std::string> moved;
  if (const std::string missing = run_.missingData(); !missing.empty()) {
    const auto folder = askFolder(
        this,
        tr("Where is the data of this run now? It was in %1").arg(QString::fromStdString(missing)),
        QDir::homePath());
    if (!folder) {
      return;
    }
    moved = recognizedSource(folder->toStdString());
  }
  const std::vector<Difference> changes = run_.edits();
  if (changes.empty()) {
    run_.resume({}, std::move(moved));
    return;
  }
  QStringList lines;
  std::vector<Setting> edits;
  for (const Difference& change : changes) {
    edits.push_back({change.key, change.right});
    if (edits.size() <= kMost) {
      lines << tr("%1: %2 → %3")
                   .arg(QString::fromStdString(change.key),
                        QString::fromStdString(change.left),
                        QString::fromStdString(change.right));
    }
  }
  if (changes.size() > kMost) {
    lines << tr("and %n more", nullptr, static_cast<int>(changes.size() - kMost));
  }
  const int answer = ask(this,
                         {.title = tr("Resume with the changed settings?"),
                          .text = tr("Settings were changed since this run began."),
                          .detail = lines.join(QLatin1Char('\n')),
                          .choices = {tr("Use the changes"), tr("As it was"), tr("Cancel")}});
  if (answer == 0) {
    run_.resume(std::move(edits), std::move(moved));
  } else if (answer == 1) {
    run_.resume({}, std::move(moved));
  }
}

void RunBar::askDiscard() {
  const int answer =
      ask(this,
          {.title = tr("Discard this run?"),
           .text = tr("The run ends now and its folder, with all checkpoints, moves to the trash."),
           .detail = QString::fromStdString(run_.folder().string()),
           .choices = {tr("Discard"), tr("Keep")},
           .destructive = 0});
  if (answer == 0) {
    run_.discard();
  }
}

}  // namespace barlow::ui
