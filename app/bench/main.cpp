// The window's own benchmark: how long its event loop stands still while a session trains, and what
// the window costs training. One JSON object per line on standard output.
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/params/presets.h"
#include "core/studio/compute.h"
#include "core/studio/session.h"
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
#include <cstdio>
#include <fstream>
#include <mutex>
#include <vector>

namespace {

using namespace barlow;

constexpr int kDimensions = 2048;
constexpr int kSteps = 80;
constexpr int kRounds = 9;  // with and without the window, in turn

RunConfig benchConfig() {
  RunConfig config = findPreset("quick-shapes")->config;
  config.model.projector = {256, kDimensions};
  config.evaluate.everyEpochs = 0;
  config.run.maxSteps = kSteps;
  return config;
}

// The first steps warm caches and thread pools up.
double pairsPerSecond(const std::vector<MetricPoint>& points, int batchSize) {
  const std::size_t first = points.size() / 6;
  return static_cast<double>(points.size() - 1 - first) * batchSize /
         (points.back().seconds - points[first].seconds);
}

class SilentObserver final : public SessionObserver {
 public:
  void onState(SessionState) override {}
  void onEvent(const SessionEvent& event) override {
    if (event.kind == EventKind::Failed) {
      std::fprintf(stderr, "%s\n", event.error.message.c_str());
    }
  }
  void onNews() override {}
};

double speedWithoutWindow(const std::filesystem::path& folder) {
  SilentObserver observer;
  Session session(observer);
  const RunConfig config = benchConfig();
  session.start({.config = config, .folder = folder});
  session.wait();
  return pairsPerSecond(session.takeMetrics(), config.run.batchSize);
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

// `share`: how much of one core the window's thread took.
double speedWithWindow(const std::filesystem::path& runs,
                       Workspace workspace,
                       StallProbe* probe,
                       double& share) {
  ui::MainWindow window(
      {.run = {.makeLoop = {}, .runsRoot = runs, .moveToTrash = {}}, .settings = nullptr});
  window.show();
  const RunConfig config = benchConfig();
  window.experiment().load(config, QStringLiteral("bench"));
  window.showWorkspace(workspace);
  std::vector<MetricPoint> points;
  QEventLoop loop;
  QObject::connect(&window.run(),
                   &ui::RunController::metricsArrived,
                   &loop,
                   [&](const std::vector<MetricPoint>& news) {
                     if (points.empty()) {
                       if (probe != nullptr) {
                         probe->start();
                       }
                     }
                     points.insert(points.end(), news.begin(), news.end());
                   });
  QObject::connect(&window.run(), &ui::RunController::ended, &loop, &QEventLoop::quit);
  const double busyBefore = threadSeconds();
  QElapsedTimer wall;
  wall.start();
  window.run().start();
  loop.exec();
  if (probe != nullptr) {
    probe->stop();
  }
  share = (threadSeconds() - busyBefore) / (1e-3 * static_cast<double>(wall.elapsed()));
  return pairsPerSecond(points, config.run.batchSize);
}

// With and without the window in turn, then the gaps of its event loop.
void measure(const std::filesystem::path& root, Workspace workspace) {
  std::vector<double> ratios;
  std::vector<double> shares;
  for (int round = 0; round < kRounds; ++round) {
    const double without = speedWithoutWindow(root / fmt::format("without-{}", round));
    double share = 0;
    const double with =
        speedWithWindow(root / fmt::format("with-{}", round), workspace, nullptr, share);
    shares.push_back(share);
    ratios.push_back(with / without);
    fmt::print(
        "{{\"bench\":\"stall\",\"what\":\"speed\",\"workspace\":\"{}\",\"d\":{},\"without_window\":"
        "{:.1f},\"with_window\":{:.1f},\"ratio\":{:.3f}}}\n",
        nameOf(workspace),
        kDimensions,
        without,
        with,
        with / without);
  }
  // A run of its own: the probe's two hundred wake-ups a second are no part of the window.
  StallProbe probe;
  double ignored = 0;
  speedWithWindow(root / "probed", workspace, &probe, ignored);
  std::sort(ratios.begin(), ratios.end());
  std::sort(shares.begin(), shares.end());
  fmt::print(
      "{{\"bench\":\"stall\",\"what\":\"event_loop\",\"workspace\":\"{}\",\"d\":{},\"gap_ms_max\":{"
      ":.1f},"
      "\"gap_ms_p99\":{:.1f},\"ratio_median\":{:.3f},\"window_thread_share\":{:.3f}}}\n",
      nameOf(workspace),
      kDimensions,
      probe.longest(),
      probe.quantile(0.99),
      ratios[ratios.size() / 2],
      shares[shares.size() / 2]);
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
void measureLargeMatrix(const std::filesystem::path& root) {
  constexpr std::int64_t kSamples = 256;
  constexpr std::int64_t kSide = 8192;
  const auto file = root / "large.npy";
  writeEmbeddings(file, kSamples, kSide);
  ui::MainWindow window(
      {.run = {.makeLoop = {}, .runsRoot = root, .moveToTrash = {}}, .settings = nullptr});
  window.resize(1280, 800);
  window.show();
  window.showWorkspace(Workspace::Inspect);
  StallProbe probe;
  QEventLoop loop;
  // Some frames more, so that what the new matrix brings is painted.
  QObject::connect(
      &window.inspectorPanel().arranger(), &ui::MatrixArranger::shownChanged, &loop, [&] {
        if (window.inspectorPanel().arranger().shown()) {
          QTimer::singleShot(1000, &loop, &QEventLoop::quit);
        }
      });
  QElapsedTimer wall;
  double shownAfter = 0;
  QObject::connect(
      &window.inspectorPanel().arranger(), &ui::MatrixArranger::shownChanged, &loop, [&] {
        shownAfter = static_cast<double>(wall.nsecsElapsed()) / 1e6;
      });
  probe.start();
  wall.start();
  window.openPaths(QString::fromStdString(file.string()), QString::fromStdString(file.string()));
  loop.exec();
  probe.stop();
  fmt::print(
      "{{\"bench\":\"stall\",\"what\":\"large_matrix\",\"d\":{},\"everything_shown_ms\":{:.0f},"
      "\"gap_ms_"
      "max\":{:.1f},\"gap_ms_p99\":{:.1f}}}\n",
      kSide,
      shownAfter,
      probe.longest(),
      probe.quantile(0.99));
  std::fflush(stdout);
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
  measureLargeMatrix(root);
  for (const Workspace workspace : {Workspace::Train, Workspace::Inspect}) {
    measure(root / nameOf(workspace), workspace);
  }
  return 0;
}
