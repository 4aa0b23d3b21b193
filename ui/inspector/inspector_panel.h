#pragma once

#include "core/matrix/inspection.h"
#include "core/studio/weight_view.h"
#include "ui/bridge/background_job.h"
#include "ui/inspector/compare_bar.h"
#include "ui/inspector/display_state.h"
#include "ui/inspector/matrix_arranger.h"
#include "ui/inspector/matrix_timeline.h"
#include "ui/inspector/sample_images.h"

#include <QTimer>
#include <QUndoStack>
#include <QWidget>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

class QLabel;
class QProgressBar;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QToolButton;

namespace barlow::ui {

class ColorLimitsBar;
class ComparedNumbers;
class DistributionPanel;
class TopSamplesPanel;
class ElidedLabel;
class ExportDialog;
class MatrixCanvas;
class MatrixFeed;
class MatrixKindChoice;
class MessageBar;
class MomentGrid;
class NumbersPanel;
class OrderPanel;
class PairsPanel;
class RunController;
class DisplayControls;
class WeightNote;

/// The Inspect workspace: a matrix of the run, of one of its moments or of embeddings
/// from files, with everything that can be asked of it. Holds the live view as soon as a person
/// does something to it. Undo takes back orders and colours.
class InspectorPanel final : public QWidget {
  Q_OBJECT

 public:
  InspectorPanel(RunController& run, MatrixFeed& feed, QWidget* parent = nullptr);
  ~InspectorPanel() override;

  /// Two embeddings, one file with both, or one matrix.
  void openFiles(const std::vector<std::filesystem::path>& files);
  /// A network from a file of weights: the matrix of its projector on images of `source`, or, where
  /// it has none, a sentence and the way to Evaluate.
  void openWeights(const std::filesystem::path& file, const std::string& source);
  /// Back from files to the run.
  void showRun();
  /// Nothing that is on screen is still being made.
  bool isBusy() const;
  /// Those of the matrix that is looked at are worked out.
  bool hasNumbers() const;

  MatrixCanvas* canvas() const { return canvas_; }
  MatrixCanvas* secondCanvas() const { return secondCanvas_; }
  MatrixTimeline& timeline() { return *timeline_; }
  MatrixArranger& arranger() { return *arranger_; }
  QUndoStack& undoStack() { return undo_; }
  QTabWidget* tabs() const { return tabs_; }
  /// Applies settings without an undo step.
  void applySettings(const RenderSettings& settings);

 Q_SIGNALS:
  /// This file can be judged by its features, too.
  void weightsOpened(const std::filesystem::path& file, const std::string& source);
  void evaluateRequested();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QWidget* makeHead();
  QWidget* makeCenter();
  QWidget* makeSide();
  void makeActions();
  void connectTime();
  void connectCanvas(MatrixCanvas* canvas);
  void connectSide();
  void connectCompare();

  void beginFiles();
  void onInspection();
  void onShown();
  // Which matrix, and what is kept for each (inspector_kinds.cpp).
  void connectKinds();
  void offerKinds();
  void onKind();
  void takeColours();
  void forgetColours();
  void restoreOrder();
  void showOnPage();
  void showSide();
  void onLayout();
  void showDerivedTitles();
  void showMessage(const QString& sentence);
  // Networks from files (inspector_weights.cpp).
  void showWeights(const WeightFacts& facts);
  void actOnNote();
  void forgetWeights();
  void showNumbers();
  void showHint();
  void follow();  // the run's data and kept view
  void readView();
  void keepViewSoon();
  void keepView();
  void restore(const DisplayState& state);

  // Cells of the matrix as it is against places where they stand now.
  /// -1 where a dimension is out of sight.
  CellIndex placeOf(const CellIndex& cell) const;
  CellIndex cellAt(const CellIndex& place) const;
  /// Of those dimensions that are in sight.
  std::vector<std::int64_t> shownPlaces(const std::vector<std::int32_t>& dimensions) const;
  void goToCell(const CellIndex& cell);
  void selectPair(const CellIndex& cell);
  void markBins(CellPart part, std::int64_t first, std::int64_t last);
  void pushOrder(const ArrangedOrder& order);
  void cutClusters(std::int64_t clusters);
  void chooseFiles(bool asSecond);
  void chooseRun();
  void askCell();
  MatrixKind kindOfSecond() const;
  void readSecond(std::function<std::shared_ptr<const Inspection>(const JobControl&)> make);
  void setSecond(std::shared_ptr<const Inspection> second);
  void completeSecond();
  void giveRoom(bool toPair);
  void openExport();
  // Dimensions chosen by hand.
  void showMenu(MatrixCanvas* canvas, const QPoint& position);
  void onSelection(const QRect& places);
  void askDimensions();
  void bringToTop(const std::vector<std::int32_t>& dimensions);
  void showOnly(const std::vector<std::int32_t>& dimensions);
  void savePairs();
  void loadOrder();
  void linkPlaces(MatrixCanvas* from, MatrixCanvas* to);

  RunController& run_;
  MatrixFeed& feed_;
  MatrixTimeline* timeline_;
  MatrixArranger* arranger_;
  SampleImages* images_;
  std::shared_ptr<const Inspection> second_;
  std::filesystem::path weights_;  // the file whose network is looked at; empty: none
  std::string weightSource_;       // the images it is shown
  std::optional<WeightFacts> weightFacts_;
  QUndoStack undo_;
  std::filesystem::path viewOf_;  // the run whose kept view is applied
  std::optional<DisplayState> restoring_;
  bool isOrderAsked_ = false;                            // that of restoring_
  MatrixKind shownKind_ = MatrixKind::CrossCorrelation;  // what the colours are for
  std::map<MatrixKind, RenderSettings> settingsOf_;      // of this run, of kinds that were seen
  std::optional<DisplayState> unkept_;                   // is being written
  std::shared_ptr<const Inspection> numbersOf_;          // what numbers and pages are of
  std::shared_ptr<const MatrixPyramid> topSamplesOf_;
  std::vector<std::int32_t> chosen_;  // dimensions, by hand

  MatrixKindChoice* kind_;
  ElidedLabel* caption_;
  ElidedLabel* readOut_;
  bool isHint_ = true;  // what stands in it
  ElidedLabel* firstName_;
  ElidedLabel* secondName_;
  MessageBar* message_ = nullptr;
  WeightNote* note_ = nullptr;
  QWidget* secondHalf_ = nullptr;
  QProgressBar* progress_;
  CompareBar* compare_;
  MatrixCanvas* canvas_;
  MatrixCanvas* secondCanvas_;
  MatrixCanvas* active_;  // what the colours apply to where they are not the same
  MomentGrid* grid_;
  QStackedWidget* stage_;
  ColorLimitsBar* bar_;
  NumbersPanel* numbers_;
  ComparedNumbers* compared_;
  DisplayControls* controls_;
  DistributionPanel* distributions_;
  PairsPanel* pairs_;
  TopSamplesPanel* topSamples_;
  OrderPanel* orders_;
  QTabWidget* tabs_;
  QSplitter* splitter_;
  QToolButton* sideButton_;         // shows and hides the splitter's second part
  int spared_ = 0;                  // px that the side gave to two matrices
  ExportDialog* export_ = nullptr;  // made when it is asked for
  QTimer keepTimer_;
  QTimer sideTimer_;  // these two: parts of what is shown, each in an event of its own
  QTimer pageTimer_;
  BackgroundJob readingSecond_;
  BackgroundJob completingSecond_;
  BackgroundJob describing_;  // a file of weights
  BackgroundJob marking_;
  BackgroundJob tabling_;  // of clusters
  BackgroundJob keeping_;  // of the view
  BackgroundJob readingView_;
  BackgroundJob savingPairs_;
  BackgroundJob loadingOrder_;
};

}  // namespace barlow::ui
