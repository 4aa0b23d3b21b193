#include "ui/evaluate/map_colors.h"

#include "ui/evaluate/space_source.h"
#include "ui/theme/mixed_color.h"
#include "ui/theme/theme.h"

#include <QColor>
#include <QCoreApplication>
#include <QLocale>
#include <QPalette>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace barlow::ui {
namespace {

constexpr std::size_t kMostNames = 24;  // of more the pointer tells the names

struct MapColors {
  Q_DECLARE_TR_FUNCTIONS(MapColors)
};

// Neighbouring numbers far apart in hue, and dark and light in turn; names are read out beside.
QRgb colorOfClass(int label, bool isDark) {
  if (label < 0) {
    return isDark ? qRgb(150, 150, 150) : qRgb(120, 120, 120);
  }
  const double hue = std::fmod(0.58 + 0.618033988749895 * label, 1.0);
  const double light = isDark ? (label % 2 == 0 ? 0.68 : 0.52) : (label % 2 == 0 ? 0.42 : 0.58);
  return QColor::fromHslF(static_cast<float>(hue), 0.62F, static_cast<float>(light)).rgb();
}

const std::vector<int>& labelsOf(const FeatureMap& map, MapColouring colouring) {
  return colouring == MapColouring::ByClass ? map.labels : map.predictions;
}

// The name stays beside its square.
QString entry(QRgb color, QString name) {
  name.replace(QLatin1Char(' '), QChar::Nbsp);
  return QStringLiteral("<span style=\"color:%1\">■</span>%2%3")
      .arg(QColor(color).name(), QString(QChar::Nbsp), name.toHtmlEscaped());
}

}  // namespace

std::vector<QRgb> pointColors(const FeatureMap& map,
                              MapColouring colouring,
                              const QPalette& palette) {
  std::vector<QRgb> all;
  all.reserve(map.samples.size());
  if (colouring == MapColouring::ByDensity) {
    const Colors& tone = colors(palette);
    const auto [low, high] = std::minmax_element(map.density.begin(), map.density.end());
    for (const float density : map.density) {
      const float share = *high > *low ? (density - *low) / (*high - *low) : 1.0F;
      all.push_back(mixedColor(tone.line, tone.accent, static_cast<double>(share)).rgb());
    }
    return all;
  }
  for (const int label : labelsOf(map, colouring)) {
    all.push_back(colorOfClass(label, isDark(palette)));
  }
  return all;
}

QString mapLegend(const FeatureMap& map,
                  const FeatureSpace& space,
                  MapColouring colouring,
                  const QPalette& palette) {
  if (map.samples.empty()) {
    return {};
  }
  if (colouring == MapColouring::ByDensity) {
    const Colors& tone = colors(palette);
    return entry(tone.line.rgb(), MapColors::tr("few alike")) + QStringLiteral("  ") +
           entry(tone.accent.rgb(), MapColors::tr("many alike"));
  }
  std::map<int, int> counts;
  for (const int label : labelsOf(map, colouring)) {
    ++counts[label];
  }
  std::vector<std::pair<int, int>> order(counts.begin(), counts.end());
  std::stable_sort(
      order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  QStringList entries;
  for (const auto& [label, count] : order) {
    const QString name = labelText(space, label);
    if (entries.size() == static_cast<qsizetype>(kMostNames)) {
      const auto more = static_cast<int>(order.size() - kMostNames);
      entries << MapColors::tr("and %1 more").arg(QLocale().toString(more));
      break;
    }
    if (!name.isEmpty()) {
      entries << entry(colorOfClass(label, isDark(palette)), name);
    }
  }
  return entries.join(QStringLiteral("  "));
}

}  // namespace barlow::ui
