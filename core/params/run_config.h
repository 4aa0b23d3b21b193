#pragma once

#include "core/params/augment_params.h"
#include "core/params/data_params.h"
#include "core/params/evaluate_params.h"
#include "core/params/model_params.h"
#include "core/params/objective_params.h"
#include "core/params/optim_params.h"
#include "core/params/run_params.h"

namespace barlow {

/// Everything that defines a run. A plain value: copied into the training thread at start.
/// describe() visits every field once; JSON, command line, validation, comparison and forms are
/// visitors.
struct RunConfig {
  DataParams data;
  AugmentParams augment;
  ModelParams model;
  ObjectiveParams objective;
  OptimParams optim;
  EvaluateParams evaluate;
  RunParams run;
  bool operator==(const RunConfig&) const = default;

  template <class Self, class Visitor>  // Self: RunConfig or const RunConfig
  static void describe(Self& self, Visitor&& visit) {
    DataParams::describe(self.data, visit);
    AugmentParams::describe(self.augment, visit);
    ModelParams::describe(self.model, visit);
    ObjectiveParams::describe(self.objective, visit);
    OptimParams::describe(self.optim, visit);
    EvaluateParams::describe(self.evaluate, visit);
    RunParams::describe(self.run, visit);
  }
};

}  // namespace barlow
