#pragma once

#include "core/params/param_info.h"

#include <array>

namespace barlow {

enum class OptimizerName { Lars, Sgd, Adam, AdamW };
template <>
inline constexpr std::array<EnumName<OptimizerName>, 4> kEnumNames<OptimizerName> = {{
    {OptimizerName::Lars, "lars", "LARS"},
    {OptimizerName::Sgd, "sgd", "SGD with momentum"},
    {OptimizerName::Adam, "adam", "Adam"},
    {OptimizerName::AdamW, "adamw", "AdamW"},
}};

enum class Schedule { Cosine, Constant };
template <>
inline constexpr std::array<EnumName<Schedule>, 2> kEnumNames<Schedule> = {{
    {Schedule::Cosine, "cosine", "Warm-up, then cosine"},
    {Schedule::Constant, "constant", "Warm-up, then constant"},
}};

/// How the weights move. Defaults: the reference's (main.py).
struct OptimParams {
  OptimizerName name = OptimizerName::Lars;
  double baseLearningRate = 0.2;
  double biasLearningRate = 0.0048;
  Schedule schedule = Schedule::Cosine;
  double finalFactor = 0.001;
  int warmupEpochs = 10;
  double weightDecay = 1e-6;
  double momentum = 0.9;
  double larsEta = 0.001;
  bool larsClip = false;
  double clipNorm = 0;
  bool operator==(const OptimParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(
        ParamInfo{
            "optim.name", "Optimiser", "", "The rule that turns gradients into updates.", true}
            .atStart(),
        self.name,
        Choice{});
    visit(ParamInfo{"optim.base_learning_rate",
                    "Base learning rate",
                    "per 256 images",
                    "Scaled linearly with the batch size.",
                    true},
          self.baseLearningRate,
          Range<double>{0.0, 100.0, 0.01});
    visit(ParamInfo{"optim.bias_learning_rate",
                    "Bias learning rate",
                    "per 256 images",
                    "For one-dimensional parameters (biases, BatchNorm); LARS only.",
                    false}
              .where("optim.name", "lars"),
          self.biasLearningRate,
          Range<double>{0.0, 100.0, 0.0001});
    visit(ParamInfo{"optim.schedule",
                    "Schedule",
                    "",
                    "How the learning rate changes after the warm-up.",
                    true},
          self.schedule,
          Choice{});
    visit(ParamInfo{"optim.final_factor",
                    "Final factor",
                    "of the peak",
                    "The cosine schedule ends at this share of the peak.",
                    false}
              .where("optim.schedule", "cosine"),
          self.finalFactor,
          Range<double>{0.0, 1.0, 0.001});
    visit(ParamInfo{"optim.warmup_epochs", "Warm-up", "epochs", "Linear ramp from zero.", true},
          self.warmupEpochs,
          Range<int>{0, 1000, 1});
    visit(
        ParamInfo{"optim.weight_decay",
                  "Weight decay",
                  "",
                  "Pull of the weights towards zero; LARS leaves one-dimensional parameters alone.",
                  true},
        self.weightDecay,
        Range<double>{0.0, 1.0, 1e-6});
    visit(ParamInfo{"optim.momentum",
                    "Momentum",
                    "",
                    "Share of the last update that is kept (LARS, SGD).",
                    false}
              .where("optim.name", "lars sgd"),
          self.momentum,
          Range<double>{0.0, 0.9999, 0.01});
    visit(ParamInfo{"optim.lars_eta",
                    "LARS trust coefficient",
                    "",
                    "Length of an update in relation to the weights' length.",
                    false}
              .where("optim.name", "lars"),
          self.larsEta,
          Range<double>{0.0, 1.0, 0.001});
    visit(ParamInfo{"optim.lars_clip",
                    "LARS clip",
                    "",
                    "Never move a weight further than SGD would (solo-learn's CIFAR rows, with a "
                    "trust coefficient of 0.02).",
                    false}
              .where("optim.name", "lars"),
          self.larsClip,
          Flag{});
    visit(
        ParamInfo{"optim.clip_norm",
                  "Clip gradients to",
                  "length",
                  "Shortens the gradient of all weights together to this length; 0 leaves it as it "
                  "is (the reference).",
                  false},
        self.clipNorm,
        Range<double>{0.0, 1e6, 1.0});
  }
};

}  // namespace barlow
