#include "ui/inspector/compared_numbers.h"

#include "ui/inspector/matrix_timeline.h"
#include "ui/inspector/number_text.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QGridLayout>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

using Numbers = std::array<InspectedNumber, kNumberCount>;

Numbers numbersOf(const std::shared_ptr<const Inspection>& inspection) {
  if (inspection) {
    return inspectedNumbers(*inspection);
  }
  Numbers none;
  none.fill({.missing = ComparedNumbers::tr("No matrix is shown yet.")});
  return none;
}

QString textOf(const InspectedNumber& number) {
  return number.value ? shortNumber(*number.value) : number.text;
}

QString differenceOf(const InspectedNumber& first, const InspectedNumber& second) {
  if (!first.value || !second.value) {
    return QStringLiteral("–");
  }
  const double difference = *first.value - *second.value;
  return (difference > 0 ? QStringLiteral("+") : QString()) + shortNumber(difference);
}

void tell(QLabel& label, const QString& text, const QString& missing) {
  label.setText(text);
  label.setToolTip(missing.isEmpty() ? QString() : wrappedTip(missing));
}

}  // namespace

PairTitles titlesOf(const MatrixOrigin& first, const MatrixOrigin& second, const QString& run) {
  MatrixOrigin a = first;
  MatrixOrigin b = second;
  for (MatrixOrigin* origin : {&a, &b}) {
    if (origin->name.empty() && origin->step >= 0) {
      origin->name = run.toStdString();
    }
  }
  if (a.name == b.name && a.step >= 0 && b.step >= 0) {
    a.name.clear();
    b.name.clear();
  }
  return {titleOf(a), titleOf(b)};
}

ComparedNumbers::ComparedNumbers(QWidget* parent)
    : QWidget(parent), firstTitle_(new ElidedLabel(this)), secondTitle_(new ElidedLabel(this)) {
  setObjectName(QStringLiteral("comparedNumbers"));
  setAccessibleName(tr("Numbers of both matrices"));
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(kGap);
  grid->setVerticalSpacing(2);
  grid->setColumnStretch(0, 1);
  const int width = fontMetrics().horizontalAdvance(QStringLiteral("-0.01234 "));
  for (int column = 1; column <= 3; ++column) {
    grid->setColumnMinimumWidth(column, width);
  }
  for (ElidedLabel* title : {firstTitle_, secondTitle_}) {
    title->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    title->setMaximumWidth(width);
  }
  grid->addWidget(makeLabel(tr("Numbers"), TextRole::Heading, this), 0, 0);
  grid->addWidget(firstTitle_, 0, 1);
  grid->addWidget(secondTitle_, 0, 2);
  auto* difference = new ElidedLabel(this);
  difference->setText(tr("difference"));
  difference->setToolTip(tr("The first minus the second"));
  difference->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  grid->addWidget(difference, 0, 3);
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    const int row = static_cast<int>(i) + 1;
    rows_[i].name = new ElidedLabel(this, Qt::ElideRight);
    grid->addWidget(rows_[i].name, row, 0);
    int column = 1;
    for (QLabel** label : {&rows_[i].first, &rows_[i].second, &rows_[i].difference}) {
      *label = new QLabel(this);
      grid->addWidget(*label, row, column++, Qt::AlignRight);
    }
  }
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addLayout(grid);
  column->addStretch(1);
  setInspections(nullptr, nullptr, {});
}

void ComparedNumbers::showKind(MatrixKind kind) {
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    const auto key = static_cast<NumberKey>(i);
    const QString view = viewOf(key);
    const Row& row = rows_[i];
    row.name->setText(view.isEmpty() ? nameOf(key, kind)
                                     : tr("%1, %2").arg(nameOf(key, kind), view.right(1)));
    row.name->setToolTip(wrappedTip(row.name->text()) + wrappedTip(helpOf(key, kind)));
    for (QWidget* widget :
         std::initializer_list<QWidget*>{row.name, row.first, row.second, row.difference}) {
      widget->setVisible(hasNumber(key, kind));
    }
  }
}

void ComparedNumbers::setInspections(const std::shared_ptr<const Inspection>& first,
                                     const std::shared_ptr<const Inspection>& second,
                                     const PairTitles& titles) {
  showKind(first ? first->origin().kind : MatrixKind::CrossCorrelation);
  const Numbers a = numbersOf(first);
  const Numbers b = numbersOf(second);
  for (std::size_t i = 0; i < kNumberCount; ++i) {
    tell(*rows_[i].first, textOf(a[i]), a[i].missing);
    tell(*rows_[i].second, textOf(b[i]), b[i].missing);
    tell(*rows_[i].difference,
         differenceOf(a[i], b[i]),
         a[i].missing.isEmpty() ? b[i].missing : a[i].missing);
  }
  firstTitle_->setText(titles.first);
  secondTitle_->setText(titles.second);
  firstTitle_->setToolTip(first ? titleOf(first->origin()) : QString());
  secondTitle_->setToolTip(second ? titleOf(second->origin()) : QString());
}

ComparedNumbers::Texts ComparedNumbers::texts(NumberKey key) const {
  const Row& row = rows_[static_cast<std::size_t>(key)];
  return {row.first->text(), row.second->text(), row.difference->text()};
}

}  // namespace barlow::ui
