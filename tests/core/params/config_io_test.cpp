#include "core/params/config_io.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace barlow {
namespace {

// Moves every field away from its default, whatever its kind.
struct Changer {
  template <class T>
  void operator()(const ParamInfo&, T& value, const Range<T>& range) {
    value = value == range.max ? range.min : range.max;
  }
  void operator()(const ParamInfo&, std::string& value, Text) { value += "changed \"\\ \u00e9"; }
  void operator()(const ParamInfo&, bool& value, Flag) { value = !value; }
  void operator()(const ParamInfo&, std::vector<int>& value, NumberList) { value = {7, 5}; }
  void operator()(const ParamInfo&, std::array<double, 3>& value, PerChannel) {
    value = {0.1, 1.0 / 3.0, 0.9};
  }
  template <class E>
  void operator()(const ParamInfo&, E& value, Choice) {
    value = kEnumNames<E>.back().value == value ? kEnumNames<E>.front().value
                                                : kEnumNames<E>.back().value;
  }
};

RunConfig changedConfig() {
  RunConfig config;
  RunConfig::describe(config, Changer{});
  return config;
}

std::vector<std::string> keysOf(const std::vector<Problem>& problems) {
  std::vector<std::string> keys;
  for (const Problem& problem : problems) {
    keys.push_back(problem.key);
  }
  return keys;
}

TEST(ConfigJson, EveryFieldSurvivesARoundTrip) {
  const RunConfig config = changedConfig();
  RunConfig read;
  EXPECT_EQ(applyJson(toJson(config), read), std::vector<Problem>{});
  EXPECT_TRUE(read == config) << toJson(read) << toJson(config);
  // All differ from the defaults, so nothing passed by accident.
  const auto before = describedValues(RunConfig{});
  const auto after = describedValues(read);
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_NE(before[i].value, after[i].value) << after[i].info.key;
  }
}

TEST(ConfigJson, TextOfEveryValueCanBeSetAgain) {
  const RunConfig config = changedConfig();
  std::vector<Setting> settings;
  for (const DescribedValue& value : describedValues(config)) {
    settings.push_back({value.info.key, value.value});
  }
  RunConfig read;
  EXPECT_EQ(applySettings(settings, read), std::vector<Problem>{});
  EXPECT_TRUE(read == config);
}

TEST(ConfigJson, StatesTheFormatAndRefusesANewerOne) {
  EXPECT_EQ(nlohmann::json::parse(toJson(RunConfig{}))["format"], 1);
  RunConfig config;
  const auto problems = applyJson(R"({"format": 2})", config);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].key, "format");
}

// What version 0.2 wrote: the same keys but for augment.pillow.
std::string writtenBefore(const RunConfig& config) {
  auto json = nlohmann::json::parse(toJson(config));
  EXPECT_EQ(json["augment"].erase("pillow"), 1u);
  return json.dump();
}

TEST(ConfigJson, AFileOlderThanAKeyKeepsWhatWasSoBeforeIt) {
  for (const RunConfig& config : {RunConfig{}, changedConfig()}) {
    RunConfig read;
    EXPECT_EQ(applyJson(writtenBefore(config), read), std::vector<Problem>{});
    RunConfig expected = config;
    expected.augment.pillow = 12;
    EXPECT_TRUE(read == expected) << toJson(read);
  }
  for (const char* text : {"{}", R"({"augment": {"recipe": "cifar-solo"}})"}) {
    RunConfig read;
    EXPECT_TRUE(applyJson(text, read).empty());
    EXPECT_EQ(read.augment.pillow, 12) << text;
  }
}

TEST(ConfigJson, AFileThatSaysTheKeyMeansIt) {
  for (const char* text : {R"({"augment": {"pillow": 13}})", R"({"augment.pillow": 13})"}) {
    RunConfig read;
    read.augment.pillow = 12;
    EXPECT_TRUE(applyJson(text, read).empty());
    EXPECT_EQ(read.augment.pillow, 13) << text;
  }
  RunConfig read;
  EXPECT_TRUE(applyJson(R"({"augment": {"pillow": 14}})", read).empty());
  EXPECT_EQ(keysOf(validate(read)), std::vector<std::string>{"augment.pillow"});
}

TEST(ConfigJson, WhatComesAlongWithTheProgramKeepsItsDefaults) {
  RunConfig read;
  EXPECT_TRUE(applyOwnJson(R"({"augment": {"recipe": "cifar-solo"}})", read).empty());
  EXPECT_EQ(read.augment.pillow, RunConfig{}.augment.pillow);
  for (const Setting& setting :
       {Setting{"augment.recipe", "cifar-hsic"}, Setting{"run.epochs", "3"}}) {
    EXPECT_TRUE(applySettings({setting}, read).empty());
    EXPECT_EQ(read.augment.pillow, 13) << setting.key;
  }
}

TEST(ConfigJson, AcceptsDottedKeys) {
  RunConfig config;
  EXPECT_TRUE(applyJson(R"({"optim.momentum": 0.5, "augment": {"b.hue": 0.25}})", config).empty());
  EXPECT_EQ(config.optim.momentum, 0.5);
  EXPECT_EQ(config.augment.b.hue, 0.25);
}

TEST(ConfigJson, ListsEveryProblemAndChangesNothing) {
  RunConfig config;
  const auto problems = applyJson(
      R"({"optim": {"momentm": 0.5, "name": "sdg"}, "run": {"epochs": "5", "batch_size": 2.5},
          "data": {"mean": [1, 2]}, "model": {"projector": "12-x"}, "objective": {"lambda": 0.1}})",
      config);
  EXPECT_EQ(keysOf(problems),
            (std::vector<std::string>{"data.mean",
                                      "model.projector",
                                      "optim.momentm",
                                      "optim.name",
                                      "run.batch_size",
                                      "run.epochs"}));
  EXPECT_TRUE(config == RunConfig{});
  EXPECT_NE(problems[2].message.find("optim.momentum"), std::string::npos) << problems[2].message;
  EXPECT_NE(problems[3].message.find("did you mean 'sgd'"), std::string::npos)
      << problems[3].message;
}

TEST(ConfigJson, NamesTheByteWhereBrokenJsonBreaks) {
  RunConfig config;
  for (const char* text : {"", "{", "[1,2", "{\"run\": {\"epochs\": 1e999}}", "\"text\"", "nul"}) {
    EXPECT_EQ(applyJson(text, config).size(), 1u) << text;
  }
  EXPECT_TRUE(config == RunConfig{});
}

TEST(Settings, ARecipeSetsEverythingButTheKeysBesideItWin) {
  RunConfig config;
  config.augment.kernel = AugmentKernel::Fast;
  config.augment.pillow = 12;
  EXPECT_TRUE(
      applySettings({{"augment.a.hue", "0.3"}, {"augment.recipe", "cifar-solo"}}, config).empty());
  EXPECT_EQ(config.augment.a.hue, 0.3);
  EXPECT_EQ(config.augment.a.blurProbability, 0.0);
  EXPECT_EQ(config.augment.b.solarizeProbability, 0.2);
  EXPECT_TRUE(config.augment.flipLast);
  EXPECT_EQ(config.augment.kernel, AugmentKernel::Fast);
  EXPECT_EQ(config.augment.pillow, 12);
}

TEST(Settings, TheLastOneWins) {
  RunConfig config;
  EXPECT_TRUE(applySettings({{"run.epochs", "3"}, {"run.epochs", "4"}}, config).empty());
  EXPECT_EQ(config.run.epochs, 4);
}

TEST(Settings, WrongValuesSayWhatIsNeeded) {
  const std::vector<std::pair<Setting, std::string>> cases = {
      {{"run.epochs", "many"}, "whole number"},
      {{"run.epochs", "99999999999"}, "too large"},
      {{"objective.lambda", "nan"}, "needs a number"},
      {{"objective.lambda", "inf"}, "needs a number"},
      {{"objective.lambda", ""}, "needs a number"},
      {{"augment.flip_last", "maybe"}, "true or false"},
      {{"data.mean", "0.1,0.2"}, "three numbers"},
      {{"model.projector", "512--512"}, "2048-2048-2048"},
      {{"model.backbone", "resnet19"}, "did you mean 'resnet18'"},
      {{"momentum", "1"}, "optim.momentum"},
      {{"quite.unlike.anything", "1"}, "no such key"},
  };
  for (const auto& [setting, expected] : cases) {
    RunConfig config;
    const auto problems = applySettings({setting}, config);
    ASSERT_EQ(problems.size(), 1u) << setting.key;
    EXPECT_NE(problems[0].message.find(expected), std::string::npos) << problems[0].message;
  }
}

TEST(Describe, EveryKeyIsThereOnceWithLabelAndHelp) {
  std::set<std::string> keys;
  for (const DescribedValue& value : describedValues(RunConfig{})) {
    EXPECT_TRUE(keys.insert(value.info.key).second) << value.info.key;
    EXPECT_FALSE(value.info.label.empty()) << value.info.key;
    EXPECT_TRUE(value.info.help.ends_with(".")) << value.info.key;
    EXPECT_FALSE(value.accepts.empty()) << value.info.key;
  }
  for (const char* key : {"data.source",
                          "augment.a.crop_scale_min",
                          "augment.b.solarize_threshold",
                          "model.projector",
                          "objective.barlow_twins.lambda",
                          "optim.bias_learning_rate",
                          "evaluate.bank",
                          "run.checkpoint_every_steps"}) {
    EXPECT_TRUE(keys.contains(key)) << key;
  }
}

TEST(Differences, NameTheKeysThatDiffer) {
  RunConfig right;
  right.run.epochs = 7;
  const auto all = differences(RunConfig{}, right);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0], (Difference{"run.epochs", "100", "7"}));
}

TEST(Edits, ChangeWhatARunCanTakeOver) {
  RunConfig config;
  EXPECT_EQ(applyEdits({{"optim.base_learning_rate", "0.01"}, {"augment.a.hue", "0.05"}}, config),
            std::vector<Problem>{});
  EXPECT_EQ(config.optim.baseLearningRate, 0.01);
  EXPECT_EQ(config.augment.a.hue, 0.05);
}

TEST(Edits, AreRefusedAllTogether) {
  RunConfig config;
  const RunConfig before = config;
  const auto problems = applyEdits(
      {{"optim.base_learning_rate", "0.01"}, {"model.width", "17"}, {"run.seed", "5"}}, config);
  EXPECT_EQ(keysOf(problems), (std::vector<std::string>{"model.width", "run.seed"}));
  EXPECT_TRUE(config == before);
  EXPECT_EQ(keysOf(applyEdits({{"optim.momentum", "7"}}, config)),
            std::vector<std::string>{"optim.momentum"})
      << "limits count as well";
}

TEST(Config, OlderNamesOfSettingsStillCount) {
  RunConfig config;
  EXPECT_TRUE(applySettings({{"objective.barlow_twins.lambda", "0.25"}}, config).empty());
  EXPECT_EQ(config.objective.barlowTwins.lambda, 0.25);
  EXPECT_TRUE(applyJson(R"({"objective":{"lambda":0.5,"form":"gram"}})", config).empty());
  EXPECT_EQ(config.objective.barlowTwins.lambda, 0.5);
  EXPECT_EQ(config.objective.barlowTwins.form, LossForm::Gram);
  EXPECT_TRUE(canChangeMidRun("objective.lambda"));
  // Files carry both, for scripts that read the older one.
  const auto json = nlohmann::json::parse(toJson(config));
  EXPECT_EQ(json["objective"]["lambda"], 0.5);
  EXPECT_EQ(json["objective"]["barlow_twins"]["lambda"], 0.5);
  RunConfig again;
  EXPECT_TRUE(applyJson(toJson(config), again).empty());
  EXPECT_EQ(again, config);
}

TEST(Config, TwoNamesOfOneSettingMustAgree) {
  RunConfig config;
  const auto problems =
      applyJson(R"({"objective":{"lambda":0.5,"barlow_twins":{"lambda":0.25}}})", config);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].key, "objective.barlow_twins.lambda");
  EXPECT_NE(problems[0].message.find("same setting as objective.lambda"), std::string::npos);
  EXPECT_EQ(config, RunConfig{});
}

TEST(Config, KeysThatNothingReadsAnyMoreAreNoFault) {
  RunConfig config;
  EXPECT_TRUE(applyJson(R"({"run":{"matrix_interval_ms":500,"seed":7}})", config).empty());
  EXPECT_EQ(config.run.seed, 7);
}

TEST(Config, AnObjectiveBringsItsProjectorAlongUnlessTold) {
  RunConfig config;
  EXPECT_TRUE(
      applySettings({{"model.projector_bias", "false"}, {"objective.name", "simclr"}}, config)
          .empty());
  EXPECT_FALSE(config.model.projectorNorm);
  EXPECT_FALSE(config.model.projectorBias) << "what is given beside it counts";
  EXPECT_TRUE(applySettings({{"objective.name", "simsiam"}}, config).empty());
  EXPECT_TRUE(config.model.projectorNorm);
  EXPECT_TRUE(config.model.projectorLastNorm);
  EXPECT_FALSE(config.model.projectorLastAffine);
  config.model.projectorLastNorm = false;
  EXPECT_TRUE(applySettings({{"objective.name", "simsiam"}}, config).empty());
  EXPECT_FALSE(config.model.projectorLastNorm) << "the same one again changes nothing";
}

TEST(Config, OnlyWhatMakesADifferenceIsADifference) {
  RunConfig left;
  RunConfig right = left;
  right.objective.simclr.temperature = 0.5;
  right.optim.larsEta = 0.02;
  EXPECT_EQ(differences(left, right).size(), 1u)
      << "LARS is the optimiser, SimCLR not the objective";
  right.objective.name = ObjectiveName::Simclr;
  EXPECT_EQ(differences(left, right).size(), 3u);
  for (const DescribedValue& value : describedValues(right)) {
    const bool isOfAnother = value.info.key.starts_with("objective.") &&
                             value.info.key != "objective.name" &&
                             !value.info.key.starts_with("objective.simclr.");
    EXPECT_EQ(value.isRelevant && value.info.key.starts_with("objective."),
              value.info.key.starts_with("objective.") && !isOfAnother)
        << value.info.key;
  }
  EXPECT_EQ(nlohmann::json::parse(objectiveJson(right)),
            nlohmann::json::parse(R"({"name":"simclr","temperature":0.5})"));
}

}  // namespace
}  // namespace barlow
