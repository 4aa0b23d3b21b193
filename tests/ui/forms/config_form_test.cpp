#include "ui/forms/config_form.h"

#include "core/params/config_io.h"
#include "core/params/presets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QScrollArea>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <gtest/gtest.h>

#include <array>
#include <set>

namespace barlow::ui {
namespace {

const QStringList kAll = {QStringLiteral("data."),
                          QStringLiteral("augment."),
                          QStringLiteral("augment.a."),
                          QStringLiteral("augment.b."),
                          QStringLiteral("augment.small."),
                          QStringLiteral("model."),
                          QStringLiteral("objective."),
                          QStringLiteral("optim."),
                          QStringLiteral("evaluate."),
                          QStringLiteral("run.")};

class ConfigFormTest : public testing::Test {
 protected:
  template <class T>
  T* control(const char* key) {
    auto* found = qobject_cast<T*>(form.control(QString::fromLatin1(key)));
    EXPECT_NE(found, nullptr) << key;
    return found;
  }
  void type(const char* key, const char* text) {
    auto* line = control<QLineEdit>(key);
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QString::fromLatin1(text));
    QTest::keyClick(line, Qt::Key_Return);
  }
  QToolButton* resetOf(const char* key) {
    return form.findChild<QToolButton*>(QStringLiteral("reset ") + QString::fromLatin1(key));
  }
  bool isProblemShown(const QString& part) {
    for (const QLabel* label : form.findChildren<QLabel*>()) {
      if (label->isVisibleTo(&form) && label->text().contains(part)) {
        return true;
      }
    }
    return false;
  }
  void applyTo(const std::vector<Setting>& settings) {
    RunConfig config = experiment.config();
    EXPECT_TRUE(applySettings(settings, config).empty());
    experiment.setConfig(config);
  }
  Experiment experiment;
  ConfigForm form{experiment, kAll};
};

TEST_F(ConfigFormTest, HasEveryDescribedKeyOnceWithANameAndHelp) {
  std::multiset<std::string> keys;
  for (const QString& key : form.keys()) {
    keys.insert(key.toStdString());
    EXPECT_FALSE(form.control(key)->accessibleName().isEmpty()) << key.toStdString();
    EXPECT_FALSE(form.control(key)->accessibleDescription().isEmpty()) << key.toStdString();
    EXPECT_NE(form.control(key)->focusPolicy() & Qt::TabFocus, 0) << key.toStdString();
  }
  for (const DescribedValue& value : describedValues(experiment.config())) {
    EXPECT_EQ(keys.count(value.info.key), 1u) << value.info.key;
  }
}

TEST_F(ConfigFormTest, EveryKindOfControlEditsTheConfiguration) {
  control<QSpinBox>("run.epochs")->setValue(33);
  EXPECT_EQ(experiment.config().run.epochs, 33);
  type("optim.weight_decay", "1e-6");
  EXPECT_EQ(experiment.config().optim.weightDecay, 1e-6);
  EXPECT_EQ(control<QLineEdit>("optim.weight_decay")->text(), QStringLiteral("1e-06"));
  type("run.seed", "12345678901");
  EXPECT_EQ(experiment.config().run.seed, 12345678901);
  type("model.projector", "64-32");
  EXPECT_EQ(experiment.config().model.projector, (std::vector<int>{64, 32}));
  auto* optimiser = control<QComboBox>("optim.name");
  optimiser->setCurrentIndex(optimiser->findData(QStringLiteral("sgd")));
  Q_EMIT optimiser->activated(optimiser->currentIndex());
  EXPECT_EQ(experiment.config().optim.name, OptimizerName::Sgd);
}

TEST_F(ConfigFormTest, FollowsEditsFromElsewhere) {
  RunConfig config = experiment.config();
  config.run.epochs = 7;
  config.optim.baseLearningRate = 0.125;
  config.optim.name = OptimizerName::Lars;
  experiment.setConfig(config);
  EXPECT_EQ(control<QSpinBox>("run.epochs")->value(), 7);
  EXPECT_EQ(control<QLineEdit>("optim.base_learning_rate")->text(), QStringLiteral("0.125"));
  EXPECT_EQ(control<QComboBox>("optim.name")->currentData().toString(), QStringLiteral("lars"));
}

TEST_F(ConfigFormTest, MarksWhatChangedAndResetsIt) {
  const int before = experiment.config().run.epochs;
  EXPECT_TRUE(resetOf("run.epochs")->isHidden());
  control<QSpinBox>("run.epochs")->setValue(before + 5);
  EXPECT_FALSE(resetOf("run.epochs")->isHidden());
  resetOf("run.epochs")->click();
  EXPECT_EQ(experiment.config().run.epochs, before);
  EXPECT_TRUE(experiment.config() == experiment.base());
  EXPECT_TRUE(resetOf("run.epochs")->isHidden());
}

TEST_F(ConfigFormTest, ExplainsInPlaceWhatCannotBe) {
  type("optim.base_learning_rate", "fast");
  EXPECT_EQ(experiment.config().optim.baseLearningRate, experiment.base().optim.baseLearningRate);
  EXPECT_TRUE(isProblemShown(QStringLiteral("⚠")));
  EXPECT_EQ(control<QLineEdit>("optim.base_learning_rate")->text(), QStringLiteral("fast"))
      << "it can be mended";
  resetOf("optim.base_learning_rate")->click();
  EXPECT_FALSE(isProblemShown(QStringLiteral("⚠")));

  control<QSpinBox>("run.batch_size")->setValue(1);
  EXPECT_FALSE(experiment.problems().empty());
  EXPECT_TRUE(isProblemShown(QStringLiteral("⚠")));
}

TEST_F(ConfigFormTest, ARecipeBringsItsBranches) {
  auto* recipe = control<QComboBox>("augment.recipe");
  recipe->setCurrentIndex(recipe->findData(QStringLiteral("none")));
  Q_EMIT recipe->activated(recipe->currentIndex());
  EXPECT_EQ(experiment.config().augment.a.flipProbability, 0.0);
  EXPECT_EQ(control<QLineEdit>("augment.a.flip_probability")->text(), QStringLiteral("0"));
}

TEST_F(ConfigFormTest, ArrowKeysStepNumbers) {
  auto* line = control<QLineEdit>("augment.a.hue");
  const double before = experiment.config().augment.a.hue;
  QTest::keyClick(line, Qt::Key_Up);
  EXPECT_GT(experiment.config().augment.a.hue, before);
  QTest::keyClick(line, Qt::Key_Down);
  EXPECT_NEAR(experiment.config().augment.a.hue, before, 1e-9);
}

TEST_F(ConfigFormTest, TheWheelChangesNothingWithoutFocus) {
  auto* box = control<QSpinBox>("run.epochs");
  const int before = box->value();
  const QPointF at(5, 5);
  QWheelEvent wheel(at,
                    box->mapToGlobal(at),
                    {},
                    {0, 120},
                    Qt::NoButton,
                    Qt::NoModifier,
                    Qt::NoScrollPhase,
                    false);
  QCoreApplication::sendEvent(box, &wheel);
  EXPECT_EQ(box->value(), before);
}

TEST_F(ConfigFormTest, MoreShowsTheRest) {
  form.show();
  EXPECT_FALSE(form.isMoreShown());
  EXPECT_FALSE(form.control(QStringLiteral("run.threads"))->isVisible());
  EXPECT_TRUE(form.control(QStringLiteral("run.epochs"))->isVisible());
  form.findChild<QToolButton*>(QStringLiteral("moreSettings"))->click();
  EXPECT_TRUE(form.control(QStringLiteral("run.threads"))->isVisible());
}

// Issue 16: the comma of many keyboards.
TEST_F(ConfigFormTest, CommaAndPointAreTheDecimalPointInEveryLocale) {
  for (const QLocale::Language language : {QLocale::English, QLocale::German, QLocale::French}) {
    const QLocale before;
    QLocale::setDefault(QLocale(language));
    ConfigForm own{experiment, kAll};
    const auto typeInto = [&](const char* key, const char* text) {
      auto* line = qobject_cast<QLineEdit*>(own.control(QString::fromLatin1(key)));
      line->selectAll();
      QTest::keyClicks(line, QString::fromLatin1(text));
      QTest::keyClick(line, Qt::Key_Return);
    };
    typeInto("optim.weight_decay", "0,05");
    EXPECT_EQ(experiment.config().optim.weightDecay, 0.05);
    typeInto("optim.weight_decay", "0.07");
    EXPECT_EQ(experiment.config().optim.weightDecay, 0.07);
    typeInto("optim.weight_decay", "1,5e-3");
    EXPECT_EQ(experiment.config().optim.weightDecay, 1.5e-3);
    typeInto("optim.weight_decay", "1.000,5");
    EXPECT_EQ(experiment.config().optim.weightDecay, 1.5e-3) << "not a number";
    typeInto("data.mean", "0.4, 0.5, 0.6");
    EXPECT_EQ(experiment.config().data.mean, (std::array{0.4, 0.5, 0.6}));
    typeInto("data.mean", "0,1; 0,2; 0,3");
    EXPECT_EQ(experiment.config().data.mean, (std::array{0.1, 0.2, 0.3}));
    auto* epochs = qobject_cast<QSpinBox*>(own.control(QStringLiteral("run.epochs")));
    for (const char* text : {"1,5", "1.5", "2.000", "2,000"}) {
      epochs->setValue(7);
      epochs->selectAll();
      QTest::keyClicks(epochs, QString::fromLatin1(text));
      QTest::keyClick(epochs, Qt::Key_Return);
      EXPECT_EQ(experiment.config().run.epochs, 7) << text;
    }
    QLocale::setDefault(before);
  }
}

TEST_F(ConfigFormTest, ArrowsLeaveATextThatIsNoNumberAlone) {
  auto* line = control<QLineEdit>("optim.weight_decay");
  line->setText(QStringLiteral("abc"));
  QTest::keyClick(line, Qt::Key_Up);
  EXPECT_EQ(line->text(), QStringLiteral("abc"));
}

// Issue 16, F18: settings that did nothing while a run went on could be changed without a word.
TEST_F(ConfigFormTest, WhatARunCannotChangeIsDisabledAndSaysWhy) {
  form.setRunning(true);
  for (const QString& key : form.keys()) {
    const QWidget* field = form.control(key);
    EXPECT_EQ(field->isEnabled(), canChangeMidRun(key.toStdString())) << qPrintable(key);
    EXPECT_EQ(field->toolTip().contains(QStringLiteral("Fixed while a run goes on")),
              !field->isEnabled())
        << qPrintable(key);
  }
  form.setRunning(false);
  for (const QString& key : form.keys()) {
    EXPECT_TRUE(form.control(key)->isEnabled()) << qPrintable(key);
  }
}

TEST_F(ConfigFormTest, TheDeviceIsAChoiceOfWhatIsHere) {
  auto* device = control<QComboBox>("run.device");
  EXPECT_GE(device->findData(QStringLiteral("auto")), 0);
  EXPECT_GE(device->findData(QStringLiteral("cpu")), 0);
  EXPECT_LT(device->findData(QStringLiteral("cuda:99")), 0);
  RunConfig config = experiment.config();
  config.run.device = "cuda:99";  // from a file
  experiment.setConfig(config);
  EXPECT_EQ(device->currentData().toString(), QStringLiteral("cuda:99"));
}

TEST_F(ConfigFormTest, ShowsOnlyWhatTheChosenObjectiveAndOptimiserUse) {
  form.setMoreShown(true);
  form.show();
  const auto isShown = [&](const char* key) {
    return form.control(QLatin1String(key))->isVisible();
  };
  applyTo({{"objective.name", "barlow_twins"}, {"optim.name", "lars"}});
  EXPECT_TRUE(isShown("objective.barlow_twins.lambda"));
  EXPECT_TRUE(isShown("optim.lars_eta"));
  EXPECT_FALSE(isShown("objective.simclr.temperature"));
  applyTo({{"objective.name", "simclr"}, {"optim.name", "adamw"}});
  EXPECT_FALSE(isShown("objective.barlow_twins.lambda"));
  EXPECT_FALSE(isShown("optim.lars_eta"));
  EXPECT_TRUE(isShown("objective.simclr.temperature"));
}

TEST(FieldName, IsTheFormsAndNotTheKey) {
  const QString name = fieldName("objective.lambda");
  EXPECT_TRUE(name.startsWith(QStringLiteral("Objective: "))) << qPrintable(name);
  EXPECT_FALSE(name.contains(QStringLiteral("objective.")));
  EXPECT_EQ(fieldName("no.such"), QStringLiteral("no.such"));
}

}  // namespace
}  // namespace barlow::ui
