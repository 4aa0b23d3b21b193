// Issue 18: the weights leave from the window.
#include "ui/dialogs/weight_export_dialog.h"

#include "core/base/error.h"
#include "tests/support/temp_dir.h"
#include "ui/dialogs/ask.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <gtest/gtest.h>

#include <mutex>

namespace barlow::ui {
namespace {

bool waitUntil(const std::function<bool()>& isTrue) { return QTest::qWaitFor(isTrue, 60'000); }

class WeightExportTest : public testing::Test {
 protected:
  void open(const std::filesystem::path& checkpoint = {}) {
    WeightExportDoors doors;
    doors.checkpoints = [](const std::filesystem::path& run) {
      return std::vector<StoredCheckpoint>{{run / "checkpoints/step-20", 20, 2},
                                           {run / "checkpoints/step-10", 10, 1}};
    };
    doors.describe = [this](const ExportRequest& request) { return describe(request); };
    doors.write = [this](const ExportRequest& request) {
      const std::lock_guard lock(mutex);
      written.push_back(request);
      if (!failure.empty()) {
        throw Exception(failure);
      }
      ExportReport report{.file = request.file, .bytes = 2048};
      report.python = "opens " + request.file.string();
      return report;
    };
    dialog = std::make_unique<WeightExportDialog>(
        WeightExportDialog::Subject{
            .model = dir.path(), .name = QStringLiteral("my run"), .checkpoint = checkpoint},
        doors);
    dialog->show();
    ASSERT_TRUE(waitUntil([&] { return !dialog->isBusy(); }));
  }
  ExportReport describe(const ExportRequest& request) {
    const std::lock_guard lock(mutex);
    asked.push_back(request);
    if (request.part == ExportPart::All && !hasProjector) {
      throw Exception("net.pth has no projector.");
    }
    ExportReport report{.file = request.file, .network = "a ResNet-18"};
    report.checkpoint = request.model.filename().string();
    report.isTheirs = request.part != ExportPart::Projector;
    report.takesClassifier = request.part == ExportPart::Backbone;
    report.python = "lines for " + request.file.string();
    report.probe = hasProbe ? "the linear probe of linear-1.json (top-1 80.00 %)" : "";
    return report;
  }
  template <class T>
  T& child(const char* name) {
    auto* found = dialog->findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return *found;
  }
  void settle() {
    ASSERT_TRUE(waitUntil([&] { return !dialog->isBusy(); }));
  }
  ExportRequest last() {
    const std::lock_guard lock(mutex);
    return asked.back();
  }
  void save() {
    QTest::mouseClick(&child<QPushButton>("weightSave"), Qt::LeftButton);
    settle();
  }
  QString python() { return child<QPlainTextEdit>("weightPython").toPlainText(); }

  TempDir dir;
  bool hasProjector = true;
  bool hasProbe = true;
  std::string failure;
  std::mutex mutex;
  std::vector<ExportRequest> asked;
  std::vector<ExportRequest> written;
  std::optional<QString> path;
  QString suggested;
  AnswerDialogs dialogs{{.saveFile = [this](const QString& name) {
    suggested = name;
    return path;
  }}};
  std::unique_ptr<WeightExportDialog> dialog;
};

TEST_F(WeightExportTest, SaysWhatOpensTheFileBeforeAndAfterItIsWritten) {
  open();
  EXPECT_EQ(last().model.filename(), "step-20") << "the newest";
  EXPECT_EQ(python(), QStringLiteral("lines for my-run-backbone.safetensors"));
  QTest::keyClick(&child<QComboBox>("weightFormat"), Qt::Key_Down);
  settle();
  EXPECT_EQ(last().format, WeightFormat::Pth);
  EXPECT_EQ(python(), QStringLiteral("lines for my-run-backbone.pth"));
  QTest::keyClick(&child<QComboBox>("weightNames"), Qt::Key_Down);
  settle();
  EXPECT_EQ(last().names, WeightNames::Timm);
  QTest::mouseClick(&child<QPushButton>("weightCopy"), Qt::LeftButton);
  EXPECT_EQ(QApplication::clipboard()->text(), python());

  path = QString::fromStdString((dir / "net.pth").string());
  save();
  EXPECT_TRUE(suggested.endsWith(QStringLiteral("my-run-backbone.pth")));
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].file, dir / "net.pth");
  EXPECT_EQ(written[0].format, WeightFormat::Pth);
  EXPECT_EQ(python(), QStringLiteral("opens ") + *path);
  EXPECT_TRUE(child<QLabel>("weightOutcome").text().contains(*path));
}

TEST_F(WeightExportTest, AnotherCheckpointIsTakenWhereItWasChosen) {
  open(dir / "checkpoints/step-10");
  EXPECT_EQ(last().model.filename(), "step-10");
  QTest::keyClick(&child<QComboBox>("weightCheckpoint"), Qt::Key_Up);
  settle();
  EXPECT_EQ(last().model.filename(), "step-20");
}

TEST_F(WeightExportTest, TheClassifierComesAlongWithTheBackboneAlone) {
  open();
  auto& classifier = child<QCheckBox>("weightClassifier");
  ASSERT_TRUE(classifier.isEnabled());
  QTest::keyClick(&classifier, Qt::Key_Space);
  settle();
  EXPECT_TRUE(last().hasClassifier);
  QTest::keyClick(&child<QComboBox>("weightPart"), Qt::Key_Down);
  settle();
  EXPECT_FALSE(last().hasClassifier);
  EXPECT_FALSE(classifier.isEnabled());
  EXPECT_FALSE(child<QComboBox>("weightNames").isEnabled()) << "a projector is nobody's";
}

TEST_F(WeightExportTest, WithoutALinearProbeThereIsNoClassifier) {
  hasProbe = false;
  open();
  EXPECT_FALSE(child<QCheckBox>("weightClassifier").isEnabled());
  EXPECT_TRUE(child<QCheckBox>("weightClassifier").text().contains(QStringLiteral("none yet")));
}

TEST_F(WeightExportTest, WhatCannotBeDoneIsSaidAndNothingIsWritten) {
  hasProjector = false;
  open();
  auto& part = child<QComboBox>("weightPart");
  QTest::keyClick(&part, Qt::Key_End);
  settle();
  EXPECT_EQ(child<QLabel>("weightProblem").text(), QStringLiteral("net.pth has no projector."));
  EXPECT_FALSE(child<QPushButton>("weightSave").isEnabled());
  QTest::keyClick(&part, Qt::Key_Home);
  settle();
  EXPECT_FALSE(child<QLabel>("weightProblem").isVisible());
  save();
  EXPECT_TRUE(written.empty()) << "no file was named";
  path = QStringLiteral("/full/net.safetensors");
  failure = "There is no room for /full/net.safetensors.";
  save();
  EXPECT_EQ(child<QLabel>("weightFailure").text(), QString::fromStdString(failure));
  EXPECT_TRUE(child<QPushButton>("weightSave").isEnabled()) << "it can be tried again";
}

}  // namespace
}  // namespace barlow::ui
