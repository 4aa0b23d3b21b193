#include "ui/inspector/moment_grid.h"

#include "core/matrix/derive.h"
#include "ui/plots/matrix_canvas.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <cstring>
#include <utility>

namespace barlow::ui {
namespace {

constexpr std::int64_t kMostSide = 1024;

// The Peak of blocks as a matrix of its own, or the matrix where it is small.
std::shared_ptr<const MatrixPyramid> small(std::shared_ptr<const MatrixPyramid> pyramid,
                                           const JobControl& control) {
  int level = 0;
  while (pyramid && pyramid->rows(level) > kMostSide) {
    ++level;
  }
  if (level == 0 || !pyramid) {
    return pyramid;
  }
  const std::int64_t rows = pyramid->rows(level);
  const std::int64_t columns = pyramid->columns(level);
  const auto values = uninitializedFloats(rows * columns);
  for (std::int64_t i = 0; i < rows; ++i) {
    std::memcpy(values.get() + i * columns,
                pyramid->peakRow(level, i),
                static_cast<std::size_t>(columns) * sizeof(float));
  }
  return MatrixPyramid::build(Matrix(rows, columns, values, pyramid->matrix().origin()), control);
}

using Pictures = std::vector<std::shared_ptr<const MatrixPyramid>>;

// Empty after a stop.
Pictures readPictures(const std::filesystem::path& runFolder,
                      const std::vector<EmbeddingSnapshot>& moments,
                      MatrixKind kind,
                      const std::shared_ptr<const Order>& order,
                      const JobControl& control) {
  Pictures pictures;
  for (const EmbeddingSnapshot& moment : moments) {
    const auto inspection = pictureOf(readSnapshot(runFolder, moment), kind, control);
    if (!inspection) {
      return {};
    }
    auto pyramid = inspection->pyramid;
    if (order && isOrderOf(*order, pyramid->matrix().rows())) {
      auto moved = arranged(pyramid->matrix(), *order, *order, control);
      pyramid = moved ? MatrixPyramid::build(std::move(*moved), control) : nullptr;
    }
    pictures.push_back(small(std::move(pyramid), control));
    if (!pictures.back()) {
      return {};
    }
  }
  return pictures;
}

}  // namespace

std::vector<std::size_t> spreadOver(std::size_t available, std::size_t count) {
  std::vector<std::size_t> indices;
  const std::size_t used = std::min(available, count);
  for (std::size_t i = 0; i < used; ++i) {
    indices.push_back(used == 1 ? available - 1
                                : (i * (available - 1) + (used - 1) / 2) / (used - 1));
  }
  return indices;
}

MomentGrid::MomentGrid(QWidget* parent) : QWidget(parent), grid_(new QGridLayout(this)) {
  setObjectName(QStringLiteral("momentGrid"));
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(kGap);
}

MomentGrid::~MomentGrid() = default;

void MomentGrid::makeCells(int side) {
  const auto cells = static_cast<std::size_t>(side * side);
  if (canvases_.size() == cells) {
    return;
  }
  qDeleteAll(canvases_);
  qDeleteAll(titles_);
  canvases_.clear();
  titles_.clear();
  for (int i = 0; i < side * side; ++i) {
    auto* title = makeLabel({}, TextRole::Quiet, this);
    auto* canvas = new MatrixCanvas(this);
    canvas->setObjectName(QStringLiteral("moment%1").arg(i));
    canvas->setMinimumSize(90, 90);
    canvas->setShowsProfiles(false);
    canvas->setShowsMiniMap(false);
    canvas->setSettings(settings_);
    canvas->setEmptyText({});
    connect(canvas, &MatrixCanvas::placeChanged, this, [this, canvas] { link(canvas); });
    connect(canvas, &MatrixCanvas::cellActivated, this, [this, i] {
      if (static_cast<std::size_t>(i) < steps_.size()) {
        Q_EMIT momentActivated(steps_[static_cast<std::size_t>(i)]);
      }
    });
    grid_->addWidget(title, 2 * (i / side), i % side);
    grid_->addWidget(canvas, 2 * (i / side) + 1, i % side);
    grid_->setRowStretch(2 * (i / side) + 1, 1);
    grid_->setColumnStretch(i % side, 1);
    titles_.push_back(title);
    canvases_.push_back(canvas);
  }
}

void MomentGrid::link(MatrixCanvas* from) {
  for (MatrixCanvas* canvas : canvases_) {
    if (canvas != from) {
      canvas->setPlace(from->place());
    }
  }
}

void MomentGrid::showMoments(const std::filesystem::path& runFolder,
                             const std::vector<EmbeddingSnapshot>& moments,
                             int side,
                             const std::shared_ptr<const Order>& order) {
  makeCells(side);
  std::vector<EmbeddingSnapshot> chosen;
  for (const std::size_t index : spreadOver(moments.size(), canvases_.size())) {
    chosen.push_back(moments[index]);
  }
  reading_.run(
      [runFolder, chosen, kind = kind_, order, yields = yields_](std::stop_token stop) {
        return readPictures(runFolder,
                            chosen,
                            kind,
                            order,
                            {.stop = std::move(stop), .progress = {}, .yields = yields});
      },
      [this, chosen, order](JobResult<Pictures> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          Q_EMIT failed(QString::fromStdString(error->message));
          return;
        }
        const auto& pictures = std::get<Pictures>(result);
        steps_.clear();
        for (std::size_t i = 0; i < canvases_.size(); ++i) {
          const bool has = i < pictures.size();
          canvases_[i]->setMatrix(has ? pictures[i] : nullptr);
          // Blocks of a large matrix have no single dimension to name.
          const bool isNamed = has && order && isOrderOf(*order, pictures[i]->matrix().rows());
          canvases_[i]->setOrder(isNamed ? order : nullptr);
          titles_[i]->setText(has ? tr("step %1").arg(chosen[i].step) : QString());
          if (has) {
            steps_.push_back(chosen[i].step);
          }
        }
      });
}

void MomentGrid::clear() {
  reading_.cancel();
  for (std::size_t i = 0; i < canvases_.size(); ++i) {
    canvases_[i]->setMatrix(nullptr);
    titles_[i]->clear();
  }
}

void MomentGrid::setSettings(const RenderSettings& settings) {
  settings_ = settings;
  for (MatrixCanvas* canvas : canvases_) {
    canvas->setSettings(settings);
  }
}

}  // namespace barlow::ui
