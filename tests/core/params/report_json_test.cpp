#include "core/report/events.h"
#include "core/report/metric_point.h"
#include "core/report/scan_report.h"
#include "core/report/view_plan.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace barlow {
namespace {

TEST(MetricPointJson, RoundTrips) {
  MetricPoint point{.step = 7,
                    .epoch = 1,
                    .loss = 0.1,
                    .onDiagonal = 1e-300,
                    .offDiagonal = 3,
                    .floor = 2.5,
                    .meanDiagonal = 1.0 / 3.0,
                    .rmsOffDiagonal = 0.06,
                    .learningRate = 0.2,
                    .pairsPerSecond = 142,
                    .dataWaitMs = 0.25,
                    .seconds = 12.5};
  EXPECT_EQ(metricPointFromJson(toJson(point)), point);
  point.collapse = CollapseNumbers{point.step, 17.5, 3, 0.04};
  EXPECT_EQ(metricPointFromJson(toJson(point)), point);
}

TEST(MetricPointJson, WritesNonFiniteNumbersAsStrings) {
  MetricPoint point;
  point.step = 1;
  point.loss = std::nan("");
  point.onDiagonal = HUGE_VAL;
  point.offDiagonal = -HUGE_VAL;
  const auto json = nlohmann::json::parse(toJson(point));
  EXPECT_EQ(json["loss"], "nan");
  EXPECT_EQ(json["on_diagonal"], "inf");
  EXPECT_EQ(json["off_diagonal"], "-inf");
  const auto read = metricPointFromJson(toJson(point));
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(read->loss));
  EXPECT_EQ(read->offDiagonal, -HUGE_VAL);
}

TEST(MetricPointJson, RefusesEveryTornLine) {
  const std::string line = toJson(MetricPoint{.step = 3});
  for (std::size_t length = 0; length < line.size(); ++length) {
    EXPECT_FALSE(metricPointFromJson(line.substr(0, length))) << length;
  }
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
