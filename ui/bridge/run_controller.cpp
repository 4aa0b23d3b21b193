#include "ui/bridge/run_controller.h"

#include "core/studio/dataset_browser.h"
#include "ui/bridge/experiment.h"

#include <QDir>
#include <QFile>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

QString pathText(const std::filesystem::path& path) {
  return QDir::toNativeSeparators(QString::fromStdString(path.string()));
}

// Another run may have taken the name of one that was removed.
bool isRun(const std::filesystem::path& folder, const std::string& id) {
  try {
    return isRunFolder(folder) && (id.empty() || readRunRecord(folder).id == id);
  } catch (const Exception&) {
    return false;  // what cannot be read is left alone
  }
}

// The name in a run folder's name, after its time and number.
const QRegularExpression& folderPrefix() {
  static const QRegularExpression kPrefix(
      QStringLiteral("^\\d{4}-\\d{2}-\\d{2}-\\d{6}-[0-9a-f]{4}(-|$)"));
  return kPrefix;
}

TrainingLoopFactory factoryOf(const RunController::Options& options) { return options.makeLoop; }

}  // namespace

QString plainRunName(const QString& base) {
  QString name = base;
  while (folderPrefix().match(name).hasMatch()) {  // older programs let them pile up
    name.remove(folderPrefix());
  }
  return name;
}

RunController::RunController(Experiment& experiment, Options options, QObject* parent)
    : QObject(parent),
      experiment_(experiment),
      options_(std::move(options)),
      session_(factoryOf(options_)) {
  if (!options_.moveToTrash) {
    options_.moveToTrash = [](const QString& folder) { return QFile::moveToTrash(folder); };
  }
  connect(&session_, &SessionBridge::stateChanged, this, &RunController::onState);
  connect(&session_, &SessionBridge::eventArrived, this, &RunController::onEvent);
  connect(&session_, &SessionBridge::snapshotArrived, this, &RunController::snapshotArrived);
  connect(&session_,
          &SessionBridge::metricsArrived,
          this,
          [this](const std::vector<MetricPoint>& points) {
            lastStep_ = points.back().step;
            for (const MetricPoint& point : points) {
              pace_.add(point);
            }
            Q_EMIT metricsArrived(points);
          });
}

void RunController::start() {
  if (!canStart()) {
    return;
  }
  const std::string& name = experiment_.config().run.name;
  std::filesystem::path folder =
      newRunFolder(name.empty() ? plainRunName(experiment_.baseName()).toStdString() : name);
  if (!options_.runsRoot.empty()) {
    folder = options_.runsRoot / folder.filename();
  }
  folder_ = folder;
  runConfig_ = experiment_.config();
  begin({.config = runConfig_, .folder = folder});
}

void RunController::begin(RunRequest request) {
  opening_.cancel();
  storedState_.clear();
  runId_.clear();
  error_ = {};
  hasDiverged_ = isPausePending_ = isDiscarding_ = false;
  isHoldToldNext_ = true;
  pendingEdits_.clear();
  evaluatedStep_ = -1;
  preparing_.clear();
  pace_.begin();
  if (request.mode == RunRequest::Mode::Fresh) {
    lastStep_ = 0;
    movedData_.reset();
    Q_EMIT cleared();
  }
  session_.start(std::move(request));
}

void RunController::pause() {
  if (canPause()) {
    isPausePending_ = true;
    session_.pause();
    Q_EMIT stateChanged();
  }
}

std::string RunController::missingData() const {
  return session_.isLive() || folder_.empty() ? "" : missingFolder(runConfig_.data.source);
}

void RunController::resume(std::vector<Setting> edits, std::optional<std::string> data) {
  if (!canResume()) {
    return;
  }
  if (session_.isLive() && !edits.empty()) {
    pendingEdits_ = std::move(edits);
    session_.stop();
    Q_EMIT stateChanged();
    return;
  }
  if (session_.isLive()) {
    isPausePending_ = false;
    session_.resume();
    Q_EMIT stateChanged();
    return;
  }
  applyEdits(edits, runConfig_);
  movedData_ = data;
  begin({.folder = folder_,
         .mode = RunRequest::Mode::Resume,
         .data = std::move(data),
         .edits = std::move(edits)});
}

void RunController::trainLonger(int epochs) {
  if (!canTrainLonger()) {
    return;
  }
  runConfig_.run.epochs = epochs;
  runConfig_.run.maxSteps = 0;
  begin({.folder = folder_, .mode = RunRequest::Mode::Resume, .epochs = epochs});
  RunConfig config = experiment_.config();
  config.run.epochs = epochs;
  config.run.maxSteps = 0;
  experiment_.setConfig(config);
}

void RunController::resumeWithHalfRate() {
  RunConfig config = runConfig_;
  config.optim.baseLearningRate /= 2;
  std::vector<Setting> edits;
  for (const Difference& change : differences(runConfig_, config)) {
    edits.push_back({change.key, change.right});
  }
  resume(edits);
  experiment_.setConfig(runConfig_);
}

void RunController::stop() {
  pendingEdits_.clear();  // also while it stops for them
  if (canStop()) {
    session_.stop();
    isPausePending_ = false;
    Q_EMIT logged(LogLevel::Info, tr("Stopping after this step; the run is kept."));
  }
}

void RunController::saveTo(const std::filesystem::path& folder) {
  isHoldToldNext_ = true;
  session_.saveTo(folder);
}

void RunController::retrySave() {
  isHoldToldNext_ = true;
  session_.retry();
}

void RunController::giveUp() {
  if (isHeld()) {
    session_.abort();
  }
}

void RunController::endNow() { session_.end(); }

void RunController::discard() {
  if (!canDiscard()) {
    return;
  }
  pendingEdits_.clear();
  if (session_.isLive()) {
    isDiscarding_ = true;
    session_.abort();
    Q_EMIT stateChanged();
    return;
  }
  trash();
}

void RunController::open(const std::filesystem::path& folder) {
  if (session_.isLive()) {
    return;
  }
  opening_.run(
      [folder](std::stop_token) { return std::make_shared<const StoredRun>(readRun(folder)); },
      [this](JobResult<std::shared_ptr<const StoredRun>> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          Q_EMIT logged(LogLevel::Error, QString::fromStdString(error->message));
          Q_EMIT failed(*error);
          return;
        }
        const auto run = std::get<0>(result);
        folder_ = run->headline.folder;
        runConfig_ = run->config;
        runId_ = run->headline.record.id;
        storedState_ = run->headline.isTraining          ? "training elsewhere"
                       : run->headline.endedUnexpectedly ? "ended unexpectedly"
                                                         : run->headline.record.state;
        lastStep_ = run->metrics.empty() ? 0 : run->metrics.back().step;
        error_ = {run->headline.record.error, {}};
        hasDiverged_ = false;
        Q_EMIT cleared();
        Q_EMIT opened(run);
        Q_EMIT stateChanged();
        Q_EMIT logged(LogLevel::Info, tr("Opened %1").arg(pathText(folder_)));
      });
}

bool RunController::canStart() const {
  return !session_.isLive() && experiment_.problems().empty();
}

bool RunController::canPause() const {
  return session_.state() == SessionState::Running && !isPausePending_;
}

bool RunController::canResume() const {
  if (session_.isLive()) {
    return session_.state() == SessionState::Paused || isPausePending_;
  }
  // A finished run has nothing left to do, and one that trains in another process is not ours.
  return !folder_.empty() && !isDiscarding_ && storedState_ != "finished" &&
         storedState_ != "training elsewhere";
}

bool RunController::canStop() const {
  const SessionState now = session_.state();
  return now == SessionState::Preparing || now == SessionState::Running ||
         now == SessionState::Paused;
}

std::vector<Difference> RunController::edits() const {
  return isOfRun(experiment_.config()) ? differences(runConfig_, experiment_.config())
                                       : std::vector<Difference>{};
}

bool RunController::isOfRun(const RunConfig& config) const {
  const std::vector<Difference> changes = differences(runConfig_, config);
  return !folder_.empty() &&
         std::all_of(changes.begin(), changes.end(), [](const Difference& change) {
           return canChangeMidRun(change.key);
         });
}

bool RunController::canDiscard() const {
  return !isDiscarding_ && !folder_.empty() && storedState_ != "training elsewhere";
}

QString RunController::activity() const {
  if (session_.state() == SessionState::Preparing) {
    return preparing_;
  }
  const auto plan = session_.plan();
  if (session_.state() != SessionState::Running || !plan || !plan->hasLabels ||
      evaluatedStep_ == lastStep_) {
    return {};
  }
  const std::int64_t every = runConfig_.evaluate.everyEpochs * plan->stepsPerEpoch;
  if (every <= 0 || (lastStep_ % every != 0 && lastStep_ < plan->lastStep)) {
    return {};
  }
  return lastStep_ == 0 ? tr("kNN of the untrained network") : tr("kNN of held-out images");
}

QString RunController::name() const {
  return runConfig_.run.name.empty() ? QString::fromStdString(folder_.filename().string())
                                     : QString::fromStdString(runConfig_.run.name);
}

QString RunController::stateText() const {
  if (isDiscarding_) {
    return tr("Discarding");
  }
  if (!pendingEdits_.empty()) {
    return tr("Taking over the changes");
  }
  switch (session_.state()) {
    case SessionState::Preparing:
      return tr("Preparing");
    case SessionState::Running:
      return isPausePending_ ? tr("Pausing after this step") : tr("Running");
    case SessionState::Paused:
      return tr("Paused");
    case SessionState::Stopping:
      return tr("Stopping");
    case SessionState::Held:
      return tr("Halted, not saved yet");
    case SessionState::Idle:
    case SessionState::Finished:
    case SessionState::Failed:
      break;
  }
  const QString step = QLocale().toString(static_cast<qlonglong>(lastStep_));
  if (folder_.empty()) {
    return tr("No run");
  }
  if (storedState_ == "finished") {
    return tr("Finished at step %1").arg(step);
  }
  if (storedState_ == "failed") {
    return tr("Halted at step %1").arg(step);
  }
  if (storedState_ == "ended unexpectedly") {
    return tr("Ended unexpectedly at step %1").arg(step);
  }
  if (storedState_ == "training elsewhere") {
    return tr("Training in another program");
  }
  return tr("Stopped at step %1").arg(step);
}

void RunController::onState(SessionState) {
  if (session_.state() == SessionState::Paused || !session_.isLive()) {
    isPausePending_ = false;
  }
  Q_EMIT stateChanged();
}

void RunController::onEvent(const SessionEvent& event) {
  const QString text = QString::fromStdString(event.text);
  const QString step = QLocale().toString(static_cast<qlonglong>(event.step));
  switch (event.kind) {
    case EventKind::Preparing:
      preparing_ = text;
      Q_EMIT logged(LogLevel::Info, text);
      Q_EMIT stateChanged();
      break;
    case EventKind::Started:
      takeMovedData();
      runId_ = session_.plan() ? session_.plan()->runId : std::string();
      Q_EMIT logged(LogLevel::Info, tr("Training in %1").arg(pathText(folder_)));
      if (event.step > 0) {
        Q_EMIT logged(LogLevel::Info, tr("Goes on after step %1").arg(step));
        if (pace_.isEmpty()) {  // rows of its first steps may come before this
          lastStep_ = event.step;
          Q_EMIT wentOnFrom(event.step);
        }
      }
      Q_EMIT stateChanged();
      break;
    case EventKind::Paused:
      Q_EMIT logged(LogLevel::Info, tr("Paused after step %1").arg(step));
      break;
    case EventKind::Resumed:
      Q_EMIT logged(LogLevel::Info, tr("Resumed after step %1").arg(step));
      break;
    case EventKind::EpochDone:
      Q_EMIT logged(LogLevel::Debug, tr("Epoch %1 done, step %2").arg(event.epoch + 1).arg(step));
      break;
    case EventKind::Checkpoint:
      Q_EMIT logged(LogLevel::Info, tr("Checkpoint %1").arg(QString::fromStdString(event.path)));
      break;
    case EventKind::Evaluation:
      Q_EMIT logged(LogLevel::Info,
                    tr("Step %1: kNN top-1 %2 %")
                        .arg(step, QLocale().toString(100 * event.evaluation->top1, 'f', 1)));
      evaluatedStep_ = event.step;
      pace_.add(*event.evaluation);
      Q_EMIT evaluationArrived(*event.evaluation);
      Q_EMIT stateChanged();
      break;
    case EventKind::Edited:
      Q_EMIT edited(event.step, text);
      break;
    case EventKind::Held:
      heldReason_ = event.error;
      Q_EMIT logged(LogLevel::Error, QString::fromStdString(event.error.message));
      Q_EMIT stateChanged();
      if (std::exchange(isHoldToldNext_, false)) {
        Q_EMIT held(heldReason_);
      }
      break;
    case EventKind::Warning:
      Q_EMIT logged(LogLevel::Warning, QString::fromStdString(event.error.message));
      break;
    case EventKind::Finished:
    case EventKind::Failed:
      onEnd(event);
      break;
  }
}

void RunController::takeMovedData() {
  if (!movedData_) {
    return;
  }
  const std::string before = std::exchange(runConfig_.data.source, *movedData_);
  if (experiment_.config().data.source == before) {
    experiment_.setSource(*movedData_, false);
  }
  movedData_.reset();
}

void RunController::onEnd(const SessionEvent& event) {
  const bool hasFailed = event.kind == EventKind::Failed;
  lastStep_ = std::max(lastStep_, event.step);
  storedState_ = hasFailed ? "failed" : event.text == "finished" ? "finished" : "stopped";
  if (!event.path.empty()) {
    folder_ = event.path;  // it may have been saved elsewhere
  }
  if (!isRunFolder(folder_)) {
    folder_.clear();  // it ended before there was one
  }
  if (hasFailed) {
    error_ = event.error;
    hasDiverged_ = event.hasDiverged;
  }
  if (isDiscarding_) {
    trash();
  } else if (hasFailed) {
    Q_EMIT logged(LogLevel::Error, QString::fromStdString(error_.message));
    Q_EMIT failed(error_);
  } else {
    Q_EMIT logged(LogLevel::Info, stateText());
  }
  Q_EMIT stateChanged();
  const std::vector<Setting> edits = std::exchange(pendingEdits_, {});
  Q_EMIT ended(hasFailed ? QStringLiteral("failed") : QString::fromStdString(event.text));
  if (!edits.empty() && storedState_ == "stopped") {
    resume(edits);
  }
}

void RunController::trash() {
  isDiscarding_ = false;
  const QString path = QString::fromStdString(folder_.string());
  if (folder_.empty() || !isRun(folder_, runId_)) {
    folder_.clear();
  } else if (options_.moveToTrash(path)) {
    folder_.clear();
    Q_EMIT logged(LogLevel::Info, tr("Moved to the trash: %1").arg(pathText(path.toStdString())));
  } else {
    const QString text = tr("The run could not be moved to the trash and stays in %1; delete that "
                            "folder by hand if you do not want it.")
                             .arg(pathText(path.toStdString()));
    Q_EMIT logged(LogLevel::Warning, text);
    Q_EMIT failed({text.toStdString(), {}});
    Q_EMIT stateChanged();
    return;
  }
  storedState_.clear();
  error_ = {};
  hasDiverged_ = false;
  lastStep_ = 0;
  Q_EMIT cleared();
  Q_EMIT stateChanged();
}

}  // namespace barlow::ui
