// The window's own benchmark: how long its event loop stands still while a session trains, and what
// the window costs training. One JSON object per line on standard output.
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/params/presets.h"
#include "core/studio/process_setup.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/theme/theme.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTemporaryDir>
#include <QTimer>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <vector>

namespace {

using namespace barlow;

constexpr int kDimensions = 2048;
// The window is shown and hidden in turn within one run: machines drift from run to run by more
// than a window costs.
constexpr int kBlockSteps = 24;
constexpr int kSettlingSteps = 4;  // after showing and hiding; they do not count
constexpr int kBlocks = 60;

RunConfig benchConfig() {
  RunConfig config = findPreset("quick-shapes")->config;
  config.model.projector = {256, kDimensions};
  config.evaluate.everyEpochs = 0;
  config.run.epochs = 1000;
  config.run.maxSteps = kBlockSteps * kBlocks;
  return config;
}

// A window that came up is laid out and painted for the first time.
void settle() {
  QEventLoop loop;
  QTimer::singleShot(500, &loop, &QEventLoop::quit);
  loop.exec();
}

// How long the event loop let a timer wait beyond its interval.
class StallProbe {
 public:
  StallProbe() {
    timer_.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer_, &QTimer::timeout, [this] {
      gaps_.push_back(static_cast<double>(clock_.nsecsElapsed()) / 1e6);
      clock_.restart();
    });
  }
  void start() {
    clock_.start();
    timer_.start(5);
  }
  void stop() { timer_.stop(); }
  double longest() const { return *std::max_element(gaps_.begin(), gaps_.end()); }
  double quantile(double share) {
    const auto at =
        gaps_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(gaps_.size() - 1));
    std::nth_element(gaps_.begin(), at, gaps_.end());
    return *at;
  }

 private:
  QTimer timer_;
  QElapsedTimer clock_;
  std::vector<double> gaps_;
};

using Workspace = ui::MainWindow::Workspace;

const char* nameOf(Workspace workspace) {
  return workspace == Workspace::Inspect ? "inspect" : "train";
}

// Seconds per step of blocks of steps, with the window on screen and without, in turn.
struct Blocks {
  std::vector<double> shown;
  std::vector<double> hidden;
};

struct LiveRun {
  Blocks blocks;
  int pictures = 0;
  double shownSeconds = 0;
  double threadShare = 0;  // of one core, of the window's thread while it is shown
};

// A live run in this workspace. With a probe the window stays on screen: what it costs is not asked
// then, as the probe's wake-ups are no part of it.
LiveRun runLive(const std::filesystem::path& runs,
                Workspace workspace,
                int threads,
                StallProbe* probe) {
  ui::MainWindow window(
      {.run = {.makeLoop = {}, .runsRoot = runs, .moveToTrash = {}}, .settings = nullptr});
  window.resize(1280, 800);
  window.show();
  RunConfig config = benchConfig();
  config.run.threads = threads;
  if (probe != nullptr) {
    config.run.maxSteps = 200;
  }
  window.experiment().load(config, QStringLiteral("bench"));
  window.showWorkspace(workspace);
  LiveRun live;
  std::vector<MetricPoint> points;
  std::size_t blockStart = 0;
  QEventLoop loop;
  QElapsedTimer shownFor;
  double busyBefore = 0;
  double busy = 0;
  const auto onSteps = [&](const std::vector<MetricPoint>& news) {
    if (points.empty()) {
      shownFor.start();
      busyBefore = threadSeconds();
      if (probe != nullptr) {
        probe->start();
      }
    }
    points.insert(points.end(), news.begin(), news.end());
    if (probe != nullptr || points.size() < blockStart + kBlockSteps) {
      return;
    }
    const MetricPoint& first = points[blockStart + kSettlingSteps];
    const auto steps = static_cast<double>(points.size() - 1 - blockStart - kSettlingSteps);
    const double perStep = (points.back().seconds - first.seconds) / steps;
    blockStart = points.size();
    if (window.isVisible()) {
      live.blocks.shown.push_back(perStep);
      live.shownSeconds += 1e-3 * static_cast<double>(shownFor.elapsed());
      busy += threadSeconds() - busyBefore;
      window.hide();
    } else {
      live.blocks.hidden.push_back(perStep);
      window.show();
      shownFor.restart();
      busyBefore = threadSeconds();
    }
  };
  QObject::connect(&window.run(), &ui::RunController::metricsArrived, &loop, onSteps);
  QObject::connect(&window.matrices(),
                   &ui::MatrixFeed::arrived,
                   &loop,
                   [&](const std::shared_ptr<const Inspection>& inspection) {
                     live.pictures += window.isVisible() && !inspection->statistics ? 1 : 0;
                   });
  QObject::connect(&window.run(), &ui::RunController::ended, &loop, &QEventLoop::quit);
  window.run().start();
  loop.exec();
  if (probe != nullptr) {
    probe->stop();
  }
  live.threadShare = live.shownSeconds > 0 ? busy / live.shownSeconds : 0;
  return live;
}

// `threads` of the training; 0: all cores.
void measure(const std::filesystem::path& root, Workspace workspace, int threads) {
  const LiveRun live = runLive(root / "turns", workspace, threads, nullptr);
  // Each shown block against the hidden one after it; the first pair warms up.
  std::vector<double> ratios;
  for (std::size_t i = 1; i < live.blocks.hidden.size(); ++i) {
    ratios.push_back(live.blocks.hidden[i] / live.blocks.shown[i]);
  }
  double mean = 0;
  double squares = 0;
  for (const double ratio : ratios) {
    mean += ratio / static_cast<double>(ratios.size());
    squares += ratio * ratio / static_cast<double>(ratios.size());
  }
  const double error =
      std::sqrt(std::max(0.0, squares - mean * mean) / static_cast<double>(ratios.size() - 1));
  StallProbe probe;
  runLive(root / "probed", workspace, threads, &probe);
  std::sort(ratios.begin(), ratios.end());
  fmt::print(
      "{{\"bench\":\"stall\",\"what\":\"live\",\"workspace\":\"{}\",\"threads\":{},\"d\":{},"
      "\"blocks\":{},"
      "\"speed_kept_mean\":{:.3f},\"standard_error\":{:.3f},\"speed_kept_median\":{:.3f},"
      "\"pictures_per_second\":{:.1f},\"steps_per_second\":{:.1f},\"window_thread_share\":{:.3f},"
      "\"gap_ms_max\":{:.1f},\"gap_ms_p99\":{:.1f}}}\n",
      nameOf(workspace),
      threads == 0 ? usableCores() : threads,
      kDimensions,
      ratios.size(),
      mean,
      error,
      ratios[ratios.size() / 2],
      live.pictures / live.shownSeconds,
      1 / live.blocks.shown.back(),
      live.threadShare,
      probe.longest(),
      probe.quantile(0.99));
  std::fflush(stdout);
}

// Random embeddings [n, d] as NPY.
void writeEmbeddings(const std::filesystem::path& path, std::int64_t n, std::int64_t d) {
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", n, d);
  header.resize(117, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\x01' << '\0' << '\x76' << '\0' << header;
  Rng rng(1);
  for (std::int64_t k = 0; k < n * d; ++k) {
    const auto value = static_cast<float>(rng.uniform(-1, 1));
    file.write(reinterpret_cast<const char*>(&value), sizeof(value));
  }
}

// A large matrix from files to the screen: how long it takes, and how long the window stands still.
// The first one takes fresh memory, the next ones what the ones before have left.
void measureLargeMatrices(const std::filesystem::path& root) {
  constexpr std::int64_t kSamples = 256;
  constexpr std::int64_t kSide = 8192;
  const auto file = root / "large.npy";
  writeEmbeddings(file, kSamples, kSide);
  ui::MainWindow window(
      {.run = {.makeLoop = {}, .runsRoot = root, .moveToTrash = {}}, .settings = nullptr});
  window.resize(1280, 800);
  window.show();
  window.showWorkspace(Workspace::Inspect);
  settle();
  ui::MatrixTimeline& timeline = window.inspectorPanel().timeline();
  for (int round = 0; round < 4; ++round) {
    StallProbe probe;
    QEventLoop loop;
    QElapsedTimer wall;
    const auto elapsed = [&] { return static_cast<double>(wall.nsecsElapsed()) / 1e6; };
    double shownAfter = 0;
    double completeAfter = 0;
    QObject::connect(&timeline, &ui::MatrixTimeline::inspectionChanged, &loop, [&] {
      if (shownAfter == 0) {
        // Behind the paint event that the change has asked for.
        QTimer::singleShot(0, &loop, [&] { shownAfter = elapsed(); });
      } else if (timeline.inspection()->isComplete()) {
        completeAfter = elapsed();
        // Some frames more, so that what the numbers bring is painted.
        QTimer::singleShot(500, &loop, &QEventLoop::quit);
      }
    });
    probe.start();
    wall.start();
    window.openPaths(QString::fromStdString(file.string()), QString::fromStdString(file.string()));
    loop.exec();
    probe.stop();
    fmt::print(
        "{{\"bench\":\"stall\",\"what\":\"large_matrix\",\"d\":{},\"round\":{},\"picture_shown_"
        "ms\":{:.0f},"
        "\"numbers_shown_ms\":{:.0f},\"gap_ms_max\":{:.1f},\"gap_ms_p99\":{:.1f}}}\n",
        kSide,
        round,
        shownAfter,
        completeAfter,
        probe.longest(),
        probe.quantile(0.99));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  configureProcess();
  QApplication application(argc, argv);
  ui::applyTheme(application, ui::Theme::Light);
  const QTemporaryDir folder;
  const std::filesystem::path root = folder.path().toStdString();
  measureLargeMatrices(root);
  for (const Workspace workspace : {Workspace::Train, Workspace::Inspect}) {
    measure(root / nameOf(workspace), workspace, 0);
  }
  if (usableCores() > 1) {
    // A core is left for the window and the matrix.
    measure(root / "free", Workspace::Inspect, usableCores() - 1);
  }
  return 0;
}
