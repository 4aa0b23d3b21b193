#include "core/base/console.h"
#include "core/params/presets.h"
#include "core/studio/matrix_files.h"
#include "core/studio/process_setup.h"
#include "ui/bridge/experiment.h"
#include "ui/theme/icons.h"
#include "ui/window/main_window.h"
#include "ui/window/opened_path.h"
#include "ui/window/screenshot.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSettings>
#include <QSocketNotifier>
#include <QStandardPaths>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

namespace {

using barlow::ui::MainWindow;
using barlow::ui::refusalOf;
using barlow::ui::Screenshot;
using barlow::ui::Theme;

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kInterrupted = 130;

struct Arguments {
  QString path;
  QString secondPath;  // of embeddings: view B
  std::optional<MainWindow::Workspace> workspace;
  std::optional<Theme> theme;
  QSize size;
  QString preset;
  std::int64_t untilStep = 0;
  QString screenshot;
};

void say(const QString& text) { std::fprintf(stderr, "barlow-studio: %s\n", qPrintable(text)); }

QString presetNames() {
  QStringList names;
  for (const auto& preset : barlow::presets()) {
    names << QString::fromStdString(preset.name);
  }
  return names.join(QStringLiteral(", "));
}

void addOptions(QCommandLineParser& parser) {
  parser.setApplicationDescription(
      QStringLiteral("See and steer self-supervised learning with Barlow Twins."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(
      QStringLiteral("path"),
      QStringLiteral(
          "A folder of images, shapes, cifar10:FOLDER, cifar100:FOLDER, a run folder, a "
          "configuration (.json), weights of a network (.pth, .safetensors), a matrix (.npy), or "
          "embeddings: A.npy and B.npy, or an .npz or .safetensors file with both; FILE:NAME for "
          "one array of several."),
      QStringLiteral("[path [path]]"));
  const auto add = [&](const char* name, const char* help, const char* value) {
    parser.addOption(
        {QString::fromLatin1(name), QString::fromLatin1(help), QString::fromLatin1(value)});
  };
  add("workspace",
      "Opens on this workspace: start, data, augment, train, inspect or evaluate.",
      "name");
  add("theme", "light, dark or system.", "name");
  add("size", "Size of the window, such as 1280x800.", "WxH");
  add("start", "Begins a run with this preset.", "preset");
  add("until-step", "With --screenshot: waits for this step of the run.", "N");
  add("screenshot",
      "Writes a picture of the window when everything shown has arrived, and exits; needs no "
      "display.",
      "file");
}

// Generated data, or a data set with its kind before its folder.
bool isSpec(const QString& path) {
  return barlow::isGenerated(path.toStdString()) || path.startsWith(QLatin1String("cifar10:")) ||
         path.startsWith(QLatin1String("cifar100:"));
}

QString fileOfArray(const QString& path) {
  return QString::fromStdString(barlow::fileOf(path.toStdString()).string());
}

// Every problem, or the arguments.
QStringList read(const QCommandLineParser& parser, Arguments& arguments) {
  QStringList problems;
  const auto value = [&](const char* name) { return parser.value(QString::fromLatin1(name)); };
  const auto isSet = [&](const char* name) { return parser.isSet(QString::fromLatin1(name)); };
  if (isSet("workspace")) {
    arguments.workspace = MainWindow::workspaceFromText(value("workspace"));
    if (!arguments.workspace) {
      problems << QStringLiteral(
                      "--workspace %1: there are start, data, augment, train, inspect and "
                      "evaluate")
                      .arg(value("workspace"));
    }
  }
  if (isSet("theme")) {
    arguments.theme = barlow::ui::themeFromText(value("theme"));
    if (!arguments.theme) {
      problems << QStringLiteral("--theme %1: light, dark or system").arg(value("theme"));
    }
  }
  if (isSet("size")) {
    static const QRegularExpression kSize(QStringLiteral("^(\\d{3,5})x(\\d{3,5})$"));
    const auto match = kSize.match(value("size"));
    if (match.hasMatch()) {
      arguments.size = {match.captured(1).toInt(), match.captured(2).toInt()};
    } else {
      problems << QStringLiteral("--size %1: write it as 1280x800").arg(value("size"));
    }
  }
  arguments.preset = value("start");
  if (isSet("start") && !barlow::findPreset(arguments.preset.toStdString())) {
    problems
        << QStringLiteral("--start %1: the presets are %2").arg(arguments.preset, presetNames());
  }
  if (isSet("until-step")) {
    bool isNumber = false;
    arguments.untilStep = value("until-step").toLongLong(&isNumber);
    if (!isNumber || arguments.untilStep < 1) {
      problems << QStringLiteral("--until-step %1: a number of steps, 1 or more")
                      .arg(value("until-step"));
    } else if (arguments.preset.isEmpty()) {
      problems << QStringLiteral("--until-step needs --start");
    }
  }
  arguments.screenshot = value("screenshot");
  const QStringList paths = parser.positionalArguments();
  if (paths.size() > 2) {
    problems << QStringLiteral("one path, or two of embeddings, not %1").arg(paths.size());
  } else if (paths.size() == 2) {
    arguments.path = paths[0];
    arguments.secondPath = paths[1];
    for (const QString& path : paths) {
      if (!QFileInfo(fileOfArray(path)).isFile()) {
        problems << QStringLiteral(
                        "%1 is no file; two paths are the embeddings of two views, such "
                        "as A.npy B.npy")
                        .arg(path);
      }
    }
  } else if (!paths.isEmpty()) {
    arguments.path = paths.front();
    if (const QString refusal = refusalOf(arguments.path);
        !refusal.isEmpty() && !isSpec(arguments.path)) {
      problems << refusal;
    }
  }
  return problems;
}

// A picture needs no display; a window does, and Qt would end the program without a word of use.
bool canShow(const Arguments& arguments) {
  if (!arguments.screenshot.isEmpty()) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    return true;
  }
  if (qEnvironmentVariableIsSet("QT_QPA_PLATFORM") || !qEnvironmentVariableIsEmpty("DISPLAY") ||
      !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")) {
    return true;
  }
  say(
      QStringLiteral("there is no display to open the window on; --screenshot FILE.png works "
                     "without one, and so does "
                     "the command line: barlow train --preset quick-shapes"));
  return false;
}

// Qt aborts where it finds no display, and ends the process where the display goes away, as with a
// connection that breaks: it says so first. One sentence takes the place of the one, and before the
// other what a run has learnt is saved (later, at the end of the process, is too late: libraries
// are being taken down while the run still trains).
class DisplayWatch {
 public:
  DisplayWatch() { state().before = qInstallMessageHandler(hear); }
  ~DisplayWatch() { qInstallMessageHandler(state().before); }
  DisplayWatch(const DisplayWatch&) = delete;
  DisplayWatch& operator=(const DisplayWatch&) = delete;
  // The application has its display.
  void begin() { state().hasDisplay = true; }
  // Null: none any more.
  void setWindow(MainWindow* window) { state().window = window; }

 private:
  struct State {
    QtMessageHandler before = nullptr;
    bool hasDisplay = false;
    MainWindow* window = nullptr;
  };
  // A message handler can reach nothing else.
  static State& state() {
    static State state;
    return state;
  }

  static void hear(QtMsgType type, const QMessageLogContext& context, const QString& text) {
    if (!state().hasDisplay) {  // its warnings are not for the person
      if (type == QtFatalMsg) {
        sayUnreachable(text);
        std::_Exit(kFailed);
      }
      return;
    }
    if (state().window != nullptr && text.contains(QLatin1String("connection broke"))) {
      say(QStringLiteral("the display went away; a run that was training is stopped and kept"));
      std::exchange(state().window, nullptr)->run().endNow();
      std::_Exit(kFailed);
    }
    state().before(type, context, text);
  }

  static void sayUnreachable(const QString& text) {
    QStringList places;
    for (const char* name : {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"}) {
      if (!qEnvironmentVariableIsEmpty(name)) {
        places << QStringLiteral("%1=%2").arg(QString::fromLatin1(name),
                                              qEnvironmentVariable(name));
      }
    }
    say(QStringLiteral("the window cannot be opened on %1 (%2); --screenshot FILE.png and the "
                       "command line (barlow) work without a display")
            .arg(places.join(QStringLiteral(", ")),
                 text.section(QLatin1Char('\n'), 0, 0).section(QStringLiteral(". "), 0, 0)));
  }
};

// A signal ends the window as its close button and "Stop and keep" do; a second one at once: every
// file is written whole or not at all.
void obeySignals(const barlow::InterruptCounter& interrupts,
                 MainWindow& window,
                 QApplication& application) {
  auto* arrived = new QSocketNotifier(interrupts.descriptor(), QSocketNotifier::Read, &application);
  QObject::connect(&window, &MainWindow::over, &application, [&window](bool isSaved) {
    if (!isSaved) {  // or not where it was
      say(QString::fromStdString(window.run().error().message));
    }
    QCoreApplication::exit(isSaved ? kInterrupted : kFailed);
  });
  QObject::connect(arrived, &QSocketNotifier::activated, &window, [&interrupts, &window] {
    interrupts.acknowledge();
    if (interrupts.count() > 1) {
      std::_Exit(kInterrupted);
    }
    window.endUnasked();
  });
}

int runWindow(QApplication& application, const Arguments& arguments, DisplayWatch& display) {
  const bool isPicture = !arguments.screenshot.isEmpty();
  QSettings settings(QSettings::IniFormat,
                     QSettings::UserScope,
                     QStringLiteral("barlow-studio"),
                     QStringLiteral("studio"));
  barlow::ui::applyTheme(application, arguments.theme.value_or(Theme::System));
  // A picture shows the same window whatever a person left behind.
  MainWindow window({.settings = isPicture ? nullptr : &settings});
  if (arguments.theme) {
    window.setTheme(*arguments.theme);
  }
  if (arguments.size.isValid()) {
    window.resize(arguments.size);
  }
  window.show();
  if (isSpec(arguments.path) && !QFileInfo::exists(arguments.path)) {
    window.showWorkspace(MainWindow::Workspace::Data);
    window.experiment().setSource(arguments.path.toStdString(), true);
  } else if (!arguments.secondPath.isEmpty()) {
    window.openPaths(arguments.path, arguments.secondPath);
  } else if (!arguments.path.isEmpty()) {
    window.openPath(arguments.path);
  }
  if (!arguments.preset.isEmpty()) {
    window.startPreset(arguments.preset.toStdString(), !arguments.path.isEmpty());
  }
  if (arguments.workspace) {
    window.showWorkspace(*arguments.workspace);
  }
  int result = 0;
  if (isPicture) {
    auto* picture =
        new Screenshot(window, {.file = arguments.screenshot, .untilStep = arguments.untilStep});
    QObject::connect(picture, &Screenshot::done, &application, [&](const QString& error) {
      if (!error.isEmpty()) {
        say(error);
        result = kFailed;
      }
      QCoreApplication::exit(result);
    });
  }
  const barlow::InterruptCounter interrupts;
  obeySignals(interrupts, window, application);
  display.setWindow(&window);
  const int code = QApplication::exec();
  display.setWindow(nullptr);
  return result != 0 ? result : code;
}

}  // namespace

int main(int argc, char** argv) {
  barlow::prepareStandardStreams();
  QCoreApplication::setApplicationName(QStringLiteral("barlow-studio"));
  QCoreApplication::setApplicationVersion(QStringLiteral(BARLOW_VERSION));
  Arguments arguments;
  {
    // Help, version and wrong arguments are answered without a display.
    const QCoreApplication early(argc, argv);
    QCommandLineParser parser;
    addOptions(parser);
    const bool isParsed = parser.parse(QCoreApplication::arguments());
    if (isParsed && parser.isSet(QStringLiteral("help"))) {
      parser.showHelp();
    }
    if (isParsed && parser.isSet(QStringLiteral("version"))) {
      parser.showVersion();
    }
    const QStringList problems =
        isParsed ? read(parser, arguments) : QStringList{parser.errorText()};
    if (!problems.isEmpty()) {
      for (const QString& problem : problems) {
        say(problem);
      }
      say(QStringLiteral("see barlow-studio --help"));
      return kBadUsage;
    }
  }
  if (!canShow(arguments)) {
    return kFailed;
  }
  barlow::configureProcess();
  QGuiApplication::setHighDpiScaleFactorRoundingPolicy(
      Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
  DisplayWatch display;
  QApplication application(argc, argv);
  display.begin();
  QApplication::setApplicationDisplayName(QStringLiteral("Barlow Studio"));
  QGuiApplication::setDesktopFileName(QStringLiteral("barlow-studio"));
  return runWindow(application, arguments, display);
}
