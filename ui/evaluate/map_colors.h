#pragma once

#include "core/studio/feature_map.h"

#include <QRgb>
#include <QString>

#include <vector>

class QPalette;

namespace barlow::ui {

/// What the colour of a point in the map of images stands for.
enum class MapColouring { ByClass, ByPrediction, ByDensity };

/// One for each point of the map.
std::vector<QRgb> pointColors(const FeatureMap& map,
                              MapColouring colouring,
                              const QPalette& palette);
/// Rich text: the classes that the map holds, each after a square in its colour, the most frequent
/// first; what weak and strong mean for a density. Empty where nothing can be said.
QString mapLegend(const FeatureMap& map,
                  const FeatureSpace& space,
                  MapColouring colouring,
                  const QPalette& palette);

}  // namespace barlow::ui
