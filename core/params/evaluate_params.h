#pragma once

#include "core/params/param_info.h"

namespace barlow {

/// What is measured during training. The kNN probe: cosine similarity of backbone outputs, votes
/// weighted by exp(s / temperature). The online classifier: see core/step/online_classifier.h.
struct EvaluateParams {
  int everyEpochs = 1;
  int k = 200;
  double temperature = 0.1;
  int bank = 5000;
  int queries = 1000;
  bool onlineLinear = false;
  double onlineRate = 0.1;
  bool operator==(const EvaluateParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"evaluate.every_epochs",
                    "Evaluate every",
                    "epochs",
                    "How often the kNN probe runs; 0 never. It needs labels.",
                    true},
          self.everyEpochs,
          Range<int>{0, 10000, 1});
    visit(ParamInfo{"evaluate.k", "Neighbours", "", "How many nearest images vote.", false},
          self.k,
          Range<int>{1, 100000, 10});
    visit(ParamInfo{"evaluate.temperature",
                    "Temperature",
                    "",
                    "A vote weighs exp(similarity / temperature).",
                    false},
          self.temperature,
          Range<double>{0.001, 100.0, 0.01});
    visit(ParamInfo{"evaluate.bank",
                    "Bank",
                    "images",
                    "Labelled training images to compare with; 0 uses all.",
                    false},
          self.bank,
          Range<int>{0, 100'000'000, 1000});
    visit(ParamInfo{"evaluate.queries",
                    "Queries",
                    "images",
                    "Held-out images that are classified; 0 uses all.",
                    false},
          self.queries,
          Range<int>{0, 100'000'000, 1000});
    visit(
        ParamInfo{"evaluate.online_linear",
                  "Online linear classifier",
                  "",
                  "A linear classifier learns beside the encoder, which feels nothing of it: what "
                  "solo-learn's tables report. It needs labels.",
                  true},
        self.onlineLinear,
        Flag{});
    visit(ParamInfo{"evaluate.online_rate",
                    "Its learning rate",
                    "",
                    "At the peak; it warms up and falls as the encoder's does.",
                    false},
          self.onlineRate,
          Range<double>{0.0001, 100.0, 0.1});
  }
};

}  // namespace barlow
