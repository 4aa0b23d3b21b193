#include "app/bench/color_map_peer.h"

#include <QImage>
#include <qcustomplot.h>

#include <memory>

namespace barlow::bench {
namespace {

constexpr int kSide = 1000;
constexpr double kPan = 5;  // cells

// A plot of nothing but its matrix: one picture of kSide x kSide pixels, row 0 above.
class ColorMapPlot {
 public:
  ColorMapPlot() {
    plot_.axisRect()->setAutoMargins(QCP::msNone);
    plot_.axisRect()->setMargins({});
    plot_.yAxis->setRangeReversed(true);
    plot_.resize(kSide, kSide);
    plot_.show();
  }
  void setMatrix(const Matrix& matrix) {
    const int d = static_cast<int>(matrix.rows());
    plot_.clearPlottables();
    map_ = new QCPColorMap(plot_.xAxis, plot_.yAxis);  // the plot owns it
    map_->setInterpolate(false);
    map_->setGradient(QCPColorGradient::gpGrayscale);  // 0 black, 1 white
    map_->data()->setSize(d, d);
    map_->data()->setRange({0.5, d - 0.5}, {0.5, d - 0.5});  // centres of the first and last cells
    for (int i = 0; i < d; ++i) {
      for (int j = 0; j < d; ++j) {
        map_->data()->setCell(j, i, static_cast<double>(matrix.at(i, j)));
      }
    }
    map_->setDataRange({0, 1});
    side_ = d;
    pan(0);
  }
  void setCell(int i, int j, double value) { map_->data()->setCell(j, i, value); }
  void pan(double columns) {
    plot_.xAxis->setRange(columns, side_ + columns);
    plot_.yAxis->setRange(0, side_);
    draw();
  }
  void draw() { plot_.replot(QCustomPlot::rpImmediateRefresh); }
  double visibleShare(double columns) {
    pan(columns);
    const QImage image = plot_.toPixmap(kSide, kSide).toImage();
    return diagonalShare(static_cast<std::int64_t>(side_), kSide, columns, [&](int x, int y) {
      return qGray(image.pixel(x, y)) > 127;
    });
  }

 private:
  QCustomPlot plot_;
  QCPColorMap* map_ = nullptr;
  double side_ = 0;
};

}  // namespace

void measureColorMap(std::int64_t d, const Setting& setting) {
  const Size size{kSide, kSide};
  const auto line = [&](const char* what, std::vector<double> milliseconds) {
    print(setting,
          {.what = what,
           .peer = "qcpcolormap",
           .d = d,
           .viewport = size,
           .milliseconds = std::move(milliseconds),
           .more = {}});
  };
  ColorMapPlot plot;
  {
    const Matrix matrix = trainedMatrix(d);
    line("first_draw", timed(setting.builds(), [&](int) { plot.setMatrix(matrix); }));
  }
  const int frames = setting.isShort ? 5 : 30;
  line("changed_redraw", timed(frames, [&](int frame) {
         plot.setCell(frame, frame, 0.01 * frame);
         plot.draw();
       }));
  line("pan", timed(frames, [&](int frame) { plot.pan(kPan * frame); }));
  plot.setMatrix(identityMatrix(d));
  print(setting,
        {.what = "diagonal_visible",
         .peer = "qcpcolormap",
         .d = d,
         .viewport = size,
         .milliseconds = {},
         .more = {{"share", plot.visibleShare(kPan)}, {"share_unmoved", plot.visibleShare(0)}}});
}

}  // namespace barlow::bench
