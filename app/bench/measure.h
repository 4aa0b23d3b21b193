#pragma once

#include "core/matrix/matrix.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// What the benchmarks of the matrix share: times, lines, and the matrices that are drawn.
namespace barlow::bench {

struct Size {
  int width = 0;
  int height = 0;
};

struct Setting {
  bool isShort = false;
  bool isJson = false;  // one object per line instead of a table
  int frames() const { return isShort ? 5 : 200; }
  int builds() const { return isShort ? 1 : 7; }
};

/// Milliseconds of each call, ascending, after one call that does not count.
std::vector<double> timed(int repetitions, const std::function<void(int)>& work);

struct Line {
  std::string what;
  std::string peer = "ours";
  std::int64_t d = 0;
  Size viewport{};
  std::vector<double> milliseconds;                  // ascending; may be empty
  std::vector<std::pair<std::string, double>> more;  // further figures by name
};
void print(const Setting& setting, const Line& line);

/// What a trained C looks like: a diagonal near 0.9, noise of about 1 / sqrt(256).
Matrix trainedMatrix(std::int64_t d);
Matrix identityMatrix(std::int64_t d);

/// Of the pixel columns over a d x d identity that fills a picture of `side` x `side` pixels, moved
/// by `shift` cells to the left, the share that has a value above 0.5 within 3 pixels of where the
/// diagonal is. isStrong(x, y): whether a pixel shows such a value.
double diagonalShare(std::int64_t d,
                     int side,
                     double shift,
                     const std::function<bool(int, int)>& isStrong);

}  // namespace barlow::bench
