#include "ui/window/main_window.h"

#include "core/params/presets.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/run_browser.h"
#include "ui/dialogs/about.h"
#include "ui/dialogs/ask.h"
#include "ui/dialogs/device_check_dialog.h"
#include "ui/dialogs/weight_export_dialog.h"
#include "ui/evaluate/evaluate_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/panels/augment_panel.h"
#include "ui/panels/charts_panel.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/matrix_panel.h"
#include "ui/panels/run_bar.h"
#include "ui/panels/settings_panel.h"
#include "ui/panels/start_panel.h"
#include "ui/panels/train_panel.h"
#include "ui/theme/icons.h"
#include "ui/window/opened_path.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>
#include <utility>

namespace barlow::ui {
namespace {

struct WorkspaceName {
  MainWindow::Workspace workspace;
  const char* key;
  const char* label;
  Icon icon;
};
constexpr std::array<WorkspaceName, 6> kWorkspaces = {{
    {MainWindow::Workspace::Start, "start", QT_TRANSLATE_NOOP("MainWindow", "Start"), Icon::Start},
    {MainWindow::Workspace::Data, "data", QT_TRANSLATE_NOOP("MainWindow", "Data"), Icon::Data},
    {MainWindow::Workspace::Augment,
     "augment",
     QT_TRANSLATE_NOOP("MainWindow", "Augment"),
     Icon::Augment},
    {MainWindow::Workspace::Train, "train", QT_TRANSLATE_NOOP("MainWindow", "Train"), Icon::Train},
    {MainWindow::Workspace::Inspect,
     "inspect",
     QT_TRANSLATE_NOOP("MainWindow", "Inspect"),
     Icon::Matrix},
    {MainWindow::Workspace::Evaluate,
     "evaluate",
     QT_TRANSLATE_NOOP("MainWindow", "Evaluate"),
     Icon::Evaluate},
}};

}  // namespace

std::optional<MainWindow::Workspace> MainWindow::workspaceFromText(const QString& text) {
  for (const auto& entry : kWorkspaces) {
    if (text == QLatin1String(entry.key)) {
      return entry.workspace;
    }
  }
  return std::nullopt;
}

MainWindow::MainWindow(Options options)
    : settings_(options.settings),
      runsRoot_(options.run.runsRoot),
      run_(experiment_, std::move(options.run)),
      ending_(run_, *this),
      feed_(run_),
      stack_(new QStackedWidget(this)),
      start_(new StartPanel(this)),
      data_(new DataPanel(experiment_, this)),
      augment_(new AugmentPanel(experiment_, this)),
      train_(new TrainPanel(run_, feed_, experiment_, this)),
      inspector_(new InspectorPanel(run_, feed_, this)),
      evaluate_(new EvaluatePanel(run_, std::move(options.evaluate), this)),
      workspaces_(new QActionGroup(this)),
      themes_(new QActionGroup(this)),
      status_(new QLabel(this)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowIcon(programIcon());
  setAcceptDrops(true);
  for (QWidget* panel :
       std::initializer_list<QWidget*>{start_, data_, augment_, train_, inspector_, evaluate_}) {
    stack_->addWidget(panel);
  }
  auto* central = new QWidget(this);
  makeMenus();
  auto* row = new QHBoxLayout(central);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(makeRail());
  row->addWidget(stack_, 1);
  setCentralWidget(central);
  statusBar()->setSizeGripEnabled(false);
  status_->setObjectName(QStringLiteral("statusText"));
  status_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  statusBar()->addPermanentWidget(status_, 1);
  resize(1280, 800);
  setMinimumSize(760, 440);
  connectPanels();
  connectRun();
  restoreState();
  fitScreen();
  showTitle();
  refreshRuns();
}

// Panels tell the feed when they are hidden, and they would be after it is gone.
MainWindow::~MainWindow() { delete takeCentralWidget(); }

QWidget* MainWindow::makeRail() {
  auto* rail = new QWidget(this);
  rail->setObjectName(QStringLiteral("rail"));
  rail->setAutoFillBackground(true);
  rail->setBackgroundRole(QPalette::Base);
  auto* column = new QVBoxLayout(rail);
  column->setContentsMargins(kGap, kWideGap, kGap, kWideGap);
  column->setSpacing(kGap);
  for (QAction* action : workspaces_->actions()) {
    auto* button = new QToolButton(rail);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setIconSize({26, 26});
    button->setFixedSize(76, 60);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setObjectName(action->objectName() + QStringLiteral("Button"));
    column->addWidget(button);
  }
  column->addStretch(1);
  return rail;
}

QAction* MainWindow::makeAction(const QString& name, const QString& text, const QString& shortcut) {
  auto* action = new QAction(text, this);
  action->setObjectName(name);
  if (!shortcut.isEmpty()) {
    action->setShortcut(QKeySequence(shortcut));
  }
  return action;
}

void MainWindow::makeMenus() {
  auto* file = menuBar()->addMenu(tr("&File"));
  const auto add = [this](QMenu* menu,
                          const QString& name,
                          const QString& text,
                          const QString& shortcut,
                          auto slot) {
    QAction* action = makeAction(name, text, shortcut);
    connect(action, &QAction::triggered, this, slot);
    menu->addAction(action);
    return action;
  };
  add(file,
      QStringLiteral("quickStartAction"),
      tr("&Quick start"),
      QStringLiteral("Ctrl+N"),
      &MainWindow::quickStart);
  add(file,
      QStringLiteral("openImagesAction"),
      tr("Open &images..."),
      QStringLiteral("Ctrl+O"),
      &MainWindow::openImages);
  add(file,
      QStringLiteral("openRunAction"),
      tr("Open &run..."),
      QStringLiteral("Ctrl+Shift+O"),
      &MainWindow::openRun);
  add(file,
      QStringLiteral("openWeightsAction"),
      tr("Open &weights..."),
      {},
      &MainWindow::openWeights);
  file->addSeparator();
  add(file, QStringLiteral("quitAction"), tr("&Quit"), QStringLiteral("Ctrl+Q"), [this] {
    close();
  });

  auto* runMenu = menuBar()->addMenu(tr("&Run"));
  RunBar* bar = train_->bar();
  for (QAction* action : {bar->startAction(),
                          bar->pauseAction(),
                          bar->stopAction(),
                          bar->discardAction(),
                          bar->longerAction(),
                          bar->exportAction(),
                          bar->folderAction()}) {
    runMenu->addAction(action);
    addAction(action);  // works in every workspace
  }
  runMenu->addSeparator();
  runMenu->addAction(train_->settingsAction());

  auto* view = menuBar()->addMenu(tr("&View"));
  for (std::size_t i = 0; i < kWorkspaces.size(); ++i) {
    const auto& entry = kWorkspaces.at(i);
    QAction* action = makeAction(QLatin1String(entry.key) + QStringLiteral("Workspace"),
                                 QCoreApplication::translate("MainWindow", entry.label),
                                 QStringLiteral("Ctrl+%1").arg(i + 1));
    action->setIcon(makeIcon(entry.icon));
    action->setIconVisibleInMenu(false);
    action->setCheckable(true);
    connect(action, &QAction::triggered, this, [this, workspace = entry.workspace] {
      showWorkspace(workspace);
    });
    workspaces_->addAction(action);
    view->addAction(action);
  }
  view->addSeparator();
  const std::array<std::pair<Theme, QString>, 3> themes = {
      {{Theme::System, tr("Theme of the s&ystem")},
       {Theme::Light, tr("&Light theme")},
       {Theme::Dark, tr("&Dark theme")}}};
  for (const auto& [theme, text] : themes) {
    QAction* action = add(view, toText(theme) + QStringLiteral("Theme"), text, {}, [this, theme] {
      setTheme(theme);
      if (settings_ != nullptr) {
        settings_->setValue(QStringLiteral("theme"), toText(theme));
      }
    });
    action->setCheckable(true);
    action->setChecked(theme == theme_);
    themes_->addAction(action);
  }

  auto* help = menuBar()->addMenu(tr("&Help"));
  add(help,
      QStringLiteral("guideAction"),
      tr("&What the numbers mean"),
      QStringLiteral("Shift+F1"),
      &MainWindow::showGuidePages);
  add(help,
      QStringLiteral("shortcutsAction"),
      tr("&Keyboard shortcuts"),
      QStringLiteral("F1"),
      &MainWindow::showShortcuts);
  add(help,
      QStringLiteral("checkDeviceAction"),
      tr("Check &device..."),
      {},
      &MainWindow::showDeviceCheck);
  add(help, QStringLiteral("aboutAction"), tr("&About Barlow Studio"), {}, &MainWindow::showAbout);
}

void MainWindow::connectPanels() {
  connect(start_, &StartPanel::quickStartRequested, this, &MainWindow::quickStart);
  connect(start_, &StartPanel::openImagesRequested, this, &MainWindow::openImages);
  connect(start_, &StartPanel::openRunRequested, this, &MainWindow::openRun);
  connect(start_, &StartPanel::runChosen, this, &MainWindow::openPath);
  connect(start_, &StartPanel::pathDropped, this, &MainWindow::openPath);
  connect(start_,
          &StartPanel::exportRequested,
          this,
          [this](const QString& folder, const QString& name) {
            exportWeights(folder.toStdString(), name);
          });
  connect(inspector_, &InspectorPanel::weightsOpened, evaluate_, &EvaluatePanel::setFile);
  connect(inspector_, &InspectorPanel::evaluateRequested, this, [this] {
    showWorkspace(Workspace::Evaluate);
  });
  connect(evaluate_, &EvaluatePanel::exportRequested, this, &MainWindow::exportWeights);
  connect(train_->bar()->exportAction(), &QAction::triggered, this, [this] {
    exportWeights(run_.folder(), run_.name());
  });
  connect(data_,
          &DataPanel::datasetChanged,
          this,
          [this](const std::shared_ptr<const DatasetBrowser>& dataset) {
            augment_->setDataset(dataset);
            train_->settings()->setImageCount(dataset ? dataset->trainSize() : 0);
          });
  connect(data_, &DataPanel::imageChosen, this, [this](std::int64_t index) {
    augment_->showImage(index);
    showWorkspace(Workspace::Augment);
  });
  augment_->setDataset(data_->dataset());
  connect(train_, &TrainPanel::photosRequested, this, &MainWindow::openImages);
  connect(train_->matrix(), &MatrixPanel::inspectRequested, this, [this] {
    inspector_->showRun();
    showWorkspace(Workspace::Inspect);
  });
}

void MainWindow::connectRun() {
  connect(&run_, &RunController::stateChanged, this, &MainWindow::showTitle);
  connect(&run_, &RunController::stateChanged, augment_, [this] {
    augment_->setRunning(run_.isLive());
  });
  connect(&run_, &RunController::cleared, this, [this] {
    if (workspace() != Workspace::Inspect && workspace() != Workspace::Evaluate) {
      showWorkspace(Workspace::Train);
    }
  });
  connect(&run_, &RunController::metricsArrived, this, &MainWindow::showTitle);
  connect(&run_, &RunController::failed, this, [this](const ErrorInfo& error) {
    if (workspace() != Workspace::Train && !ending_.isUnasked()) {  // where the banner is
      tell(this, tr("Barlow Studio"), QString::fromStdString(error.message));
    }
  });
  connect(train_, &TrainPanel::saveElsewhereRequested, &ending_, &RunEnding::saveElsewhere);
  connect(&run_, &RunController::ended, this, &MainWindow::refreshRuns);
  connect(&ending_, &RunEnding::closeWanted, this, &QWidget::close);
  connect(&ending_, &RunEnding::over, this, &MainWindow::over);
  connect(
      &run_, &RunController::opened, this, [this](const std::shared_ptr<const StoredRun>& stored) {
        experiment_.load(stored->config, run_.name());
      });
}

void MainWindow::showWorkspace(Workspace workspace) {
  stack_->setCurrentIndex(static_cast<int>(workspace));
  workspaces_->actions().at(static_cast<int>(workspace))->setChecked(true);
  if (workspace == Workspace::Start || workspace == Workspace::Evaluate) {
    refreshRuns();
  }
}

MainWindow::Workspace MainWindow::workspace() const {
  return static_cast<Workspace>(stack_->currentIndex());
}

void MainWindow::quickStart() { startPreset("quick-shapes", false); }

void MainWindow::startPreset(const std::string& name, bool keepSource) {
  showWorkspace(Workspace::Train);
  const auto preset = findPreset(name);
  if (run_.isLive() || !preset) {
    return;
  }
  RunConfig config = preset->config;
  if (keepSource) {
    config.data.source = experiment_.config().data.source;
  }
  experiment_.load(config, QString::fromStdString(name));
  train_->settingsAction()->setChecked(false);  // room for what happens
  run_.start();
  train_->bar()->takeFocus();
}

void MainWindow::openImages() {
  showWorkspace(Workspace::Data);
  data_->chooseFolder();
}

void MainWindow::openRun() {
  const auto folder = askFolder(this, tr("Open run"), QString::fromStdString(runsRoot().string()));
  if (folder) {
    openPath(*folder);
  }
}

void MainWindow::openWeights() {
  const QStringList files = askOpenFiles(this,
                                         tr("Weights of a network, from any program"),
                                         tr("Weights (*.pth *.pt *.ckpt *.tar *.safetensors)"));
  if (!files.isEmpty()) {
    openPath(files.front());
  }
}

void MainWindow::openPath(const QString& path) {
  const QFileInfo info(path);
  const std::filesystem::path native = info.absoluteFilePath().toStdString();
  switch (pathKind(path)) {
    case PathKind::Unknown:
      tell(this, tr("Barlow Studio"), refusalOf(path));
      break;
    case PathKind::Run:
      if (run_.isLive()) {
        tell(this, tr("Barlow Studio"), tr("A run is training; stop it before another is opened."));
        break;
      }
      showWorkspace(Workspace::Train);
      run_.open(native);
      break;
    case PathKind::Folder:
      showWorkspace(Workspace::Data);
      experiment_.setSource(native.string(), true);
      break;
    case PathKind::Weights:
      showWorkspace(Workspace::Inspect);
      inspector_->openWeights(native, experiment_.config().data.source);
      break;
    case PathKind::Matrix:
      showWorkspace(Workspace::Inspect);
      inspector_->openFiles({native});
      break;
    case PathKind::Configuration: {
      QString problem;
      if (const auto config = readConfiguration(path, problem)) {
        experiment_.load(*config, info.fileName());
        showWorkspace(Workspace::Train);
      } else {
        tell(this, tr("Barlow Studio"), problem);
      }
      break;
    }
    case PathKind::Image:
      showWorkspace(Workspace::Data);
      experiment_.setSource(info.absolutePath().toStdString(), true);
      break;
  }
}

void MainWindow::openPaths(const QString& a, const QString& b) {
  showWorkspace(Workspace::Inspect);
  inspector_->openFiles({QFileInfo(a).absoluteFilePath().toStdString(),
                         QFileInfo(b).absoluteFilePath().toStdString()});
}

void MainWindow::setTheme(Theme theme) {
  theme_ = theme;
  applyTheme(*qApp, theme);
  for (QAction* action : themes_->actions()) {
    action->setChecked(action->objectName() == toText(theme) + QStringLiteral("Theme"));
  }
}

bool MainWindow::isSettled() const {
  return !listing_.isBusy() && !run_.isOpening() && !data_->isBusy() && !augment_->isBusy() &&
         !train_->settings()->isBusy() && run_.state() != SessionState::Preparing &&
         !(train_->isVisible() && feed_.isBusy()) &&
         !(inspector_->isVisible() &&
           (inspector_->isBusy() || (feed_.isBusy() && !inspector_->hasNumbers()))) &&
         !evaluate_->isBusy();
}

void MainWindow::refreshRuns() {
  listing_.run([root = runsRoot()](std::stop_token) { return listRuns(root); },
               [this](JobResult<std::vector<RunHeadline>> result) {
                 if (auto* runs = std::get_if<std::vector<RunHeadline>>(&result)) {
                   evaluate_->setRuns(*runs);
                   start_->setRuns(std::move(*runs));
                 } else {
                   status_->setText(QString::fromStdString(std::get<ErrorInfo>(result).message));
                 }
               });
}

std::filesystem::path MainWindow::runsRoot() const {
  return runsRoot_.empty() ? runsFolder() : runsRoot_;
}

void MainWindow::showTitle() {
  QStringList title;
  if (run_.isLive()) {
    title << run_.stateText();
  }
  if (!run_.folder().empty()) {
    title << run_.name();
  }
  title << tr("Barlow Studio");
  setWindowTitle(title.join(QStringLiteral(" – ")));
  QString text = run_.stateText();
  if (!run_.folder().empty()) {
    text += QStringLiteral("  ·  ") +
            QDir::toNativeSeparators(QString::fromStdString(run_.folder().string()));
  }
  status_->setText(text);
}

void MainWindow::showShortcuts() {
  // Keys that no action carries; what a workspace is called stands before the TAB.
  const std::vector<std::pair<QString, QString>> keys = {
      {tr("Train"), tr("Tab\tto the numbers, the matrix and the charts")},
      {tr("Train"), tr("Return\ton a number: what it means")},
      {tr("Train"), tr("← →\tin a chart: read out the steps; + - zoom, Home shows everything")},
      {tr("Inspect"), tr("← → ↑ ↓\tto the next cell; Shift goes further, Ctrl moves the picture")},
      {tr("Inspect"), tr("+ -\tzoom; 0 or F shows the whole matrix, 1 a cell in every pixel")},
      {tr("Inspect"), tr("PgUp PgDown\ta page up and down; Home End: to the ends of the row")},
      {tr("Inspect"), tr("P\tkeeps a cell in the read-out; Return chooses it, Esc lets go")},
      {tr("Evaluate"), tr("Del\ttakes an evaluation out of the queue")},
      {tr("Evaluate"), tr("← → ↑ ↓\tin the matrix: to the next cell; Return lists its images")},
      {tr("Evaluate"), tr("← → ↑ ↓\tin the map: move; + - zoom, Home shows everything")},
      {tr("Evaluate"), tr("Return\tin the map: lists the images in sight; Esc lets go")},
  };
  QStringList lines;
  const QStringList homes{tr("Everywhere"),
                          tr("Start"),
                          tr("Data"),
                          tr("Augment"),
                          tr("Train"),
                          tr("Inspect"),
                          tr("Evaluate")};
  for (const QString& home : homes) {
    QStringList own;
    for (const QAction* action : findChildren<QAction*>()) {
      if (!action->shortcut().isEmpty() && !action->objectName().isEmpty() &&
          homeOf(*action) == home) {
        QString text = action->text();
        own << QStringLiteral("%1\t%2").arg(action->shortcut().toString(QKeySequence::NativeText),
                                            text.remove(QLatin1Char('&')));
      }
    }
    own.sort();
    for (const auto& [where, line] : keys) {
      if (where == home) {
        own << line;
      }
    }
    if (!own.isEmpty()) {
      lines << home << own;
    }
  }
  showShortcutSheet(this, lines);
}

// The workspace in which an action's shortcut works.
QString MainWindow::homeOf(const QAction& action) const {
  for (const auto& entry : kWorkspaces) {
    const QWidget* panel = stack_->widget(static_cast<int>(entry.workspace));
    for (const QObject* owner = action.parent(); owner != nullptr; owner = owner->parent()) {
      if (owner == panel && action.shortcutContext() != Qt::WindowShortcut) {
        return QCoreApplication::translate("MainWindow", entry.label);
      }
    }
  }
  return tr("Everywhere");
}

void MainWindow::showGuidePages() { train_->openGuide(); }

void MainWindow::showDeviceCheck() {
  if (run_.isLive()) {
    tell(this,
         tr("Check device"),
         tr("A run is training; stop it first: both would be slow, and the checks change settings "
            "that it uses."));
    return;
  }
  auto* dialog = new DeviceCheckDialog(checkDevice, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->open();
}

void MainWindow::exportWeights(const std::filesystem::path& model,
                               const QString& name,
                               const std::filesystem::path& checkpoint) {
  if (model.empty()) {
    return;
  }
  auto* dialog =
      new WeightExportDialog({.model = model, .name = name, .checkpoint = checkpoint}, {}, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->show();
}

void MainWindow::showAbout() { showAboutBox(this); }

void MainWindow::closeEvent(QCloseEvent* event) {
  event->setAccepted(ending_.mayClose());
  if (event->isAccepted()) {
    keepState();
  }
}

void MainWindow::endUnasked() { ending_.endUnasked(); }

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() && event->mimeData()->urls().front().isLocalFile()) {
    event->acceptProposedAction();
  }
}

void MainWindow::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.size() == 2 && pathKind(urls[0].toLocalFile()) == PathKind::Matrix &&
      pathKind(urls[1].toLocalFile()) == PathKind::Matrix) {
    openPaths(urls[0].toLocalFile(), urls[1].toLocalFile());
  } else {
    openPath(urls.front().toLocalFile());
  }
}

void MainWindow::restoreState() {
  if (settings_ == nullptr) {
    showWorkspace(Workspace::Start);
    return;
  }
  restoreGeometry(settings_->value(QStringLiteral("geometry")).toByteArray());
  train_->splitter()->restoreState(settings_->value(QStringLiteral("trainSplitter")).toByteArray());
  theme_ =
      themeFromText(settings_->value(QStringLiteral("theme")).toString()).value_or(Theme::System);
  setTheme(theme_);
  showWorkspace(Workspace::Start);
}

// Never larger than what the screen has room for, its title bar included, nor partly beside it.
void MainWindow::fitScreen() {
  constexpr int kTitleBar = 36;
  if (settings_ == nullptr || isMaximized() || isFullScreen()) {
    return;  // a picture is as large as was asked for
  }
  const QRect room = screen()->availableGeometry().adjusted(0, kTitleBar, 0, 0);
  resize(size().boundedTo(room.size()));
  if (!room.contains(geometry())) {
    move(room.topLeft() - QPoint(0, kTitleBar));
  }
}

void MainWindow::keepState() {
  if (settings_ != nullptr) {
    settings_->setValue(QStringLiteral("geometry"), saveGeometry());
    settings_->setValue(QStringLiteral("trainSplitter"), train_->splitter()->saveState());
  }
}

}  // namespace barlow::ui
