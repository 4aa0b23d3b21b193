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

namespace barlow::ui {
namespace {

constexpr int kLabelWidth = 52;  // "view A"

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

void ViewPairStrip::setPairs(const std::vector<ViewPair>& pairs) {
  columns_.clear();
  for (const ViewPair& pair : pairs) {
    columns_.push_back({toQImage(pair.a), toQImage(pair.b), pair.planA, pair.planB, pair.sample});
  }
  update();
}

void ViewPairStrip::setEmptyText(const QString& text) {
  emptyText_ = text;
  update();
}

int ViewPairStrip::cellSide() const { return std::clamp((height() - 3 * kGap) / 2, 16, 224); }

int ViewPairStrip::columnCount() const {
  const int fitting = (width() - kLabelWidth) / (cellSide() + kGap);
  return std::clamp(fitting, 0, static_cast<int>(columns_.size()));
}

QRect ViewPairStrip::cell(int column, bool isB) const {
  const int side = cellSide();
  return {kLabelWidth + column * (side + kGap), kGap + (isB ? side + kGap : 0), side, side};
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
  for (const bool isB : {false, true}) {
    const QRect first = cell(0, isB);
    painter.drawText(QRect(0, first.y(), kLabelWidth - kGap, first.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     isB ? tr("view B") : tr("view A"));
  }
  for (int i = 0; i < columnCount(); ++i) {
    const Column& column = columns_[static_cast<std::size_t>(i)];
    for (const bool isB : {false, true}) {
      const QImage& image = isB ? column.b : column.a;
      const QRect target = cell(i, isB);
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
    for (const bool isB : {false, true}) {
      const QRect target = cell(i, isB);
      if (target.contains(help->pos()) && columns_[static_cast<std::size_t>(i)].sample >= 0) {
        const Column& column = columns_[static_cast<std::size_t>(i)];
        QToolTip::showText(help->globalPos(),
                           wrappedTip(tr("Image %1, view %2: %3")
                                          .arg(column.sample)
                                          .arg(isB ? tr("B") : tr("A"),
                                               describePlan(isB ? column.planB : column.planA))),
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
