#include "ui/inspector/display_state.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow::ui {
namespace {

DisplayState unusual() {
  DisplayState state;
  state.kind = MatrixKind::SampleSimilarity;
  state.settings.reduction = Reduction::Rms;
  state.settings.transform = ValueTransform::LossContribution;
  state.settings.diagonal = DiagonalStyle::Hidden;
  state.settings.coarsestLevel = 3;
  state.settings.color.map = ColorMapName::BlueGold;
  state.settings.color.isReversed = true;
  state.settings.color.low = -0.25f;
  state.settings.color.high = 0.75f;
  state.settings.color.scale = ScaleKind::Gamma;
  state.settings.color.linearThreshold = 0.5f;
  state.settings.color.gamma = 0.25f;
  state.order = {.kind = OrderKind::OneRow, .row = 17};
  state.place = MatrixPlace{.row = 12.5, .column = 3.25, .cellsPerPixel = 0.125};
  return state;
}

void expectEqual(const DisplayState& a, const DisplayState& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_TRUE(a.settings == b.settings);
  EXPECT_TRUE(a.order == b.order);
  EXPECT_TRUE(a.place == b.place);
}

TEST(DisplayState, GoesThroughAFile) {
  const TempDir dir;
  EXPECT_FALSE(readViewState(dir.path()));
  writeViewState(dir.path(), unusual());
  const auto read = readViewState(dir.path());
  ASSERT_TRUE(read);
  expectEqual(*read, unusual());
  expectEqual(*displayStateFromJson(toJson(DisplayState{})), DisplayState{});
}

// Issue 16: a matrix that nobody zoomed came back as large as the window was before.
TEST(DisplayState, AllOfTheMatrixIsNoPlace) {
  DisplayState state;
  state.place = MatrixPlace{.row = 64, .column = 64, .cellsPerPixel = 0.25, .isAll = true};
  EXPECT_FALSE(displayStateFromJson(toJson(state))->place);
  const auto older = displayStateFromJson(
      R"({"format": 1, "place": {"row": 64, "column": 64, "cells_per_pixel": 0.25}})");
  ASSERT_TRUE(older);
  EXPECT_FALSE(older->place) << "written before all and zoomed were told apart";
}

TEST(DisplayState, OfOlderVersionsIsOfTheCrossCorrelation) {
  EXPECT_EQ(displayStateFromJson("{\"format\": 1}")->kind, MatrixKind::CrossCorrelation);
  EXPECT_EQ(displayStateFromJson("{\"format\": 1, \"matrix\": \"of_tomorrow\"}")->kind,
            MatrixKind::CrossCorrelation);
}

TEST(DisplayState, TakesNoHarmFromHostileFiles) {
  EXPECT_FALSE(displayStateFromJson("{"));
  EXPECT_FALSE(displayStateFromJson("[]"));
  EXPECT_FALSE(displayStateFromJson("{\"format\": 2}"));
  const auto odd = displayStateFromJson(
      "{\"format\": 1, \"reduction\": 7, \"show\": \"nothing\", \"coarsest_level\": 99, \"color\": "
      "{\"low\": 2, \"high\": 1, \"gamma\": -3}, \"order\": \"saved\", \"order_row\": -4, "
      "\"place\": "
      "{\"cells_per_pixel\": 0}}");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->settings.reduction, Reduction::Peak);
  EXPECT_TRUE(odd->settings.color == ColorSettings{}) << "limits in the wrong order";
  EXPECT_EQ(odd->settings.coarsestLevel, 14);
  EXPECT_TRUE(odd->order == OrderRequest{});
  EXPECT_FALSE(odd->place);
}

TEST(DisplayState, IsLostQuietlyWhereItCannotBeWritten) {
  const TempDir dir;
  writeViewState(dir / "missing", unusual());
  EXPECT_FALSE(readViewState(dir / "missing"));
}

}  // namespace
}  // namespace barlow::ui
