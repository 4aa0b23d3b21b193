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

#include <algorithm>
#include <cmath>
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

// As a correlation or a share is read, or to four digits.
QString valueText(const MetricColumn& column, double value) {
  const QString text = isWithinOne(column.range) ? number(value, 3) : shortNumber(value);
  return column.unit.empty() || !std::isfinite(value)
             ? text
             : text + QLatin1Char(' ') + QString::fromStdString(column.unit);
}

QString hintText(const MetricColumn& column, const std::string& hint) {
  return QString::fromStdString(hint).replace(QLatin1String("{}"),
                                              valueText(column, column.range.reference));
}

// "lossCard", "meanDiagonalCard".
QString cardName(const QString& section) {
  QString name;
  for (const QString& word : section.split(QLatin1Char('_'), Qt::SkipEmptyParts)) {
    name += name.isEmpty() ? word : word.left(1).toUpper() + word.mid(1);
  }
  return name + QStringLiteral("Card");
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
    : QWidget(parent), schema_(barlowTwinsSchema(0, 0, 1)), row_(new QHBoxLayout(this)) {
  row_->setContentsMargins(0, 0, 0, 0);
  row_->setSpacing(kGap);
  knn_ = makeCard(tr("kNN accuracy"),
                  tr("Share of held-out images whose nearest training images, by the backbone's "
                     "features, have their class. No label is used in training."),
                  QStringLiteral("knn"));
  rank_ = makeCard(tr("Effective rank"),
                   tr("How many dimensions of the embedding are really used: the exponential of "
                      "the entropy of its covariance's eigenvalues. 1 means that everything "
                      "collapsed to one direction."),
                   QStringLiteral("rank"));
  build();
}

MetricCard* MetricCards::makeCard(const QString& name,
                                  const QString& help,
                                  const QString& section) {
  auto* card = new MetricCard(name, help, this);
  card->setObjectName(cardName(section));
  card->setCompact(isCompact_);
  connect(card, &MetricCard::explanationRequested, this, [this, section] {
    Q_EMIT explanationRequested(section);
  });
  row_->addWidget(card, 1);
  return card;
}

const MetricColumn& MetricCards::column(const std::string& key) const {
  const auto index = termIndex(schema_, key);
  return index ? schema_.terms[*index] : schema_.loss;
}

void MetricCards::setSchema(const MetricSchema& schema) {
  const auto isSameCard = [](const MetricColumn& left, const MetricColumn& right) {
    return left.key == right.key && left.label == right.label && left.help == right.help &&
           left.isCard == right.isCard;
  };
  const bool isSame = isSameCard(schema.loss, schema_.loss) && std::equal(schema.terms.begin(),
                                                                          schema.terms.end(),
                                                                          schema_.terms.begin(),
                                                                          schema_.terms.end(),
                                                                          isSameCard);
  schema_ = schema;
  if (!isSame) {
    build();
  } else if (!point_) {
    showAims();
  }
}

void MetricCards::showAims() {
  for (const Measured& measured : measured_) {
    const MetricColumn& own = column(measured.key);
    measured.card->clear(hintText(own, own.hints.aim));
  }
}

void MetricCards::build() {
  for (const Measured& measured : measured_) {
    delete measured.card;
  }
  measured_.clear();
  const auto add = [this](const MetricColumn& own) {
    measured_.push_back({makeCard(QString::fromStdString(own.label),
                                  QString::fromStdString(own.help),
                                  QString::fromStdString(own.key)),
                         own.key});
  };
  add(schema_.loss);
  for (const MetricColumn& own : schema_.terms) {
    if (own.isCard && own.key != schema_.loss.key) {
      add(own);
    }
  }
  QWidget* before = nullptr;
  for (MetricCard* card : cards()) {
    row_->removeWidget(card);
    row_->addWidget(card, 1);
    card->setVisible(true);
    if (before != nullptr) {
      setTabOrder(before, card);
    }
    before = card;
  }
  clear();
}

std::vector<MetricCard*> MetricCards::cards() const {
  std::vector<MetricCard*> all;
  for (const Measured& measured : measured_) {
    all.push_back(measured.card);
  }
  all.push_back(knn_);
  all.push_back(rank_);
  return all;
}

void MetricCards::clear() {
  untrainedTop1_.reset();
  dimensions_ = batchSize_ = lastStep_ = 0;
  point_.reset();
  evaluation_.reset();
  showAims();
  knn_->clear(tr("good: well above the untrained network"));
  rank_->clear(tr("good: many dimensions in use"));
}

void MetricCards::setCompact(bool isCompact) {
  isCompact_ = isCompact;
  for (MetricCard* card : cards()) {
    card->setCompact(isCompact);
  }
}

void MetricCards::setShape(std::int64_t dimensions, std::int64_t batchSize) {
  dimensions_ = dimensions;
  batchSize_ = batchSize;
}

void MetricCards::setEnd(std::int64_t lastStep) {
  if (lastStep != lastStep_) {
    lastStep_ = lastStep;
    if (point_) {
      judgeMetrics(*point_);
    }
    if (evaluation_) {
      judgeEvaluation(*evaluation_);
    }
  }
}

Verdict MetricCards::soFar(std::int64_t step, Verdict verdict) const {
  return 4 * step < lastStep_ && verdict != Verdict::Good ? Verdict::None : verdict;
}

void MetricCards::showMetrics(const MetricPoint& point) {
  MetricPoint whole = point;
  if (point_) {
    addMissing(whole, *point_, schema_);
  }
  point_ = whole;
  judgeMetrics(whole);
}

void MetricCards::showEvaluation(const EvaluationResult& result) {
  if (result.step == 0) {
    untrainedTop1_ = result.top1;
  }
  evaluation_ = result;
  judgeEvaluation(result);
}

// Where the views' agreement is measured at every step, nothing is good without it.
void MetricCards::judgeMetrics(const MetricPoint& point) {
  const auto diagonal = termIndex(schema_, "mean_diagonal");
  const bool hasDiagonal = diagonal && *diagonal < point.terms.size();
  const auto said = [&](Verdict verdict) {
    return soFar(point.step, hasDiagonal ? judgedWith(point.terms[*diagonal], verdict) : verdict);
  };
  for (const Measured& measured : measured_) {
    const MetricColumn& own = column(measured.key);
    const bool isLoss = &own == &schema_.loss;
    const auto index = termIndex(schema_, measured.key);
    if (!isLoss && *index >= point.terms.size()) {
      measured.card->clear(hintText(own, own.hints.aim));
      continue;
    }
    const double value = isLoss ? point.loss : point.terms[*index];
    if (own.comesLater && std::isnan(value)) {
      measured.card->clear(hintText(own, own.hints.aim));
      continue;
    }
    const Verdict alone = judge(own.range, value);
    const Verdict verdict =
        measured.key == "mean_diagonal" ? soFar(point.step, alone) : said(alone);
    const std::string& hint = verdict == Verdict::Good   ? own.hints.good
                              : verdict == Verdict::Fair ? own.hints.fair
                              : verdict == Verdict::Poor ? own.hints.poor
                                                         : own.hints.aim;
    const QString note = isLoss && !std::isfinite(value) ? tr("the run cannot go on from here")
                         : !canBe(own.range, value)      ? tr("bad: it cannot be so")
                                                         : hintText(own, hint);
    measured.card->show(valueText(own, value), note, moodOf(verdict, canBe(own.range, value)));
  }
  if (point.collapse) {
    const double rank = point.collapse->effectiveRank;
    showRank(*point.collapse,
             dimensions_ > 0 ? said(judgeRank(rank, batchSize_, dimensions_)) : Verdict::None);
  }
}

void MetricCards::showRank(const CollapseNumbers& collapse, Verdict verdict) {
  const double rank = collapse.effectiveRank;
  const bool hasCollapsed = rank < 1.5;
  const QString dimensions = QLocale().toString(static_cast<qlonglong>(dimensions_));
  QString note =
      hasCollapsed               ? tr("collapsed: all images look alike to the network")
      : verdict == Verdict::Good ? tr("good: of %1 dimensions").arg(dimensions)
      : verdict == Verdict::Fair ? tr("fair: of %1 dimensions; train longer").arg(dimensions)
      : verdict == Verdict::Poor
          ? (termIndex(schema_, "mean_diagonal") ? tr("poor: of %1 dimensions; raise lambda")
                                                 : tr("poor: of %1 dimensions; few are in use"))
                .arg(dimensions)
          : tr("good: many dimensions in use");
  if (collapse.deadDimensions > 0) {
    note += tr(", %n dead", "", static_cast<int>(collapse.deadDimensions));
  }
  rank_->show(number(rank, 1), note, moodOf(verdict, !hasCollapsed && std::isfinite(rank)));
}

void MetricCards::judgeEvaluation(const EvaluationResult& result) {
  const QString step = QLocale().toString(static_cast<qlonglong>(result.step));
  const bool canBe = result.top1 >= 0 && result.top1 <= 1;
  if (!untrainedTop1_ || result.step == 0) {
    knn_->show(percent(result.top1),
               result.step == 0 ? tr("before training") : tr("as of step %1").arg(step),
               moodOf(Verdict::None, canBe));
    return;
  }
  const Verdict verdict = soFar(result.step, judgeAccuracy(result.top1, *untrainedTop1_));
  const QString note = verdict == Verdict::Good   ? tr("good: untrained %1; as of step %2")
                       : verdict == Verdict::Fair ? tr("fair: untrained %1; as of step %2")
                       : verdict == Verdict::Poor ? tr("poor: untrained %1; as of step %2")
                                                  : tr("untrained %1; as of step %2");
  knn_->show(
      percent(result.top1), note.arg(percent(*untrainedTop1_), step), moodOf(verdict, canBe));
}

}  // namespace barlow::ui
