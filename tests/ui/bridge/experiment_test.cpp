#include "ui/bridge/experiment.h"

#include "core/params/presets.h"

#include <QSignalSpy>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

TEST(Experiment, BeginsWithTheQuickStart) {
  const Experiment experiment;
  EXPECT_EQ(experiment.baseName(), QStringLiteral("quick-shapes"));
  EXPECT_TRUE(experiment.config() == experiment.base());
  EXPECT_TRUE(experiment.problems().empty());
}

TEST(Experiment, TellsOfEditsOnceAndOnlyOfEdits) {
  Experiment experiment;
  const QSignalSpy changed(&experiment, &Experiment::changed);
  const QSignalSpy source(&experiment, &Experiment::sourceChanged);
  experiment.setConfig(experiment.config());
  EXPECT_EQ(changed.count(), 0);
  RunConfig config = experiment.config();
  config.run.epochs += 1;
  experiment.setConfig(config);
  EXPECT_EQ(changed.count(), 1);
  EXPECT_EQ(source.count(), 0);
  EXPECT_FALSE(experiment.config() == experiment.base());
}

TEST(Experiment, AnotherSourceBringsItsPreset) {
  Experiment experiment;
  const QSignalSpy source(&experiment, &Experiment::sourceChanged);
  experiment.setSource("cifar10:/data", true);
  EXPECT_EQ(source.count(), 1);
  EXPECT_EQ(experiment.config().data.source, "cifar10:/data");
  EXPECT_EQ(experiment.baseName().toStdString(), presetForSource("cifar10:/data").name);
  EXPECT_EQ(experiment.base().data.source, "cifar10:/data")
      << "the source is no change of the preset";
  const int epochs = experiment.config().run.epochs;
  experiment.setSource("cifar10:/other", false);
  EXPECT_EQ(experiment.config().data.source, "cifar10:/other");
  EXPECT_EQ(experiment.config().run.epochs, epochs);
}

TEST(Experiment, RefusesADeviceThatThisMachineLacks) {
  Experiment experiment;
  RunConfig config = experiment.config();
  config.run.device = "cpu";
  experiment.setConfig(config);
  EXPECT_TRUE(experiment.problems().empty());
  config.run.device = "cuda:99";
  experiment.setConfig(config);
  ASSERT_EQ(experiment.problems().size(), 1u);
  EXPECT_EQ(experiment.problems().front().key, "run.device");
  EXPECT_NE(experiment.problems().front().message.find("cuda:99"), std::string::npos);
}

TEST(Experiment, ListsWhatIsWrong) {
  Experiment experiment;
  RunConfig config = experiment.config();
  config.run.batchSize = 1;
  experiment.setConfig(config);
  ASSERT_FALSE(experiment.problems().empty());
  EXPECT_EQ(experiment.problems().front().key, "run.batch_size");
}

}  // namespace
}  // namespace barlow::ui
