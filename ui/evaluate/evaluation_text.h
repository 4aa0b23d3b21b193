#pragma once

#include "core/report/evaluation_report.h"
#include "core/report/events.h"

#include <QString>

#include <string>
#include <vector>

namespace barlow::ui {

/// "84.2 %", or "–" for nothing.
QString percent(std::optional<double> share, int decimals = 1);
/// What numbers of one column have in common: protocol, features and images.
QString groupText(const EvaluationReport& report);
/// The same of what a run measured of itself.
QString groupText(const EvaluationResult& result);
/// Whether two may stand in one column.
bool isComparable(const EvaluationReport& a, const EvaluationReport& b);
/// Everything that a number depends on, line by line.
QString detailText(const EvaluationReport& report);
/// Of `classes`, or the number where they have no names.
QString className(const std::vector<std::string>& classes, std::size_t index);
/// "31 Jan 2026 12:00" in local time and the user's locale.
QString whenText(const std::string& utc);

}  // namespace barlow::ui
