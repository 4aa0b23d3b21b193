#include "core/report/metric_schema.h"

#include "core/matrix/statistics.h"
#include "core/report/schema_json.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace barlow {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostTerms = 64;  // in a file; no window could show more

// Each field once, for both directions.
template <class Range, class Visit>
void visitRange(Range& range, Visit&& visit) {
  visit("good", range.good);
  visit("poor", range.poor);
  visit("least", range.least);
  visit("most", range.most);
  visit("reference", range.reference);
}

template <class Hints, class Visit>
void visitHints(Hints& hints, Visit&& visit) {
  visit("aim", hints.aim);
  visit("good", hints.good);
  visit("fair", hints.fair);
  visit("poor", hints.poor);
}

template <class Column, class Visit>
void visitColumn(Column& column, Visit&& visit) {
  visit("key", column.key);
  visit("label", column.label);
  visit("unit", column.unit);
  visit("help", column.help);
  visit("chart", column.chart);
  visit("chart_label", column.chartLabel);
  visit("chart_help", column.chartHelp);
  visit("factor", column.factor);
  visit("reference", column.isReference);
  visit("card", column.isCard);
  visit("logarithmic", column.isLogarithmic);
  visit("comes_later", column.comesLater);
  visit("range", column.range);
  visit("hints", column.hints);
}

OrderedJson fieldsOf(const GoodRange& range) {
  OrderedJson json;
  visitRange(range, [&](const char* name, double value) { json[name] = numberToJson(value); });
  return json;
}
OrderedJson fieldsOf(const MetricHints& hints) {
  OrderedJson json;
  visitHints(hints, [&](const char* name, const std::string& value) { json[name] = value; });
  return json;
}

OrderedJson fieldsOf(const MetricColumn& column);

// What differs from a fresh one.
template <class T>
OrderedJson changedFields(const T& value) {
  OrderedJson json = OrderedJson::object();
  const OrderedJson fresh = fieldsOf(T{});
  const OrderedJson own = fieldsOf(value);
  for (const auto& [name, field] : own.items()) {
    if (field != fresh[name]) {
      json[name] = field;
    }
  }
  return json;
}

OrderedJson fieldsOf(const MetricColumn& column) {
  OrderedJson json;
  visitColumn(column, [&]<class T>(const char* name, const T& value) {
    if constexpr (std::is_same_v<T, double>) {
      json[name] = numberToJson(value);
    } else if constexpr (std::is_same_v<T, GoodRange> || std::is_same_v<T, MetricHints>) {
      json[name] = changedFields(value);
    } else {
      json[name] = value;
    }
  });
  return json;
}

// A field that is missing, or of another kind in a program to come, keeps its fresh value.
void take(const Json& json, std::string& text) {
  if (json.is_string()) {
    text = json.get<std::string>();
  }
}
void take(const Json& json, bool& flag) {
  if (json.is_boolean()) {
    flag = json.get<bool>();
  }
}
void take(const Json& json, double& number) { number = numberFromJson(json).value_or(number); }
void take(const Json& json, GoodRange& range);
void take(const Json& json, MetricHints& hints);

template <class T>
void takeField(const Json& json, const char* name, T& field) {
  if (json.is_object() && json.contains(name)) {
    take(json[name], field);
  }
}
void take(const Json& json, GoodRange& range) {
  visitRange(range, [&](const char* name, double& field) { takeField(json, name, field); });
}
void take(const Json& json, MetricHints& hints) {
  visitHints(hints, [&](const char* name, std::string& field) { takeField(json, name, field); });
}
MetricColumn columnOf(const Json& json) {
  MetricColumn column;
  visitColumn(column, [&](const char* name, auto& field) { takeField(json, name, field); });
  if (column.label.empty()) {
    column.label = column.key;
  }
  return column;
}

}  // namespace

OrderedJson schemaToJson(const MetricSchema& schema) {
  OrderedJson terms = OrderedJson::array();
  for (const MetricColumn& column : schema.terms) {
    terms.push_back(changedFields(column));
  }
  return {{"loss", changedFields(schema.loss)}, {"terms", terms}};
}

MetricSchema schemaFromJson(const Json& json) {
  MetricSchema schema;
  if (json.is_object() && json.contains("loss")) {
    schema.loss = columnOf(json["loss"]);
    schema.loss.key = "loss";
    schema.loss.label = schema.loss.label.empty() ? "Loss" : schema.loss.label;
  }
  if (json.is_object() && json.contains("terms") && json["terms"].is_array()) {
    for (const Json& term : json["terms"]) {
      MetricColumn column = columnOf(term);
      if (!column.key.empty() && schema.terms.size() < kMostTerms) {
        schema.terms.push_back(std::move(column));
      }
    }
  }
  return schema;
}

std::optional<std::size_t> termIndex(const MetricSchema& schema, std::string_view key) {
  const auto found = std::find_if(schema.terms.begin(),
                                  schema.terms.end(),
                                  [key](const MetricColumn& column) { return column.key == key; });
  return found == schema.terms.end()
             ? std::nullopt
             : std::optional(static_cast<std::size_t>(found - schema.terms.begin()));
}

bool isWithinOne(const GoodRange& range) {
  return range.least >= -kOneWithRounding && range.most <= kOneWithRounding;
}

MetricSchema barlowTwinsSchema(std::int64_t n, std::int64_t d, double lambda) {
  const bool isKnown = n > 1 && d > 0;
  const double floor = isKnown ? lowestLoss(n, d, lambda).loss : 0;
  MetricSchema schema;
  schema.loss = {
      .key = "loss",
      .label = "Loss",
      .help =
          "Sum over the diagonal of (1 - C_ii)², plus lambda times the sum of C_ij² elsewhere. "
          "A finite batch keeps it above the floor.",
      .chart = "Loss",
      .chartLabel = "loss",
      .chartHelp =
          "The loss and its two terms. It falls fast at first, then slowly; it cannot "
          "fall below the floor, which the size of the batch sets.",
      .isCard = true,
      .isLogarithmic = true,
      .range = lossRange(floor, isKnown ? d : 0),
      .hints = {.aim = isKnown ? "falls towards its floor, {}" : "falls towards its floor",
                .good = "good: the floor is {}",
                .fair = "fair: the floor is {}; train longer",
                .poor = "poor: far above the floor, {}"}};
  schema.terms = {
      {.key = "on_diagonal",
       .label = "On-diagonal",
       .help = "Sum over the diagonal of (1 - C_ii)²: how far the two views are from agreeing.",
       .chart = "Loss",
       .chartLabel = "diagonal",
       .isLogarithmic = true,
       .range = {.least = 0}},
      {.key = "off_diagonal",
       .label = "Off-diagonal",
       .help = "Sum of C_ij² for i different from j, without lambda: how much dimensions repeat "
               "each other.",
       .chart = "Loss",
       .chartLabel = "λ · off-diagonal",
       .factor = lambda,
       .isLogarithmic = true},
      {.key = "floor",
       .label = "Floor",
       .help = "The lowest loss that a batch of this size allows.",
       .chart = "Loss",
       .chartLabel = "floor",
       .isReference = true,
       .isLogarithmic = true},
      {.key = "mean_diagonal",
       .label = "Mean diagonal",
       .help = "Mean of C_ii: how well the two views of an image agree. 1 is perfect, 0 is no "
               "agreement.",
       .chart = "Correlations",
       .chartLabel = "mean diagonal",
       .chartHelp = "Good: the mean of the diagonal rises towards 1 while the rest of the matrix "
                    "falls towards 0.",
       .isCard = true,
       .range = diagonalRange(),
       .hints = {.aim = "good: towards 1, both views agree",
                 .good = "good: both views agree",
                 .fair = "fair: train longer, towards 1",
                 .poor = "poor: train longer, or weaken the distortions"}},
      {.key = "rms_off_diagonal",
       .label = "Off-diagonal RMS",
       .help = "Root mean square of C_ij for i different from j: how much dimensions repeat each "
               "other. A batch of N images cannot show less than about 1/sqrt(N).",
       .chart = "Correlations",
       .chartLabel = "off-diagonal",
       .isCard = true,
       .range = offDiagonalRange(n),
       .hints = {.aim = n > 1 ? "good: towards a batch's noise, {}"
                              : "good: towards 0, no dimension repeats another",
                 .good = "good: a batch's noise is {}",
                 .fair = "fair: towards a batch's noise, {}",
                 .poor = "poor: raise lambda or train longer, towards {}"}}};
  return schema;
}

MetricSchema schemaOfOlderRuns(const RunConfig& config) {
  const auto& projector = config.model.projector;
  return barlowTwinsSchema(config.run.batchSize,
                           projector.empty() ? 0 : projector.back(),
                           config.objective.barlowTwins.lambda);
}

}  // namespace barlow
