#include "ui/panels/metric_cards.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <cmath>
#include <initializer_list>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kSign = 14;  // pixels

QString number(double value, int decimals) {
  return std::isfinite(value) ? QLocale().toString(value, 'f', decimals)
                              : QStringLiteral("not finite");
}

QString shortNumber(double value) {
  return std::isfinite(value) ? QLocale().toString(value, 'g', 4) : QStringLiteral("not finite");
}

QString percent(double share) {
  return QLocale().toString(100 * share, 'f', 1) + QStringLiteral(" %");
}

MetricCard::Mood moodOf(Verdict verdict, bool canBe) {
  using Mood = MetricCard::Mood;
  return !canBe                     ? Mood::Bad
         : verdict == Verdict::Good ? Mood::Good
         : verdict == Verdict::Poor ? Mood::Attention
                                    : Mood::Plain;
}

}  // namespace

MetricCard::MetricCard(const QString& name, const QString& help, QWidget* parent)
    : QFrame(parent),
      value_(makeLabel({}, TextRole::Title, this)),
      note_(makeLabel({}, TextRole::Quiet, this)) {
  auto* caption = makeLabel(name, TextRole::Quiet, this);
  caption->setWordWrap(false);
  setToolTip(help + QLatin1Char(' ') + tr("Click for the guide."));
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  setAccessibleName(name);
  setAccessibleDescription(help);
  setAutoFillBackground(true);
  note_->setMinimumHeight(2 * note_->fontMetrics().lineSpacing());
  note_->setAlignment(Qt::AlignTop);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 8, 12, 8);
  column->setSpacing(2);
  column->addWidget(caption);
  column->addWidget(value_);
  column->addWidget(note_);
  column->addStretch(1);
  dress();
}

void MetricCard::show(const QString& value, const QString& note, Mood mood) {
  value_->setText(value);
  note_->setText(note);
  if (mood != mood_) {
    mood_ = mood;
    dress();
  }
}

void MetricCard::clear(const QString& note) { show(QStringLiteral("–"), note); }
void MetricCard::setCompact(bool isCompact) { note_->setVisible(!isCompact); }
QString MetricCard::value() const { return value_->text(); }
QString MetricCard::note() const { return note_->text(); }

void MetricCard::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  if (changesColors(*event)) {
    dress();
  }
}

void MetricCard::paintEvent(QPaintEvent* event) {
  QFrame::paintEvent(event);
  QPainter painter(this);
  const Colors& set = colors(palette());
  // A sign that there is more to know.
  const QRect sign(width() - kSign - 8, 8, kSign, kSign);
  QFont small = font();
  small.setPixelSize(kSign - 4);
  small.setBold(true);
  painter.setFont(small);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(underMouse() || hasFocus() ? set.accent : set.quiet);
  painter.drawEllipse(sign);
  painter.drawText(sign, Qt::AlignCenter, QStringLiteral("i"));
  painter.setRenderHint(QPainter::Antialiasing, false);
  if (hasFocus() || underMouse()) {
    painter.setPen(QPen(hasFocus() ? set.accent : set.line, hasFocus() ? 2 : 1));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

void MetricCard::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && rect().contains(event->pos())) {
    Q_EMIT explanationRequested();
  }
}

void MetricCard::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      Q_EMIT explanationRequested();
      break;
    default:
      QFrame::keyPressEvent(event);
  }
}

void MetricCard::focusInEvent(QFocusEvent* event) {
  QFrame::focusInEvent(event);
  update();
}

void MetricCard::focusOutEvent(QFocusEvent* event) {
  QFrame::focusOutEvent(event);
  update();
}

void MetricCard::dress() {
  const QPalette theme = QApplication::palette();
  const Colors& set = colors(theme);
  if (palette().color(QPalette::Window) != set.surface) {  // else it would answer itself
    QPalette own;
    own.setColor(QPalette::Window, set.surface);
    setPalette(own);
  }
  QPalette words;
  words.setColor(QPalette::WindowText,
                 mood_ == Mood::Good        ? set.good
                 : mood_ == Mood::Attention ? set.attention
                 : mood_ == Mood::Bad       ? set.bad
                                            : theme.color(QPalette::WindowText));
  value_->setPalette(words);
}

MetricCards::MetricCards(QWidget* parent)
    : QWidget(parent),
      loss_(new MetricCard(tr("Loss"),
                           tr("Sum over the diagonal of (1 - C_ii)², plus lambda times the sum of "
                              "C_ij² elsewhere. A finite batch keeps it above the floor."),
                           this)),
      diagonal_(new MetricCard(tr("Mean diagonal"),
                               tr("Mean of C_ii: how well the two views of an image agree. 1 is "
                                  "perfect, 0 is no agreement."),
                               this)),
      offDiagonal_(
          new MetricCard(tr("Off-diagonal RMS"),
                         tr("Root mean square of C_ij for i different from j: how much "
                            "dimensions repeat each other. A batch of N images cannot show "
                            "less than about 1/sqrt(N)."),
                         this)),
      knn_(
          new MetricCard(tr("kNN accuracy"),
                         tr("Share of held-out images whose nearest training images, by the "
                            "backbone's features, have their class. No label is used in training."),
                         this)),
      rank_(new MetricCard(tr("Effective rank"),
                           tr("How many dimensions of the embedding are really used: the "
                              "exponential of the entropy of its covariance's eigenvalues. 1 means "
                              "that everything collapsed to one direction."),
                           this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  for (MetricCard* card : {loss_, diagonal_, offDiagonal_, knn_, rank_}) {
    row->addWidget(card, 1);
  }
  loss_->setObjectName(QStringLiteral("lossCard"));
  diagonal_->setObjectName(QStringLiteral("diagonalCard"));
  offDiagonal_->setObjectName(QStringLiteral("offDiagonalCard"));
  knn_->setObjectName(QStringLiteral("knnCard"));
  rank_->setObjectName(QStringLiteral("rankCard"));
  for (const auto& [card, section] :
       std::initializer_list<std::pair<MetricCard*, const char*>>{{loss_, "loss"},
                                                                  {diagonal_, "diagonal"},
                                                                  {offDiagonal_, "off-diagonal"},
                                                                  {knn_, "knn"},
                                                                  {rank_, "rank"}}) {
    connect(card, &MetricCard::explanationRequested, this, [this, section = section] {
      Q_EMIT explanationRequested(QLatin1String(section));
    });
  }
  clear();
}

void MetricCards::clear() {
  untrainedTop1_.reset();
  dimensions_ = batchSize_ = 0;
  loss_->clear(tr("falls towards its floor"));
  diagonal_->clear(tr("good: towards 1, both views agree"));
  offDiagonal_->clear(tr("good: towards 0, no dimension repeats another"));
  knn_->clear(tr("good: well above the untrained network"));
  rank_->clear(tr("good: many dimensions in use"));
}

void MetricCards::setCompact(bool isCompact) {
  for (MetricCard* card : {loss_, diagonal_, offDiagonal_, knn_, rank_}) {
    card->setCompact(isCompact);
  }
}

void MetricCards::setShape(std::int64_t dimensions, std::int64_t batchSize) {
  dimensions_ = dimensions;
  batchSize_ = batchSize;
}

void MetricCards::showMetrics(const MetricPoint& point) {
  const auto said = [&point](Verdict verdict) { return judgedWith(point.meanDiagonal, verdict); };
  const Verdict loss = said(judgeLoss(point.loss, point.floor, dimensions_));
  const QString floor = shortNumber(point.floor);
  loss_->show(shortNumber(point.loss),
              !std::isfinite(point.loss) ? tr("the run cannot go on from here")
              : loss == Verdict::Good    ? tr("good: the floor is %1").arg(floor)
              : loss == Verdict::Fair    ? tr("fair: the floor is %1; train longer").arg(floor)
              : loss == Verdict::Poor    ? tr("poor: far above the floor, %1").arg(floor)
                                         : tr("the floor is %1").arg(floor),
              moodOf(loss, point.loss >= 0 && std::isfinite(point.loss)));
  const Verdict diagonal = judgeDiagonal(point.meanDiagonal);
  diagonal_->show(number(point.meanDiagonal, 3),
                  diagonal == Verdict::Good   ? tr("good: both views agree")
                  : diagonal == Verdict::Fair ? tr("fair: train longer, towards 1")
                                              : tr("poor: train longer, or weaken the distortions"),
                  moodOf(diagonal, std::abs(point.meanDiagonal) <= kOneWithRounding));
  showOffDiagonal(point.rmsOffDiagonal, said(judgeOffDiagonal(point.rmsOffDiagonal, batchSize_)));
  if (point.collapse) {
    const double rank = point.collapse->effectiveRank;
    showRank(*point.collapse,
             dimensions_ > 0 ? said(judgeRank(rank, batchSize_, dimensions_)) : Verdict::None);
  }
}

void MetricCards::showOffDiagonal(double rms, Verdict verdict) {
  const QString noise =
      batchSize_ > 1 ? number(1 / std::sqrt(static_cast<double>(batchSize_)), 3) : QString();
  offDiagonal_->show(number(rms, 3),
                     noise.isEmpty() ? tr("good: towards 0, no dimension repeats another")
                     : verdict == Verdict::Good ? tr("good: a batch's noise is %1").arg(noise)
                     : verdict == Verdict::Fair
                         ? tr("fair: towards a batch's noise, %1").arg(noise)
                         : tr("poor: raise lambda or train longer, towards %1").arg(noise),
                     moodOf(verdict, rms >= 0 && rms <= kOneWithRounding));
}

void MetricCards::showRank(const CollapseNumbers& collapse, Verdict verdict) {
  const double rank = collapse.effectiveRank;
  const bool hasCollapsed = rank < 1.5;
  const QString dimensions = QLocale().toString(static_cast<qlonglong>(dimensions_));
  QString note =
      hasCollapsed               ? tr("collapsed: all images look alike to the network")
      : verdict == Verdict::Good ? tr("good: of %1 dimensions").arg(dimensions)
      : verdict == Verdict::Fair ? tr("fair: of %1 dimensions; train longer").arg(dimensions)
      : verdict == Verdict::Poor ? tr("poor: of %1 dimensions; raise lambda").arg(dimensions)
                                 : tr("good: many dimensions in use");
  if (collapse.deadDimensions > 0) {
    note += tr(", %n dead", "", static_cast<int>(collapse.deadDimensions));
  }
  rank_->show(number(rank, 1), note, moodOf(verdict, !hasCollapsed && std::isfinite(rank)));
}

void MetricCards::showEvaluation(const EvaluationResult& result) {
  if (result.step == 0) {
    untrainedTop1_ = result.top1;
  }
  const QString step = QLocale().toString(static_cast<qlonglong>(result.step));
  const bool canBe = result.top1 >= 0 && result.top1 <= 1;
  if (!untrainedTop1_ || result.step == 0) {
    knn_->show(percent(result.top1),
               result.step == 0 ? tr("before training") : tr("as of step %1").arg(step),
               moodOf(Verdict::None, canBe));
    return;
  }
  const Verdict verdict = judgeAccuracy(result.top1, *untrainedTop1_);
  const QString note = verdict == Verdict::Good   ? tr("good: untrained %1; as of step %2")
                       : verdict == Verdict::Fair ? tr("fair: untrained %1; as of step %2")
                                                  : tr("poor: untrained %1; as of step %2");
  knn_->show(
      percent(result.top1), note.arg(percent(*untrainedTop1_), step), moodOf(verdict, canBe));
}

}  // namespace barlow::ui
