#pragma once

#include "core/matrix/histogram.h"
#include "core/matrix/statistics.h"

#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

namespace barlow::ui {

/// How many cells have which value, on a logarithmic count. Bins are put together so that each is a
/// few pixels wide; what lies beyond the histogram has a bar of another colour at the end. A click
/// on a bar, or Enter on the one that left and right have marked, tells which bins it stands for.
class CellHistogram final : public QWidget {
  Q_OBJECT

 public:
  CellHistogram(CellPart part, const QString& title, QWidget* parent = nullptr);
  ~CellHistogram() override;
  /// What is said instead of data, from the next data on.
  void setEmptyText(const QString& sentence);

  /// Without bins: nothing to show.
  void setHistogram(const Histogram& histogram);
  void setHelp(const QString& sentence);  // tool tip of the title

  /// Bins first to last of the histogram; -1: below it, bins: above it.
  struct Bar {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::uint64_t count = 0;
    double low = 0;  // values
    double high = 0;
    bool operator==(const Bar&) const = default;
  };
  /// Those that are not empty, from left to right.
  const std::vector<Bar>& bars() const;
  /// The foot of a bar in the plot, for tests.
  QPoint positionOf(const Bar& bar) const;

 Q_SIGNALS:
  void binClicked(barlow::CellPart part, qint64 firstBin, qint64 lastBin);

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
