#pragma once

#include "core/params/objective_params.h"
#include "core/report/metric_schema.h"

#include <QString>
#include <QStringList>

class QWidget;

namespace barlow::ui {

/// Whose numbers are meant: what an objective measures it declares itself.
struct GuideSubject {
  MetricSchema schema = barlowTwinsSchema(0, 0, 1);
  ObjectiveName objective = ObjectiveName::BarlowTwins;
  bool operator==(const GuideSubject&) const = default;
};

/// The guide: what the matrix and every number of the Train workspace mean, what is good, and what
/// to do where it is not; then all objectives. Opens at `section` (guideSections(), or the key of a
/// column) or at the beginning. Does not block: the window is deleted when it is closed.
void showGuide(QWidget* parent, const QString& section = {}, const GuideSubject& subject = {});

/// Of Barlow Twins, with a picture but the last three: "matrix", "views", "loss", "mean_diagonal",
/// "rms_off_diagonal", "knn", "rank", "words", "objective", "objectives".
QStringList guideSections();

}  // namespace barlow::ui
