#include "ui/plots/plot_frame.h"

#include "ui/theme/theme.h"

#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <cmath>

namespace barlow::ui {

PlotFrame PlotFrame::make(QWidget* owner, const QString& title) {
  PlotFrame frame;
  frame.title = new QLabel(title, owner);
  QFont bold = owner->font();
  bold.setWeight(QFont::DemiBold);
  frame.title->setFont(bold);
  frame.note = makeLabel({}, TextRole::Quiet, owner);
  frame.note->setWordWrap(false);
  frame.note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  frame.note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  frame.note->setObjectName(QStringLiteral("plotNote"));
  frame.plot = new QCustomPlot(owner);
  frame.plot->setFocusPolicy(Qt::NoFocus);
  frame.plot->setNotAntialiasedElements(QCP::aeAll);
  frame.plot->setMouseTracking(true);
  frame.plot->installEventFilter(owner);
  frame.plot->setAccessibleName(title);
  frame.plot->axisRect()->setMinimumMargins(QMargins(36, 4, 8, 0));
  for (QCPAxis* axis : {frame.plot->xAxis, frame.plot->yAxis}) {
    axis->setNumberFormat(QStringLiteral("g"));
    axis->setNumberPrecision(4);
    axis->ticker()->setTickCount(4);
  }
  frame.empty = makeLabel({}, TextRole::Quiet, frame.plot);
  frame.empty->setAlignment(Qt::AlignCenter);
  frame.empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto* over = new QVBoxLayout(frame.plot);
  over->setContentsMargins(44, 0, kMargin, kMargin);
  over->addWidget(frame.empty);
  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(frame.title);
  head->addWidget(frame.note, 1);
  auto* column = new QVBoxLayout(owner);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addLayout(head);
  column->addWidget(frame.plot, 1);
  owner->setFocusPolicy(Qt::StrongFocus);
  owner->setAccessibleName(title);
  owner->setMinimumSize(200, 100);
  frame.dress(*owner);
  return frame;
}

void PlotFrame::dress(const QWidget& owner) const {
  const Colors& set = colors(owner.palette());
  const QPen axisPen(owner.hasFocus() ? set.accent : set.line);
  plot->setBackground(QBrush(set.surface));
  QFont small = owner.font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  for (QCPAxis* axis : {plot->xAxis, plot->yAxis}) {
    axis->setBasePen(axisPen);
    axis->setTickPen(axisPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(owner.palette().color(QPalette::WindowText));
    axis->setTickLabelFont(small);
    axis->grid()->setPen(QPen(set.line, 0, Qt::DotLine));
    axis->grid()->setZeroLinePen(QPen(set.line, 0));
  }
}

void PlotFrame::setNote(const QString& text) const { note->setText(text); }

void PlotFrame::setEmptyText(const QString& text) const {
  empty->setText(text);
  empty->setVisible(!text.isEmpty());
}

void PlotFrame::setLogarithmicValues(double low, double high) const {
  plot->yAxis->setScaleType(QCPAxis::stLogarithmic);
  const QSharedPointer<QCPAxisTickerLog> ticker(new QCPAxisTickerLog);
  ticker->setSubTickCount(0);
  ticker->setTickCount(2);  // within a decade, where even steps would crowd at the upper end
  // About four ticks, however many powers of ten there are.
  const double decades = std::log10(high / low);
  ticker->setLogBase(std::pow(10, std::max(1.0, std::ceil(decades / 5))));
  plot->yAxis->setTicker(ticker);
  const bool isShort = high < 1e4 && low > 1e-4;  // else as powers of ten
  plot->yAxis->setNumberFormat(isShort ? QStringLiteral("g") : QStringLiteral("eb"));
  plot->yAxis->setNumberPrecision(isShort ? 4 : 0);
  plot->yAxis->setRange(low, high);
}

QString plotNumber(double value) {
  return std::isfinite(value) ? QLocale().toString(value, 'g', 4) : QStringLiteral("–");
}

}  // namespace barlow::ui
