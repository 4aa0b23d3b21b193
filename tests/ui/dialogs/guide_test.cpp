#include "ui/dialogs/guide.h"

#include "ui/dialogs/guide_pictures.h"

#include <QDialog>
#include <QPointer>
#include <QTextBrowser>
#include <QWidget>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

TEST(Guide, EveryNumberHasAPictureAndWhatToDo) {
  QWidget window;
  showGuide(&window);
  auto* text = window.findChild<QTextBrowser*>(QStringLiteral("guideText"));
  ASSERT_NE(text, nullptr);
  const QString html = text->toHtml();
  const QPalette palette;
  for (const QString& section : guideSections()) {
    EXPECT_TRUE(html.contains(QStringLiteral("name=\"%1\"").arg(section)) ||
                html.contains(QStringLiteral("id=\"%1\"").arg(section)))
        << qPrintable(section);
    if (section != QStringLiteral("words") && section != QStringLiteral("matrices") &&
        section != QStringLiteral("evaluation") &&
        !section.startsWith(QStringLiteral("objective"))) {
      EXPECT_FALSE(guidePicture(section, palette).isNull()) << qPrintable(section);
    }
  }
  EXPECT_GE(text->toPlainText().count(QStringLiteral("What to do:")), 6);
}

TEST(Guide, TellsWhatEveryMatrixShows) {
  QWidget window;
  showGuide(&window, QStringLiteral("matrices"));
  const QString shown = window.findChild<QTextBrowser*>(QStringLiteral("guideText"))->toPlainText();
  for (const char* words : {"Similarity of images.", "the cosine of image n in view A"}) {
    EXPECT_TRUE(shown.contains(QString::fromUtf8(words))) << words;
  }
}

TEST(Guide, IsOneWindowThatOpensAtTheNumberAskedFor) {
  QWidget window;
  showGuide(&window, QStringLiteral("loss"));
  const auto* text = window.findChild<QTextBrowser*>(QStringLiteral("guideText"));
  showGuide(&window, QStringLiteral("rank"));
  EXPECT_EQ(window.findChildren<QDialog*>(QStringLiteral("guide")).size(), 1);
  EXPECT_EQ(window.findChild<QTextBrowser*>(QStringLiteral("guideText")), text);
}

// Issue 17: what another objective measures is told in its own words.
TEST(Guide, TellsOfTheObjectiveAtHand) {
  QWidget window;
  showGuide(&window);
  const auto* text = window.findChild<QTextBrowser*>(QStringLiteral("guideText"));
  EXPECT_TRUE(text->toPlainText().contains(QStringLiteral("This run's objective: Barlow Twins")));
  GuideSubject subject{.objective = ObjectiveName::Vicreg};
  subject.schema.loss.help = "What VICReg adds up.";
  subject.schema.terms = {{.key = "variance",
                           .label = "Variance <b>",
                           .help = "Keeps every dimension alive.",
                           .isCard = true,
                           .range = {.reference = 0.25},
                           .hints = {.good = "good: below {}"}}};
  showGuide(&window, QStringLiteral("variance"), subject);
  const QString shown = text->toPlainText();
  for (const char* words : {"This run's objective: VICReg",
                            "What VICReg adds up.",
                            "Variance <b>",
                            "Keeps every dimension alive.",
                            "good: below 0.25"}) {
    EXPECT_TRUE(shown.contains(QString::fromUtf8(words))) << words;
  }
  EXPECT_FALSE(shown.contains(QStringLiteral("How far the matrix is from the wanted one")));
  for (const auto& objective : kEnumNames<ObjectiveName>) {
    EXPECT_TRUE(shown.contains(
        QString::fromUtf8(ObjectiveParams{.name = objective.value}.info().paper.data())))
        << objective.text;
  }
}

}  // namespace
}  // namespace barlow::ui
