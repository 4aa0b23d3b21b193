#include "ui/plots/axis_tickers.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace barlow::ui {
namespace {

// The next of 1, 2, 5, 10, 20, ...
double rounder(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  const double mantissa = step / power;
  return power * (mantissa < 1.5 ? 2 : mantissa < 4 ? 5 : 10);
}

}  // namespace

double StepTicker::getTickStep(const QCPRange& range) {
  double step = std::max(1.0, QCPAxisTicker::getTickStep(range));
  while (range.size() / step > most_ || step != std::floor(step)) {
    step = rounder(step);
  }
  return step;
}

QVector<double> LogTicker::createTickVector(double, const QCPRange& range) {
  const double decades = std::log10(range.upper / range.lower);
  const std::vector<double> mantissas =
      decades > 3.5   ? std::vector<double>{1}
      : decades > 0.7 ? std::vector<double>{1, 2, 5}
                      : std::vector<double>{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9};
  QVector<double> ticks;
  for (double power = std::pow(10.0, std::floor(std::log10(range.lower)));
       power <= range.upper && ticks.size() < 200;
       power *= 10) {
    for (const double mantissa : mantissas) {
      const double tick = mantissa * power;
      const bool hasRoom =
          ticks.isEmpty() || std::log10(tick / ticks.back()) >= leastGap_ * decades;
      if (tick >= range.lower && tick <= range.upper && hasRoom) {
        ticks.push_back(tick);
      }
    }
  }
  return ticks;
}

}  // namespace barlow::ui
