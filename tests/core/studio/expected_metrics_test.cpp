#include "core/studio/expected_metrics.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(ExpectedMetrics, AreThoseOfEveryObjectiveAndNeedNoSoundConfiguration) {
  for (const auto& objective : kEnumNames<ObjectiveName>) {
    const ObjectiveName name = objective.value;
    RunConfig config;
    config.objective.name = name;
    const MetricSchema schema = expectedMetrics(config);
    EXPECT_GE(schema.terms.size(), 2u) << objective.text;
    EXPECT_EQ(termIndex(schema, "mean_diagonal").has_value(), name == ObjectiveName::BarlowTwins);
    config.run.batchSize = 0;
    config.model.projector.clear();
    EXPECT_EQ(expectedMetrics(config).terms.size(), schema.terms.size()) << objective.text;
  }
}

}  // namespace
}  // namespace barlow
