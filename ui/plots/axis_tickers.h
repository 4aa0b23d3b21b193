#pragma once

#include <qcustomplot.h>

namespace barlow::ui {

/// Whole steps only, at 1, 2, 5, 10, ..., and no more than there is room for.
class StepTicker final : public QCPAxisTicker {
 public:
  void setMost(double most) { most_ = most; }

 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }

 private:
  double most_ = 10;
};

/// 1, 2, 5 within a decade while few decades are in sight, else powers of ten.
class LogTicker final : public QCPAxisTicker {
 public:
  /// The room that a number needs, as a share of the axis.
  void setLeastGap(double share) { leastGap_ = share; }

 protected:
  QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
  QVector<double> createSubTickVector(int, const QVector<double>&) override { return {}; }

 private:
  double leastGap_ = 0.1;
};

}  // namespace barlow::ui
