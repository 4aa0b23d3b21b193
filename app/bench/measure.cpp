#include "app/bench/measure.h"

#include "core/base/rng.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace barlow::bench {

std::vector<double> timed(int repetitions, const std::function<void(int)>& work) {
  std::vector<double> milliseconds;
  for (int i = -1; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(std::max(i, 0));
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    if (i >= 0) {
      milliseconds.push_back(taken.count());
    }
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds;
}

void print(const Setting& setting, const Line& line) {
  const auto& sorted = line.milliseconds;
  double p95 = 0;
  if (!sorted.empty()) {
    p95 =
        sorted[static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(sorted.size() - 1)))];
  }
  if (setting.isJson) {
    fmt::print(
        "{{\"bench\":\"matrix\",\"what\":\"{}\",\"peer\":\"{}\",\"d\":{},\"viewport\":[{},{}]",
        line.what,
        line.peer,
        line.d,
        line.viewport.width,
        line.viewport.height);
    if (!sorted.empty()) {
      fmt::print(",\"ms_p95\":{:.4g},\"ms_median\":{:.4g},\"ms_max\":{:.4g},\"reps\":{}",
                 p95,
                 sorted[sorted.size() / 2],
                 sorted.back(),
                 sorted.size());
    }
    for (const auto& [name, value] : line.more) {
      fmt::print(",\"{}\":{:.4g}", name, value);
    }
    fmt::print("}}\n");
  } else {
    fmt::print("{:<18}{:<16}{:>6}  {:<13}",
               line.what,
               line.peer,
               line.d,
               fmt::format("{} x {}", line.viewport.width, line.viewport.height));
    if (!sorted.empty()) {
      fmt::print("median {:>9.4g} ms   p95 {:>9.4g} ms   max {:>9.4g} ms",
                 sorted[sorted.size() / 2],
                 p95,
                 sorted.back());
    }
    for (const auto& [name, value] : line.more) {
      fmt::print("   {} {:.4g}", name, value);
    }
    fmt::print("\n");
  }
  std::fflush(stdout);
}

Matrix trainedMatrix(std::int64_t d) {
  Rng rng(1);
  const auto values = uninitializedFloats(d * d);
  for (std::int64_t k = 0; k < d * d; ++k) {
    values[k] =
        static_cast<float>(0.0625 * (rng.uniform(-1, 1) + rng.uniform(-1, 1) + rng.uniform(-1, 1)));
  }
  for (std::int64_t i = 0; i < d; ++i) {
    values[i * d + i] += 0.9f;
  }
  return Matrix(d, d, values, {.n = 256, .lambda = 0.0051, .name = "bench"});
}

Matrix identityMatrix(std::int64_t d) {
  return Matrix::generated(
      d, d, [](std::int64_t i, std::int64_t j) { return i == j ? 1.0f : 0.0f; });
}

double diagonalShare(std::int64_t d,
                     int side,
                     double shift,
                     const std::function<bool(int, int)>& isStrong) {
  constexpr int kNear = 3;
  const double cellsPerPixel = static_cast<double>(d) / side;
  int due = 0;
  int shown = 0;
  for (int x = 0; x < side; ++x) {
    const int middle = static_cast<int>(std::lround(x + shift / cellsPerPixel));
    if (middle >= side) {
      continue;
    }
    ++due;
    bool isShown = false;
    for (int y = std::max(0, middle - kNear); y <= std::min(side - 1, middle + kNear); ++y) {
      isShown = isShown || isStrong(x, y);
    }
    shown += isShown ? 1 : 0;
  }
  return static_cast<double>(shown) / std::max(1, due);
}

}  // namespace barlow::bench
