#include "ui/panels/run_bar.h"

#include "core/base/text.h"
#include "core/studio/dataset_browser.h"
#include "ui/bridge/experiment.h"
#include "ui/dialogs/ask.h"
#include "ui/forms/config_form.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

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

constexpr double kLongRun = 24 * 3600;  // seconds; who starts one by mistake loses a day

QString duration(double seconds) { return QString::fromStdString(formatDuration(seconds)); }

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
      longer_(makeAction(QStringLiteral("longerAction"),
                         tr("Train longer..."),
                         {},
                         tr("Go on with a finished run for more epochs"))),
      showFolder_(makeAction(QStringLiteral("showFolderAction"),
                             tr("Open run folder"),
                             {},
                             tr("Show the run's files: settings, numbers, weights, pictures"))),
      export_(makeAction(QStringLiteral("exportWeightsAction"),
                         tr("Export weights..."),
                         QStringLiteral("Ctrl+Shift+E"),
                         tr("Take the network away, for PyTorch, timm or ONNX"))),
      state_(makeLabel({}, TextRole::Heading, this)),
      detail_(makeLabel({}, TextRole::Quiet, this)),
      progress_(new QProgressBar(this)) {
  state_->setObjectName(QStringLiteral("runState"));
  detail_->setObjectName(QStringLiteral("runDetail"));
  detail_->setWordWrap(false);
  detail_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  detail_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  setFocusPolicy(Qt::ClickFocus);
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setFixedHeight(8);
  progress_->setAccessibleName(tr("Progress of the run"));

  auto* words = new QHBoxLayout;
  words->addWidget(state_);
  words->addSpacing(kWideGap);
  words->addWidget(detail_, 1);
  auto* middle = new QVBoxLayout;
  middle->setSpacing(4);
  middle->addLayout(words);
  middle->addWidget(progress_);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  for (QAction* action : {start_, pause_, stop_, discard_, export_}) {
    row->addWidget(buttonFor(action, this));
  }
  row->addSpacing(kGap);
  row->addLayout(middle, 1);

  connect(start_, &QAction::triggered, this, &RunBar::askStart);
  connect(pause_, &QAction::triggered, this, [this] {
    if (run_.canPause()) {
      run_.pause();
    } else {
      askResume();
    }
  });
  connect(stop_, &QAction::triggered, &run_, &RunController::stop);
  connect(discard_, &QAction::triggered, this, &RunBar::askDiscard);
  connect(longer_, &QAction::triggered, this, &RunBar::askLonger);
  connect(showFolder_, &QAction::triggered, this, [this] {
    showFolder(QString::fromStdString(run_.folder().string()));
  });
  connect(&run_, &RunController::wentOnFrom, this, [this](qint64 step) {
    newest_ = {};
    newest_.step = step;
    refresh();
  });
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
  action->setToolTip(shortcut.isEmpty()
                         ? help
                         : QStringLiteral("%1 (%2)").arg(
                               help, QKeySequence(shortcut).toString(QKeySequence::NativeText)));
  action->setStatusTip(help);
  addAction(action);
  return action;
}

void RunBar::refresh() {
  const QWidget* const focused = focusWidget();
  const bool hadFocus = focused != nullptr && focused->hasFocus();
  start_->setEnabled(run_.canStart());
  const bool resumes = run_.canResume();
  pause_->setText(resumes ? tr("Resume") : tr("Pause"));
  pause_->setEnabled(resumes || run_.canPause());
  stop_->setEnabled(run_.canStop());
  discard_->setEnabled(run_.canDiscard());
  longer_->setEnabled(run_.canTrainLonger());
  showFolder_->setEnabled(!run_.folder().empty());
  export_->setEnabled(!run_.folder().empty());
  // A run that trains is not what is taken away; its menu has it all the same.
  findChild<QToolButton*>(export_->objectName() + QStringLiteral("Button"))
      ->setVisible(!run_.isLive() && !run_.folder().empty());
  state_->setText(run_.stateText());
  showProgress();
  if (hasFocus() || (hadFocus && !focused->isEnabled())) {
    placeFocus();
  }
}

void RunBar::takeFocus() {
  setFocus();
  placeFocus();
}

// Left to itself, the focus of a button that is disabled goes to the next one, and that may be
// Discard. Until Pause can be pressed the bar itself keeps it.
void RunBar::placeFocus() {
  for (QAction* action : {pause_, start_}) {
    if (action->isEnabled()) {
      findChild<QToolButton*>(action->objectName() + QStringLiteral("Button"))->setFocus();
      return;
    }
  }
  setFocus();
}

void RunBar::showProgress() {
  const auto plan = run_.plan();
  if (run_.isLive() && !plan) {
    progress_->setMaximum(0);
  } else {
    const std::int64_t done = plan ? std::max(newest_.step, plan->firstStep) : newest_.step;
    progress_->setMaximum(1000);
    progress_->setValue(run_.isFinished() ? 1000
                        : plan && plan->lastStep > 0
                            ? static_cast<int>(1000 * done / plan->lastStep)
                            : 0);
  }
  say(progressText());
}

QString RunBar::progressText() const {
  const auto plan = run_.plan();
  if (!run_.isLive()) {
    if (newest_.step == 0) {
      const QString source = QString::fromStdString(experiment_.config().data.source);
      return run_.folder().empty() && !source.isEmpty() ? tr("Start trains on %1").arg(source)
                                                        : QString();
    }
    const std::int64_t batchSize = run_.runConfig().run.batchSize;
    QStringList parts{
        tr("%1 steps in %2")
            .arg(number(static_cast<double>(newest_.step)), duration(newest_.seconds))};
    if (newest_.seconds > 0) {  // of the whole run
      parts << tr("%1 pairs/s")
                   .arg(number(static_cast<double>(newest_.step * batchSize) / newest_.seconds));
    }
    return parts.join(QStringLiteral("  ·  "));
  }
  if (!plan) {
    return run_.activity();
  }
  const std::int64_t done = std::max(newest_.step, plan->firstStep);
  QStringList parts{
      tr("step %1 of %2")
          .arg(number(static_cast<double>(done)), number(static_cast<double>(plan->lastStep)))};
  if (const QString activity = run_.activity(); !activity.isEmpty()) {
    parts << activity;
  } else if (newest_.pairsPerSecond > 0) {
    parts << tr("%1 pairs/s").arg(number(newest_.pairsPerSecond));
  }
  const auto left = run_.pace().secondsLeft(*plan, done, run_.runConfig().evaluate.everyEpochs);
  if (left && done < plan->lastStep) {
    parts << tr("%1 left").arg(duration(*left));
  }
  parts << QString::fromStdString(plan->device);
  return parts.join(QStringLiteral("  ·  "));
}

// As much of it as there is room for; the rest is in the tool tip.
void RunBar::say(const QString& text) {
  text_ = text;
  const QString shown =
      detail_->fontMetrics().elidedText(text, Qt::ElideRight, std::max(0, detail_->width()));
  detail_->setText(shown);
  detail_->setAccessibleName(text);
  detail_->setToolTip(shown == text ? QString() : wrappedTip(text));
}

void RunBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();
  say(text_);
}

void RunBar::askStart() {
  if (!run_.canStart()) {
    return;
  }
  const QString begin = tr("New run");
  const bool isSameRun = run_.isOfRun(experiment_.config());
  int answer = 0;
  if (run_.canResume() && isSameRun) {
    answer =
        ask(this,
            {.title = tr("Begin a new run?"),
             .text = tr("This run has not ended: Resume goes on after step %1, a new run begins "
                        "at the first step, in a folder of its own.")
                         .arg(number(static_cast<double>(run_.lastStep()))),
             .detail = {},
             .choices = {tr("Resume"), begin, tr("Cancel")}});
    if (answer == 0) {
      askResume();
      return;
    }
  } else if (run_.isFinished() && isSameRun && run_.edits().empty()) {
    answer =
        ask(this,
            {.title = tr("Train the same again?"),
             .text = tr("These are the settings of the run that has finished. With the same seed "
                        "its numbers come again; to go on with it, train it longer."),
             .detail = {},
             .choices = {tr("Train longer..."), tr("Train again"), tr("Cancel")}});
    if (answer == 0) {
      askLonger();
      return;
    }
  } else {
    answer = 1;
  }
  if (answer == 1 && expectedSeconds_ > kLongRun) {
    answer =
        ask(this,
            {.title = tr("Start a long run?"),
             .text = tr("On this machine it will take about %1. It can be paused, stopped and "
                        "resumed; a smaller network, smaller views or fewer epochs are faster.")
                         .arg(duration(expectedSeconds_)),
             .detail = {},
             .choices = {tr("Start"), tr("Cancel")}}) == 0
            ? 1
            : 2;
  }
  if (answer == 1) {
    run_.start();
  }
}

void RunBar::askLonger() {
  if (!run_.canTrainLonger()) {
    return;
  }
  const int epochs = run_.runConfig().run.epochs;
  const auto longer = askNumber(
      this,
      tr("Train longer"),
      tr("The run goes on from its last step, with the learning rate planned anew.\nEpochs in all "
         "(until now %1):")
          .arg(epochs),
      2 * epochs,
      epochs + 1,
      100'000);
  if (longer) {
    run_.trainLonger(*longer);
  }
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
                   .arg(fieldName(change.key),
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
           .choices = {tr("Discard"), tr("Cancel")},
           .destructive = 0});
  if (answer == 0) {
    run_.discard();
  }
}

}  // namespace barlow::ui
