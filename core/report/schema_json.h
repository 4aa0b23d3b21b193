#pragma once

#include "core/report/json_numbers.h"
#include "core/report/metric_schema.h"

#include <nlohmann/json.hpp>

namespace barlow {

/// The "metrics" of run.json: {"loss":{"key":...},"terms":[{"key":"floor","label":...},...]}; what
/// a column leaves as it is by default is not written. Internal to .cpp files.
nlohmann::ordered_json schemaToJson(const MetricSchema& schema);
/// The reverse. What is missing or of another kind is left out; never throws.
MetricSchema schemaFromJson(const nlohmann::json& json);

}  // namespace barlow
