#include "core/studio/device_check.h"

#include "core/base/error.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/cuda.h>

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

DeviceCheckPart part(const std::string& name, DeviceCheckFunction run) {
  return {.check = name, .title = "The " + name, .run = std::move(run)};
}

DeviceCheckFunction giving(DeviceCheckOutcome outcome) {
  return [outcome](DeviceCheckSetting&) { return DeviceCheckResult{.outcome = outcome}; };
}

struct Checked {
  std::vector<DeviceCheckResult> results;
  DeviceCheckReport report;
};

Checked runParts(const std::vector<DeviceCheckPart>& parts, std::stop_token stop = {}) {
  Checked checked;
  checked.report =
      runDeviceChecks(parts, {.stop = std::move(stop)}, [&](const DeviceCheckResult& result) {
        checked.results.push_back(result);
      });
  return checked;
}

TEST(DeviceCheck, ACheckThatThrowsHasFailedAndTheOthersGoOn) {
  const Checked checked = runParts({part("first",
                                         [](DeviceCheckSetting&) -> DeviceCheckResult {
                                           throw Exception("The device is on fire.");
                                         }),
                                    part("second", giving(DeviceCheckOutcome::Passed)),
                                    part("third", giving(DeviceCheckOutcome::Skipped))});
  ASSERT_EQ(checked.results.size(), 3u);
  EXPECT_EQ(checked.results[0].outcome, DeviceCheckOutcome::Failed);
  EXPECT_EQ(checked.results[0].check, "first");
  EXPECT_EQ(checked.results[0].text, "The device is on fire.");
  EXPECT_EQ(checked.report.passed, 1);
  EXPECT_EQ(checked.report.skipped, 1);
  EXPECT_THAT(checked.report.failed, ElementsAre("The first"));
  EXPECT_FALSE(checked.report.isGood());
  EXPECT_EQ(verdictText(checked.report), "1 of 2 checks failed (The first); 1 left out.");
}

TEST(DeviceCheck, AStopEndsItWithoutTheCheckAtHand) {
  std::stop_source stop;
  const Checked checked = runParts({part("first", giving(DeviceCheckOutcome::Passed)),
                                    part("second",
                                         [&](DeviceCheckSetting&) {
                                           stop.request_stop();
                                           return DeviceCheckResult{};
                                         }),
                                    part("third", giving(DeviceCheckOutcome::Passed))},
                                   stop.get_token());
  ASSERT_EQ(checked.results.size(), 1u);
  EXPECT_TRUE(checked.report.wasStopped);
  EXPECT_FALSE(checked.report.isGood());
  EXPECT_EQ(verdictText(checked.report), "Stopped; the check made until then passed.");
}

TEST(DeviceCheck, GivesEveryCheckAFolderThatIsGoneAtTheEnd) {
  std::filesystem::path folder;
  runParts({part("first", [&](DeviceCheckSetting& setting) {
    folder = setting.folder;
    EXPECT_TRUE(std::filesystem::is_directory(folder));
    return DeviceCheckResult{};
  })});
  EXPECT_FALSE(folder.empty());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(DeviceCheck, WritesOneObjectPerCheck) {
  DeviceCheckResult result{.check = "views",
                           .title = "Views",
                           .figures = {{"count", std::int64_t{3}},
                                       {"error", std::nan("")},
                                       {"name", std::string("a \"GPU\"")}},
                           .text = "two\nlines"};
  EXPECT_EQ(toJson(result).find('\n'), std::string::npos);
  auto json = nlohmann::json::parse(toJson(result));
  EXPECT_EQ(json["check"], "views");
  EXPECT_EQ(json["passed"], true);
  EXPECT_EQ(json["figures"]["count"], 3);
  EXPECT_EQ(json["figures"]["error"], "nan");
  EXPECT_EQ(json["figures"]["name"], "a \"GPU\"");
  EXPECT_EQ(json["text"], "two\nlines");
  result.outcome = DeviceCheckOutcome::Failed;
  EXPECT_EQ(nlohmann::json::parse(toJson(result))["passed"], false);
  result.outcome = DeviceCheckOutcome::Skipped;
  EXPECT_TRUE(nlohmann::json::parse(toJson(result))["passed"].is_null());
}

TEST(DeviceCheck, AlignsWhatPeopleRead) {
  const std::string text = toText({.check = "views",
                                   .title = "Views",
                                   .outcome = DeviceCheckOutcome::Failed,
                                   .figures = {{"a", std::int64_t{1}}, {"pairs_of_b", 25000.4}},
                                   .text = "three differ"});
  EXPECT_THAT(text, testing::StartsWith("FAILED    Views   "));
  EXPECT_THAT(text, HasSubstr("three differ\n            a           1\n"));
  EXPECT_THAT(text, testing::EndsWith("            pairs of b  25000"));
}

TEST(DeviceCheck, RefusesADeviceNameThatIsNone) {
  EXPECT_THROW(checkDevice({.device = "toaster"}, [](const DeviceCheckResult&) {}, {}), Exception);
}

TEST(DeviceCheck, SaysThatADeviceIsNotThere) {
  if (torch::cuda::is_available()) {
    GTEST_SKIP() << "there is one";
  }
  std::vector<DeviceCheckResult> results;
  const auto report = checkDevice(
      {.device = "cuda"}, [&](const DeviceCheckResult& result) { results.push_back(result); }, {});
  ASSERT_EQ(results.size(), deviceCheckTitles().size());
  EXPECT_EQ(results.front().outcome, DeviceCheckOutcome::Failed);
  EXPECT_THAT(results.front().text, HasSubstr("sees no such device"));
  EXPECT_EQ(results.back().outcome, DeviceCheckOutcome::Skipped);
  EXPECT_EQ(report.failed.size(), 1u);
}

// What says nothing about speed, on the device that every machine has.
TEST(DeviceCheck, PassesOnTheCpu) {
  const KeptTorchSettings kept;
  std::vector<DeviceCheckPart> parts;
  std::copy_if(deviceCheckParts().begin(),
               deviceCheckParts().end(),
               std::back_inserter(parts),
               [](const DeviceCheckPart& one) { return !one.check.ends_with("_speed"); });
  std::vector<DeviceCheckResult> results;
  const auto report = runDeviceChecks(
      parts, {.device = "cpu", .isQuick = true}, [&](const DeviceCheckResult& result) {
        results.push_back(result);
      });
  ASSERT_EQ(results.size(), parts.size());
  for (const DeviceCheckResult& result : results) {
    EXPECT_NE(result.outcome, DeviceCheckOutcome::Failed) << toText(result);
    EXPECT_FALSE(result.text.empty()) << result.check;
    EXPECT_EQ(result.outcome == DeviceCheckOutcome::Skipped, result.check == "recorded_step");
  }
  EXPECT_EQ(report.failed.size(), 0u);
}

TEST(DeviceCheck, PutsTheSettingsBack) {
  at::Context& context = at::globalContext();
  const bool wasTimed = context.benchmarkCuDNN();
  {
    const KeptTorchSettings kept;
    context.setBenchmarkCuDNN(!wasTimed);
    context.setDeterministicAlgorithms(true, false);
  }
  EXPECT_EQ(context.benchmarkCuDNN(), wasTimed);
  EXPECT_FALSE(context.deterministicAlgorithms());
}

}  // namespace
}  // namespace barlow
