#include "core/report/events.h"
#include "core/report/metric_point.h"
#include "core/report/run_summary.h"
#include "core/report/scan_report.h"
#include "core/report/schema_json.h"
#include "core/report/view_plan.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace barlow {
namespace {

// Three terms, on two charts.
MetricSchema inventedSchema() {
  MetricSchema schema;
  schema.loss.isLogarithmic = true;
  schema.loss.range = {.good = 1, .poor = 5, .least = 0, .reference = 0.5};
  schema.loss.hints = {.aim = "falls", .good = "good: near {}", .fair = "fair", .poor = "poor"};
  schema.terms = {{.key = "pull", .label = "Pull", .chart = "Loss", .factor = 25},
                  {.key = "bound", .label = "Bound", .chart = "Loss", .isReference = true},
                  {.key = "spread",
                   .label = "Spread",
                   .unit = "%",
                   .help = "How far apart \"they\" are.",
                   .chart = "Spread",
                   .chartLabel = "σ",
                   .chartHelp = "All of it.",
                   .isCard = true,
                   .range = {.good = 0.8, .poor = 0.5, .least = -1, .most = 1}}};
  return schema;
}

TEST(MetricSchemaJson, RoundTrips) {
  for (const MetricSchema& schema :
       {inventedSchema(), barlowTwinsSchema(64, 256, 0.01), barlowTwinsSchema(0, 0, 1)}) {
    const auto json = nlohmann::json::parse(schemaToJson(schema).dump());
    EXPECT_TRUE(schemaFromJson(json) == schema) << json;
  }
}

TEST(MetricSchemaJson, WritesOnlyWhatAColumnSays) {
  EXPECT_EQ(schemaToJson(inventedSchema())["terms"][0].dump(),
            R"({"key":"pull","label":"Pull","chart":"Loss","factor":25.0})");
}

// A file may come from another program, or from nobody.
TEST(MetricSchemaJson, TakesWhatItKnows) {
  const MetricSchema schema = schemaFromJson(nlohmann::json::parse(
      R"({"loss":{"label":7,"chart":"L"},"later":1,"terms":[{"key":"a","range":{"good":"inf"}},
          {"label":"no key"},{"key":"b","colour":"red","factor":"much","label":"B"},3]})"));
  EXPECT_EQ(schema.loss.key, "loss");
  EXPECT_EQ(schema.loss.chart, "L");
  ASSERT_EQ(schema.terms.size(), 2u);
  EXPECT_EQ(schema.terms[0].label, "a") << "a name at least";
  EXPECT_EQ(schema.terms[0].range.good, HUGE_VAL);
  EXPECT_EQ(schema.terms[1].label, "B");
  EXPECT_EQ(schema.terms[1].factor, 1);
  EXPECT_TRUE(schemaFromJson(nlohmann::json::parse("[]")) == MetricSchema{});
  nlohmann::json many;
  for (int i = 0; i < 1000; ++i) {
    many["terms"].push_back({{"key", std::to_string(i)}});
  }
  EXPECT_LE(schemaFromJson(many).terms.size(), 100u) << "nobody could look at more";
}

TEST(MetricSchema, OfBarlowTwinsIsJudgedByTheRulesOfTheInspector) {
  const MetricSchema schema = barlowTwinsSchema(100, 64, 0.01);
  const auto rangeOf = [&](const char* key) { return schema.terms[*termIndex(schema, key)].range; };
  for (double value = -0.05; value < 1.1; value += 0.013) {
    EXPECT_EQ(judge(rangeOf("mean_diagonal"), value), judgeDiagonal(value)) << value;
    EXPECT_EQ(judge(rangeOf("rms_off_diagonal"), value), judgeOffDiagonal(value, 100)) << value;
    EXPECT_EQ(judge(schema.loss.range, 60 * value), judgeLoss(60 * value, 0, 64)) << value;
  }
}

TEST(MetricPointJson, RoundTrips) {
  const MetricSchema schema = inventedSchema();
  MetricPoint point{.step = 7,
                    .epoch = 1,
                    .loss = 0.1,
                    .terms = {1e-300, 3, 1.0 / 3.0},
                    .learningRate = 0.2,
                    .pairsPerSecond = 142,
                    .dataWaitMs = 0.25,
                    .seconds = 12.5};
  EXPECT_EQ(metricPointFromJson(toJson(point, schema), schema), point);
  point.collapse = CollapseNumbers{point.step, 17.5, 3, 0.04};
  EXPECT_EQ(metricPointFromJson(toJson(point, schema), schema), point);
  point.collapse->step = 5;
  point.collapse->meanDiagonal = 0.25;
  point.collapse->rmsOffDiagonal = 0.0625;
  EXPECT_EQ(metricPointFromJson(toJson(point, schema), schema), point);
  EXPECT_EQ(valueOf(point, schema, "loss"), 0.1);
  EXPECT_EQ(valueOf(point, schema, "spread"), 1.0 / 3.0);
  EXPECT_TRUE(std::isnan(valueOf(point, schema, "floor")));
}

// The shape is a promise.
TEST(MetricPointJson, OfBarlowTwinsKeepsItsOrder) {
  const MetricPoint point{.step = 1,
                          .epoch = 0,
                          .loss = 3.5,
                          .terms = {3, 50, 0.25, 0.5, 0.125},
                          .learningRate = 0.2,
                          .pairsPerSecond = 100,
                          .dataWaitMs = 1,
                          .seconds = 2,
                          .collapse = CollapseNumbers{1, 7.5, 0, 0.0625}};
  EXPECT_EQ(toJson(point, barlowTwinsSchema(64, 32, 0.01)),
            R"({"step":1,"epoch":0,"loss":3.5,"on_diagonal":3.0,"off_diagonal":50.0,"floor":0.25,)"
            R"("mean_diagonal":0.5,"rms_off_diagonal":0.125,"learning_rate":0.2,)"
            R"("pairs_per_second":100.0,"data_wait_ms":1.0,"seconds":2.0,"effective_rank":7.5,)"
            R"("dead_dimensions":0,"embedding_std":0.0625})");
}

TEST(MetricPointJson, WritesNonFiniteNumbersAsStrings) {
  const MetricSchema schema = inventedSchema();
  const MetricPoint point{.step = 1, .loss = std::nan(""), .terms = {HUGE_VAL, -HUGE_VAL, 0}};
  const auto json = nlohmann::json::parse(toJson(point, schema));
  EXPECT_EQ(json["loss"], "nan");
  EXPECT_EQ(json["pull"], "inf");
  EXPECT_EQ(json["bound"], "-inf");
  const auto read = metricPointFromJson(toJson(point, schema), schema);
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(read->loss));
  EXPECT_EQ(read->terms[1], -HUGE_VAL);
}

TEST(MetricPointJson, AMissingColumnIsAGap) {
  const auto read =
      metricPointFromJson(R"({"step":4,"loss":2.0,"spread":0.5,"pull":[1]})", inventedSchema());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->step, 4);
  EXPECT_EQ(read->loss, 2);
  ASSERT_EQ(read->terms.size(), 3u);
  EXPECT_TRUE(std::isnan(read->terms[0]) && std::isnan(read->terms[1]));
  EXPECT_EQ(read->terms[2], 0.5);
  EXPECT_TRUE(std::isnan(read->learningRate));
  EXPECT_FALSE(metricPointFromJson(R"({"epoch":4,"loss":2.0})", inventedSchema())) << "no step";
}

TEST(MetricPoint, TheNewestHasTheLastOfWhatOnlySomeRowsHave) {
  MetricSchema schema = inventedSchema();
  schema.terms.push_back({.key = "distance", .label = "Distance", .comesLater = true});
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<MetricPoint> points = {
      {.step = 1, .terms = {1, 2, 3, 0.5}, .collapse = CollapseNumbers{.step = 1}},
      {.step = 2, .terms = {4, 5, 6, 0.25}},
      {.step = 3, .terms = {7, kNan, 9, kNan}},
      {.step = 4, .terms = {7, kNan, 9}}};
  const MetricPoint newest = newestOf(points, schema);
  EXPECT_EQ(newest.step, 4);
  ASSERT_EQ(newest.terms.size(), 4u);
  EXPECT_EQ(newest.terms[3], 0.25);
  EXPECT_TRUE(std::isnan(newest.terms[1])) << "what every row has is not glossed over";
  ASSERT_TRUE(newest.collapse);
  EXPECT_EQ(newest.collapse->step, 1);
  EXPECT_EQ(newestOf({points[3]}, schema).terms.size(), 3u);
}

TEST(MetricPointJson, RefusesEveryTornLine) {
  const MetricSchema schema = inventedSchema();
  const std::string line = toJson(MetricPoint{.step = 3, .terms = {1, 2, 3}}, schema);
  for (std::size_t length = 0; length < line.size(); ++length) {
    EXPECT_FALSE(metricPointFromJson(line.substr(0, length), schema)) << length;
  }
}

TEST(RunSummaryJson, HasEveryTermUnderItsKey) {
  const MetricSchema schema = barlowTwinsSchema(64, 32, 0.01);
  const MetricPoint point{.step = 9, .loss = 3.5, .terms = {3, 50, 0.25, 0.5, 0.125}};
  const auto json = nlohmann::json::parse(toJson(RunSummary{
      .run = "here", .state = "finished", .loss = 3.5, .terms = namedTerms(point, schema)}));
  EXPECT_EQ(json["loss"], 3.5);
  EXPECT_EQ(json["floor"], 0.25);
  EXPECT_EQ(json["mean_diagonal"], 0.5);
  EXPECT_EQ(json["rms_off_diagonal"], 0.125);
}

TEST(EventJson, CarriesTheEvaluationProtocol) {
  SessionEvent event{.kind = EventKind::Evaluation, .step = 12, .epoch = 3};
  event.evaluation = EvaluationResult{.step = 12,
                                      .epoch = 3,
                                      .k = 200,
                                      .temperature = 0.1,
                                      .bankSize = 5000,
                                      .queries = 1000,
                                      .top1 = 0.4731,
                                      .top5 = 0.9};
  const auto json = nlohmann::json::parse(toJson(event));
  EXPECT_EQ(json["event"], "evaluation");
  EXPECT_EQ(json["probe"], "knn");
  EXPECT_EQ(json["metric"], "cosine");
  EXPECT_EQ(json["bank"], "train");
  EXPECT_EQ(json["bank_size"], 5000);
  EXPECT_EQ(json["split"], "test");
  EXPECT_EQ(json["top1"], 0.4731);
}

TEST(EventJson, SurvivesBytesThatAreNoUtf8) {
  const SessionEvent event{.kind = EventKind::Warning, .error = {"bad file \xff\xfe.jpg", ""}};
  EXPECT_TRUE(nlohmann::json::parse(toJson(event)).contains("message"));
}

TEST(ScanReportJson, HasThePromisedShape) {
  ScanReport report{.source = "photos",
                    .images = 3,
                    .turned = 2,
                    .classes = {{"cat", 2}, {"dog", 1}},
                    .splits = {{"train", 3}}};
  report.minSize = {10, 20};
  report.maxSize = {30, 40};
  report.unreadable = {{"photos/x.jpg", "it ends too early"}};
  EXPECT_EQ(
      nlohmann::json::parse(toJson(report)),
      nlohmann::json::parse(
          R"({"source":"photos","images":3,"turned":2,"classes":{"cat":2,"dog":1},"splits":{"train":3},
                    "sizes":{"min":[10,20],"max":[30,40]},
                    "unreadable":[{"path":"photos/x.jpg","reason":"it ends too early"}],
                    "left_out":[],"left_out_count":0,"left_out_reasons":{},"split_uses":{}})"));
}

TEST(ViewPlanJson, HasThePromisedShape) {
  ViewPlan plan{.crop = {12, 3, 140, 120}, .flip = true};
  EXPECT_EQ(nlohmann::json::parse(toJson(plan)),
            nlohmann::json::parse(
                R"({"crop":{"x":12,"y":3,"width":140,"height":120},"flip":true,"jitter":null,
                                      "gray":false,"blur_sigma":0.0,"solarize_threshold":null})"));
  plan.jitter = ViewPlan::Jitter{
      .order = {ColorOp::Contrast, ColorOp::Hue, ColorOp::Brightness, ColorOp::Saturation},
      .brightness = 1.25,
      .hue = -0.04};
  plan.solarizeThreshold = 128;
  const auto json = nlohmann::json::parse(toJson(plan));
  EXPECT_EQ(json["jitter"]["order"],
            (std::vector<std::string>{"contrast", "hue", "brightness", "saturation"}));
  EXPECT_EQ(json["jitter"]["hue"], -0.04);
  EXPECT_EQ(json["solarize_threshold"], 128);
}

}  // namespace
}  // namespace barlow
