#include "core/step/step_graph.h"

#include <gtest/gtest.h>

#include <vector>

namespace barlow {
namespace {

// A recorder on the CPU: what is recorded is not executed (its effects are undone), replaying runs
// it.
class FakeRecorder final : public GraphRecorder {
 public:
  explicit FakeRecorder(std::vector<std::string>& calls) : calls_(calls) {}
  void run(const std::function<void()>& work) override {
    calls_.push_back("run");
    work();
  }
  void record(const std::function<void()>& work) override {
    calls_.push_back("record");
    if (fails) {
      work();
      TORCH_CHECK(false, "operation not permitted when stream is capturing");
    }
    recorded_ = work;
    work();
  }
  void replay() override {
    calls_.push_back("replay");
    recorded_();
  }
  bool fails = false;

 private:
  std::vector<std::string>& calls_;
  std::function<void()> recorded_;
};

// Each step sees its own views, however it is run.
TEST(StepGraph, FeedsEveryStepItsOwnViews) {
  std::vector<std::string> calls;
  std::vector<double> seen;
  StepGraph graph(
      std::make_unique<FakeRecorder>(calls),
      [&](const std::vector<torch::Tensor>& views) {
        seen.push_back((views[0].sum() + 100 * views[1].sum()).item<double>());
        TrainingStep::Output output;
        output.loss = views[0] * 2;
        return output;
      },
      [] {});
  for (int i = 0; i < StepGraph::kWarmUp + 3; ++i) {
    const auto output = graph.step({torch::full({1}, i), torch::full({1}, 2 * i)});
    EXPECT_EQ(seen.back(), 201.0 * i);
    EXPECT_EQ(output.loss.item<double>(), 2.0 * i);
    EXPECT_EQ(graph.isRecorded(), i >= StepGraph::kWarmUp);
  }
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "record"), 1);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "replay"), 3);
}

TEST(StepGraph, GoesOnWithoutWhenAStepCannotBeRecorded) {
  std::vector<std::string> calls;
  auto recorder = std::make_unique<FakeRecorder>(calls);
  recorder->fails = true;
  int steps = 0;
  StepGraph graph(
      std::move(recorder),
      [&](const std::vector<torch::Tensor>&) {
        ++steps;
        return TrainingStep::Output();
      },
      [] {});
  for (int i = 0; i < StepGraph::kWarmUp + 5; ++i) {
    graph.step({torch::zeros({1}), torch::zeros({1})});
  }
  EXPECT_EQ(steps, StepGraph::kWarmUp + 5 + 1) << "one of them was begun for the recording";
  EXPECT_FALSE(graph.isRecorded());
  EXPECT_NE(graph.problem().find("capturing"), std::string::npos);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "record"), 1) << "it is not tried again";
}

// What the steps before hold would stay beside the recording's own memory, and what a void
// recording has made is not computed: nobody may see it.
TEST(StepGraph, HoldsNothingOfAStepWhenItRecordsOrFails) {
  std::vector<std::string> calls;
  auto recorder = std::make_unique<FakeRecorder>(calls);
  recorder->fails = true;
  torch::Tensor newest;
  std::vector<std::int64_t> holders;
  StepGraph graph(
      std::move(recorder),
      [&](const std::vector<torch::Tensor>& views) {
        TrainingStep::Output output;
        newest = output.loss = views[0] * 2;
        return output;
      },
      [&] {
        holders.push_back(static_cast<std::int64_t>(newest.use_count()));
        calls.push_back("forget");
      });
  for (int i = 0; i < StepGraph::kWarmUp + 1; ++i) {
    calls.clear();
    graph.step({torch::zeros({1}), torch::zeros({1})});
  }
  EXPECT_EQ(calls, (std::vector<std::string>{"forget", "record", "forget", "run"}));
  EXPECT_EQ(holders, (std::vector<std::int64_t>{1, 1})) << "only the test's own";
}

TEST(StepGraph, IsNotThereOnTheCpu) { EXPECT_FALSE(makeGraphRecorder(torch::kCPU)); }

}  // namespace
}  // namespace barlow
