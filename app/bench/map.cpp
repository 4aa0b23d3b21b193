// What a frame of the map of images costs: 50,000 points that are moved and zoomed.
#include "core/base/rng.h"
#include "ui/evaluate/point_map.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

namespace {

using barlow::ui::PointMap;

constexpr int kFrames = 200;

void measure(PointMap& map, const char* what, const std::function<void(int)>& change) {
  QImage screen(map.size(), QImage::Format_RGB32);
  std::vector<double> times;
  for (int frame = 0; frame < kFrames; ++frame) {
    const auto start = std::chrono::steady_clock::now();
    change(frame);
    map.render(&screen);
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::sort(times.begin(), times.end());
  fmt::print(
      "{{\"bench\":\"map\",\"what\":\"{}\",\"points\":{},\"viewport\":[{},{}],\"ms_median\":{:.3f},"
      "\"ms_p95\":{:.3f}}}\n",
      what,
      map.count(),
      map.width(),
      map.height(),
      times[times.size() / 2],
      times[times.size() * 95 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  QApplication application(argc, argv);
  barlow::ui::applyTheme(application, barlow::ui::Theme::Light);
  PointMap map;
  map.resize(1000, 700);
  map.show();
  for (const int count : {10'000, 50'000, 200'000}) {
    barlow::Rng rng(1);
    std::vector<float> places;
    std::vector<QRgb> colors;
    for (int i = 0; i < count; ++i) {
      const double angle = rng.uniform(0, 6.283185307179586);
      const double radius = std::sqrt(rng.uniform()) * (1 + i % 10);
      places.push_back(static_cast<float>(radius * std::cos(angle)));
      places.push_back(static_cast<float>(radius * std::sin(angle)));
      colors.push_back(qRgb(40 + 20 * (i % 10), 90, 160));
    }
    map.setPlaces(std::move(places));
    map.setColors(std::move(colors));
    map.showAll();
    measure(map, "pan_frame", [&](int frame) {
      map.moveBy({frame % 2 == 0 ? 7.3 : -7.1, frame % 4 < 2 ? 3.1 : -3.3});
    });
    measure(map, "zoom_frame", [&](int frame) {
      map.zoom(frame % 40 < 20 ? 1.1 : 1 / 1.1, {300, 200});
    });
    measure(map, "hover", [&](int frame) { map.pointAt({10.0 + frame * 4, 300.0}); });
  }
  return 0;
}
