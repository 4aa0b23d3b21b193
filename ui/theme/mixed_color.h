#pragma once

#include <QColor>

#include <cmath>

namespace barlow::ui {

/// `from` at 0, `to` at 1, and in between channel by channel.
inline QColor mixedColor(const QColor& from, const QColor& to, double share) {
  const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
  return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

}  // namespace barlow::ui
