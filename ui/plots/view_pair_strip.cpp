#include "ui/plots/view_pair_strip.h"

#include "ui/plots/image_convert.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QEvent>
#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kLabelWidth = 52;  // "view A"
constexpr int kCropRows = 4;     // beside A and B
constexpr int kCropGap = 4;

QString times(double factor) { return QStringLiteral("× ") + QLocale().toString(factor, 'f', 2); }

}  // namespace

QString describePlan(const ViewPlan& plan, bool flipLast) {
  const auto tr = [](const char* text) { return ViewPairStrip::tr(text); };
  QStringList parts{tr("crop %1 x %2 at (%3, %4)")
                        .arg(plan.crop.width)
                        .arg(plan.crop.height)
                        .arg(plan.crop.x)
                        .arg(plan.crop.y)};
  if (plan.flip && !flipLast) {
    parts << tr("flipped");
  }
  if (plan.jitter) {
    for (const ColorOp op : plan.jitter->order) {
      switch (op) {
        case ColorOp::Brightness:
          parts << tr("brightness %1").arg(times(plan.jitter->brightness));
          break;
        case ColorOp::Contrast:
          parts << tr("contrast %1").arg(times(plan.jitter->contrast));
          break;
        case ColorOp::Saturation:
          parts << tr("saturation %1").arg(times(plan.jitter->saturation));
          break;
        case ColorOp::Hue:
          parts << tr("hue %1°").arg(QLocale().toString(360 * plan.jitter->hue, 'f', 0));
          break;
      }
    }
  }
  if (plan.gray) {
    parts << tr("gray");
  }
  if (plan.blurSigma > 0) {
    parts << tr("blur %1 px").arg(QLocale().toString(plan.blurSigma, 'f', 2));
  }
  if (plan.solarizeThreshold) {
    parts << tr("solarised from %1").arg(*plan.solarizeThreshold);
  }
  if (plan.flip && flipLast) {
    parts << tr("flipped");
  }
  return parts.join(QStringLiteral(", "));
}

ViewPairStrip::ViewPairStrip(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ViewPairStrip::setSamples(const std::vector<SampleViews>& samples) {
  columns_.clear();
  for (const SampleViews& sample : samples) {
    Column column{.images = {}, .plans = {}, .sample = sample.sample};
    for (const SampleViews::View& view : sample.views) {
      column.images.push_back(toQImage(view.image));
      column.plans.push_back(view.plan);
    }
    columns_.push_back(std::move(column));
  }
  update();
}

void ViewPairStrip::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

int ViewPairStrip::cellSide() const { return std::clamp((height() - 3 * kGap) / 2, 16, 224); }

int ViewPairStrip::cropSide() const {
  return (2 * cellSide() + kGap - (kCropRows - 1) * kCropGap) / kCropRows;
}

int ViewPairStrip::columnWidth() const {
  const std::size_t views = columns_.empty() ? 2 : columns_.front().images.size();
  const int crops = std::max(0, static_cast<int>(views) - 2);
  return cellSide() + (crops + kCropRows - 1) / kCropRows * (cropSide() + kCropGap);
}

int ViewPairStrip::columnCount() const {
  const int fitting = (width() - kLabelWidth) / (columnWidth() + kGap);
  return std::clamp(fitting, 0, static_cast<int>(columns_.size()));
}

QRect ViewPairStrip::cell(int column, std::size_t view) const {
  const int side = cellSide();
  const int left = kLabelWidth + column * (columnWidth() + kGap);
  if (view < 2) {
    return {left, kGap + (view == 1 ? side + kGap : 0), side, side};
  }
  const int crop = static_cast<int>(view) - 2;
  const int step = cropSide() + kCropGap;
  return {left + side + kCropGap + crop / kCropRows * step,
          kGap + crop % kCropRows * step,
          cropSide(),
          cropSide()};
}

QSize ViewPairStrip::sizeHint() const { return {600, 160}; }
QSize ViewPairStrip::minimumSizeHint() const { return {200, 88}; }

void ViewPairStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setPen(colors(palette()).quiet);
  if (columns_.empty()) {
    painter.drawText(QRectF(rect()),
                     static_cast<int>(Qt::AlignCenter) | static_cast<int>(Qt::TextWordWrap),
                     emptyText_);
    return;
  }
  for (const std::size_t view : {std::size_t{0}, std::size_t{1}}) {
    const QRect first = cell(0, view);
    painter.drawText(QRect(0, first.y(), kLabelWidth - kGap, first.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     view == 0 ? tr("view A") : tr("view B"));
  }
  for (int i = 0; i < columnCount(); ++i) {
    const Column& column = columns_[static_cast<std::size_t>(i)];
    for (std::size_t view = 0; view < column.images.size(); ++view) {
      const QImage& image = column.images[view];
      const QRect target = cell(i, view);
      painter.setRenderHint(QPainter::SmoothPixmapTransform, target.width() < image.width());
      painter.drawImage(target, image);
    }
  }
}

bool ViewPairStrip::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) {
    return QWidget::event(event);
  }
  const auto* help = static_cast<QHelpEvent*>(event);
  for (int i = 0; i < columnCount(); ++i) {
    const Column& column = columns_[static_cast<std::size_t>(i)];
    for (std::size_t view = 0; view < column.images.size() && column.sample >= 0; ++view) {
      const QRect target = cell(i, view);
      if (target.contains(help->pos())) {
        const QString name = view == 0   ? tr("view A")
                             : view == 1 ? tr("view B")
                                         : tr("small crop %1").arg(view - 1);
        QToolTip::showText(
            help->globalPos(),
            wrappedTip(
                tr("Image %1, %2: %3")
                    .arg(QString::number(column.sample), name, describePlan(column.plans[view]))),
            this,
            target);
        return true;
      }
    }
  }
  QToolTip::hideText();
  return true;
}

}  // namespace barlow::ui
