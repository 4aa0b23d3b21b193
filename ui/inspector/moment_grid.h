#pragma once

#include "core/matrix/order.h"
#include "core/matrix/viewport.h"
#include "core/studio/matrix_files.h"
#include "ui/bridge/background_job.h"

#include <QWidget>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

class QGridLayout;
class QLabel;

namespace barlow::ui {

class MatrixCanvas;

/// Indices of `count` of `available` moments, evenly spread, the first and the last among them.
std::vector<std::size_t> spreadOver(std::size_t available, std::size_t count);

/// Small multiples: moments of a run side by side, at one place and in one set of colours. Matrices
/// above 1024 dimensions are kept as the Peak of blocks, so that nine of them fit into memory.
class MomentGrid final : public QWidget {
  Q_OBJECT

 public:
  explicit MomentGrid(QWidget* parent = nullptr);
  ~MomentGrid() override;

  /// Reads side x side moments on a worker; those shown before stay until then.
  void showMoments(const std::filesystem::path& runFolder,
                   const std::vector<EmbeddingSnapshot>& moments,
                   int side,
                   const std::shared_ptr<const Order>& order);
  void clear();
  /// Which matrices, from the next reading on.
  void setKind(MatrixKind kind) { kind_ = kind; }
  /// From the next reading on: a training runs in this program, whose threads come first.
  void setYields(bool yields) { yields_ = yields; }
  void setSettings(const RenderSettings& settings);
  bool isBusy() const { return reading_.isBusy(); }
  const std::vector<MatrixCanvas*>& canvases() const { return canvases_; }

 Q_SIGNALS:
  void momentActivated(std::int64_t step);  // a click into its matrix
  void failed(const QString& sentence);

 private:
  void makeCells(int side);
  void link(MatrixCanvas* from);

  QGridLayout* grid_;
  std::vector<QLabel*> titles_;
  std::vector<MatrixCanvas*> canvases_;
  std::vector<std::int64_t> steps_;
  MatrixKind kind_ = MatrixKind::CrossCorrelation;
  bool yields_ = false;
  RenderSettings settings_;
  BackgroundJob reading_;
};

}  // namespace barlow::ui
