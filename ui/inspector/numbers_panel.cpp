#include "ui/inspector/numbers_panel.h"

#include "ui/inspector/number_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAbstractButton>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStyleOptionFocusRect>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr std::size_t kMostListed = 20;

bool isButton(NumberKey key) {
  switch (key) {
    case NumberKey::MinDiagonal:
    case NumberKey::MaxOffDiagonal:
    case NumberKey::DeadA:
    case NumberKey::DeadB:
    case NumberKey::DuplicatesA:
    case NumberKey::DuplicatesB:
      return true;
    default:
      return false;
  }
}

// The sign says without colour what the colour says.
QString signOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Good:
      return QStringLiteral(" ✓");
    case Verdict::Poor:
      return QStringLiteral(" !");
    case Verdict::Fair:
    case Verdict::None:
      break;
  }
  return {};
}

QString wordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::Good:
      return NumbersPanel::tr("good");
    case Verdict::Poor:
      return NumbersPanel::tr("needs attention");
    case Verdict::Fair:
      return NumbersPanel::tr("fair");
    case Verdict::None:
      break;
  }
  return {};
}

// A number that does something: as flat as a label, so that all numbers stand in one line.
class LinkButton final : public QAbstractButton {
 public:
  explicit LinkButton(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
  }
  QSize sizeHint() const override {
    return {fontMetrics().horizontalAdvance(text()), fontMetrics().height()};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    QFont own = font();
    own.setUnderline(isEnabled());
    painter.setFont(own);
    painter.setPen(palette().color(QPalette::ButtonText));
    painter.drawText(rect(), Qt::AlignRight | Qt::AlignVCenter, text());
    if (hasFocus()) {
      QStyleOptionFocusRect option;
      option.initFrom(this);
      style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
    }
  }
};

QGridLayout* makeGrid() {
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(kGap);
  grid->setVerticalSpacing(3);
  grid->setColumnStretch(0, 1);
  return grid;
}

}  // namespace

NumbersPanel::NumbersPanel(QWidget* parent)
    : QWidget(parent),
      lossTitle_(makeLabel(tr("Loss"), TextRole::Heading, this)),
      shape_(makeLabel({}, TextRole::Quiet, this)),
      floorSentence_(makeLabel({}, TextRole::Quiet, this)),
      varianceNote_(makeLabel({}, TextRole::Quiet, this)),
      menu_(new QMenu(this)) {
  shape_->setObjectName(QStringLiteral("matrixShape"));
  floorSentence_->setObjectName(QStringLiteral("floorSentence"));
  varianceNote_->setObjectName(QStringLiteral("varianceNote"));
  floorSentence_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  // Its room is there before it is: nothing below moves when it comes.
  floorSentence_->setMinimumHeight(2 * floorSentence_->fontMetrics().lineSpacing());
  menu_->setObjectName(QStringLiteral("cellList"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(lossTitle_);
  column->addWidget(shape_);
  auto* loss = makeGrid();
  int row = 0;
  for (const NumberKey key :
       {NumberKey::Loss, NumberKey::OnDiagonal, NumberKey::OffDiagonal, NumberKey::Floor}) {
    addRow(*loss, row++, {key});
  }
  column->addLayout(loss);
  column->addWidget(floorSentence_);
  column->addSpacing(kGap);
  column->addWidget(makeLabel(tr("Matrix"), TextRole::Heading, this));
  auto* matrix = makeGrid();
  for (const NumberKey key : {NumberKey::MeanDiagonal,
                              NumberKey::MinDiagonal,
                              NumberKey::RmsOffDiagonal,
                              NumberKey::MaxOffDiagonal,
                              NumberKey::NoiseLevel,
                              NumberKey::PrototypesInUse,
                              NumberKey::LargestPrototype}) {
    addRow(*matrix, row++, {key});
  }
  column->addLayout(matrix);
  column->addWidget(varianceNote_);
  column->addSpacing(kGap);
  auto* views = makeGrid();
  views->addWidget(makeLabel(tr("Embeddings"), TextRole::Heading, this), 0, 0);
  views->addWidget(makeLabel(tr("View A"), TextRole::Quiet, this), 0, 1, Qt::AlignRight);
  views->addWidget(makeLabel(tr("View B"), TextRole::Quiet, this), 0, 2, Qt::AlignRight);
  row = 1;
  addRow(*views, row++, {NumberKey::RankA, NumberKey::RankB});
  addRow(*views, row++, {NumberKey::DeadA, NumberKey::DeadB});
  addRow(*views, row++, {NumberKey::DuplicatesA, NumberKey::DuplicatesB});
  addRow(*views, row++, {NumberKey::SpreadA, NumberKey::SpreadB});
  column->addLayout(views);
  column->addStretch(1);
  setAccessibleName(tr("Numbers of the matrix"));
  showKind(kind_);
  setInspection(nullptr);
}

void NumbersPanel::addRow(QGridLayout& grid, int row, const std::vector<NumberKey>& keys) {
  auto* name = new QLabel(this);
  names_[static_cast<std::size_t>(keys.front())] = name;
  grid.addWidget(name, row, 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    grid.addWidget(makeValue(keys[i]), row, static_cast<int>(i) + 1, Qt::AlignRight);
  }
}

QWidget* NumbersPanel::makeValue(NumberKey key) {
  QWidget* value = nullptr;
  if (isButton(key)) {
    auto* button = new LinkButton(this);
    connect(button, &QAbstractButton::clicked, this, [this, key] { activate(key); });
    value = button;
  } else {
    value = new QLabel(this);
  }
  const auto index = static_cast<std::size_t>(key);
  value->setObjectName(QStringLiteral("number%1").arg(index));
  values_[index] = value;
  return value;
}

// What a kind has no such number of is not there.
void NumbersPanel::showKind(MatrixKind kind) {
  kind_ = kind;
  lossTitle_->setVisible(hasNumber(NumberKey::Loss, kind));
  floorSentence_->setVisible(hasNumber(NumberKey::Floor, kind));
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    const auto key = static_cast<NumberKey>(i);
    values_[i]->setVisible(hasNumber(key, kind));
    if (QLabel* name = names_[i]) {
      name->setText(nameOf(key, kind));
      name->setToolTip(wrappedTip(helpOf(key, kind)));
      name->setVisible(hasNumber(key, kind));
    }
  }
}

void NumbersPanel::setInspection(std::shared_ptr<const Inspection> inspection) {
  inspection_ = std::move(inspection);
  isStale_ = false;
  menu_->hide();
  if (inspection_) {
    showKind(inspection_->origin().kind);
    numbers_ = inspectedNumbers(*inspection_);
    floorSentence_->setText(floorSentence(*inspection_));
    varianceNote_->setText(varianceNote(*inspection_));
    const MatrixOrigin& origin = inspection_->origin();
    const Matrix& matrix = inspection_->matrix();
    const QString size =
        matrix.isSquare() && isOfDimensions(kind_)
            ? tr("D = %1").arg(wholeNumber(matrix.rows()))
            : tr("%1 x %2").arg(wholeNumber(matrix.rows()), wholeNumber(matrix.columns()));
    QStringList parts;
    if (origin.step >= 0) {
      parts << tr("step %1").arg(wholeNumber(origin.step));
    }
    parts << (origin.n > 0 ? tr("N = %1").arg(wholeNumber(origin.n)) : tr("N unknown")) << size;
    if (origin.lambda > 0) {
      parts << tr("λ = %1").arg(shortNumber(origin.lambda));
    }
    shape_->setText(inspection_->statistics ? parts.join(QStringLiteral(", "))
                                            : tr("%1: counting ...").arg(parts.front()));
    shape_->setToolTip(parts.join(QStringLiteral(", ")));
  } else {
    numbers_.fill({.missing = tr("No matrix is shown yet.")});
    floorSentence_->clear();
    varianceNote_->clear();
    shape_->setText(tr("No matrix is shown yet."));
  }
  varianceNote_->setVisible(!varianceNote_->text().isEmpty());
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    showNumber(static_cast<NumberKey>(i), numbers_[i]);
  }
  dress();
}

void NumbersPanel::setStale() {
  if (!isStale_ && inspection_) {
    isStale_ = true;
    shape_->setText(
        tr("step %1; counting newer ones ...").arg(wholeNumber(inspection_->origin().step)));
    dress();
  }
}

void NumbersPanel::showNumber(NumberKey key, const InspectedNumber& number) {
  const auto index = static_cast<std::size_t>(key);
  QWidget* value = values_[index];
  const QString text = number.text + signOf(number.verdict);
  if (auto* button = qobject_cast<QAbstractButton*>(value)) {
    button->setText(text);
    button->updateGeometry();
    const bool isList = key != NumberKey::MinDiagonal && key != NumberKey::MaxOffDiagonal;
    button->setEnabled(number.missing.isEmpty() && (!isList || isOfDimensions(kind_)) &&
                       !(isList && number.verdict == Verdict::Good));  // an empty list
  } else {
    static_cast<QLabel*>(value)->setText(text);
  }
  QStringList tip{helpOf(key, kind_)};
  if (!number.missing.isEmpty()) {
    tip.prepend(number.missing);
  }
  tips_[index] = tip.join(QLatin1Char('\n'));
  value->setToolTip((number.missing.isEmpty() ? QString() : wrappedTip(number.missing)) +
                    wrappedTip(helpOf(key, kind_)));
  QStringList words{nameOf(key, kind_), viewOf(key)};
  words << (number.missing.isEmpty() ? number.text : number.missing) << wordOf(number.verdict);
  words.removeAll(QString());
  value->setAccessibleName(words.join(QStringLiteral(", ")));
  value->setAccessibleDescription(helpOf(key, kind_));
}

QString NumbersPanel::text(NumberKey key) const {
  const QWidget* value = values_[static_cast<std::size_t>(key)];
  const auto* button = qobject_cast<const QAbstractButton*>(value);
  return button != nullptr ? button->text() : static_cast<const QLabel*>(value)->text();
}

QString NumbersPanel::toolTip(NumberKey key) const { return tips_[static_cast<std::size_t>(key)]; }

void NumbersPanel::activate(NumberKey key) {
  if (!inspection_ || !inspection_->statistics) {
    return;
  }
  const MatrixStatistics& statistics = *inspection_->statistics;
  QWidget* at = values_[static_cast<std::size_t>(key)];
  const EmbeddingHealth* health = inspection_->health.get();
  switch (key) {
    case NumberKey::MinDiagonal:
      Q_EMIT cellActivated({statistics.minDiagonalIndex, statistics.minDiagonalIndex});
      break;
    case NumberKey::MaxOffDiagonal:
      if (const auto cell = strongestCell(statistics)) {
        Q_EMIT cellActivated(*cell);
      }
      break;
    case NumberKey::DeadA:
    case NumberKey::DeadB:
      if (health != nullptr) {
        listDead(at, key == NumberKey::DeadA ? health->a : health->b);
      }
      break;
    case NumberKey::DuplicatesA:
    case NumberKey::DuplicatesB:
      if (health != nullptr) {
        listDuplicates(at, key == NumberKey::DuplicatesA ? health->a : health->b);
      }
      break;
    default:
      break;
  }
}

void NumbersPanel::listDead(QWidget* at, const ViewHealth& health) {
  if (!isOfDimensions(kind_)) {
    return;  // it has no cells of dimensions to go to
  }
  // In a matrix that is not square a dimension of one view may have no partner on the diagonal.
  const Matrix& matrix = inspection_->matrix();
  std::vector<std::pair<QString, CellIndex>> cells;
  for (const std::int32_t dimension : health.dead) {
    cells.emplace_back(tr("Dimension %1").arg(wholeNumber(dimension)),
                       CellIndex{std::min<std::int64_t>(dimension, matrix.rows() - 1),
                                 std::min<std::int64_t>(dimension, matrix.columns() - 1)});
  }
  listCells(at, cells, static_cast<qint64>(cells.size()));
}

void NumbersPanel::listDuplicates(QWidget* at, const ViewHealth& health) {
  if (!isOfDimensions(kind_)) {
    return;
  }
  std::vector<std::pair<QString, CellIndex>> cells;
  for (const RankedCell& pair : health.duplicates) {
    cells.emplace_back(tr("%1 and %2: %3")
                           .arg(wholeNumber(pair.cell.row),
                                wholeNumber(pair.cell.column),
                                fixedNumber(static_cast<double>(pair.value), 3)),
                       pair.cell);
  }
  listCells(at, cells, health.duplicateCount);
}

void NumbersPanel::listCells(QWidget* at,
                             const std::vector<std::pair<QString, CellIndex>>& cells,
                             qint64 all) {
  menu_->clear();
  const std::size_t shown = std::min(cells.size(), kMostListed);
  for (std::size_t i = 0; i < shown; ++i) {
    const CellIndex cell = cells[i].second;
    QAction* action = menu_->addAction(cells[i].first);
    connect(action, &QAction::triggered, this, [this, cell] { Q_EMIT cellActivated(cell); });
  }
  const qint64 left = all - static_cast<qint64>(shown);
  if (left > 0) {
    menu_->addAction(tr("and %1 more").arg(wholeNumber(left)))->setEnabled(false);
  }
  menu_->popup(at->mapToGlobal(QPoint(0, at->height())));
}

void NumbersPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) {
    dress();
  }
}

void NumbersPanel::dress() {
  const Colors& set = colors(palette());
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    if (values_[i] == nullptr) {
      continue;
    }
    QPalette own = palette();
    const Verdict verdict = numbers_[i].verdict;
    const QColor color = isStale_                   ? set.quiet
                         : verdict == Verdict::Good ? set.good
                         : verdict == Verdict::Poor ? set.attention
                                                    : palette().color(QPalette::WindowText);
    for (const auto role : {QPalette::WindowText, QPalette::ButtonText}) {
      own.setColor(role, color);  // also while disabled: it still says something
    }
    values_[i]->setPalette(own);
  }
}

}  // namespace barlow::ui
