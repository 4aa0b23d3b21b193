#include "ui/plots/matrix_accessible.h"

#include "ui/plots/matrix_canvas.h"
#include "ui/plots/matrix_words.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QCoreApplication>
#include <QHash>
#include <QPointer>

#include <deque>

namespace barlow::ui {
namespace {

constexpr std::size_t kMostCells = 4096;  // interfaces that are kept at a time

QString tr(const char* text) {
  return QCoreApplication::translate("barlow::ui::MatrixCanvas", text);
}

QRect onScreen(const MatrixCanvas& canvas, const QRectF& box) {
  const QRect pixels = box.toAlignedRect();
  return {canvas.mapToGlobal(pixels.topLeft()), pixels.size()};
}

class CellAccessible final : public QAccessibleInterface, public QAccessibleTableCellInterface {
 public:
  CellAccessible(MatrixCanvas* canvas, CellIndex place) : canvas_(canvas), place_(place) {}

  bool isValid() const override {
    return canvas_ != nullptr && canvas_->matrix() != nullptr &&
           place_.row < canvas_->matrix()->matrix().rows() &&
           place_.column < canvas_->matrix()->matrix().columns();
  }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return table(); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  void setText(QAccessible::Text, const QString&) override {}
  QAccessible::Role role() const override { return QAccessible::Cell; }

  QString text(QAccessible::Text kind) const override {
    if (!isValid()) {
      return {};
    }
    const MatrixReading reading = canvas_->readingOf(place_);
    switch (kind) {
      case QAccessible::Name:
        return tr("%1, %2 = %3")
            .arg(cellText(canvas_->kind(), reading.cell),
                 canvas_->valueName(),
                 valueText(reading.value));
      case QAccessible::Value:
        return valueText(reading.value);
      case QAccessible::Description:
        return canvas_->readOut(reading);
      default:
        return {};
    }
  }

  QRect rect() const override {
    return isValid()
               ? onScreen(*canvas_, canvas_->cellRect(place_).intersected(canvas_->matrixArea()))
               : QRect();
  }

  QAccessible::State state() const override {
    QAccessible::State state;
    state.readOnly = true;
    state.focusable = true;
    state.selectable = true;
    state.invalid = !isValid();
    if (isValid()) {
      state.selected = isSelected();
      state.focused = isSelected() && canvas_->hasFocus();
      state.offscreen = !canvas_->cellRect(place_).intersects(canvas_->matrixArea());
      state.invisible = !canvas_->isVisible();
    }
    return state;
  }

  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableCellInterface
               ? static_cast<QAccessibleTableCellInterface*>(this)
               : nullptr;
  }

  bool isSelected() const override {
    return isValid() && canvas_->cursorCell() == std::optional(place_);
  }
  QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
  QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
  int columnIndex() const override { return static_cast<int>(place_.column); }
  int rowIndex() const override { return static_cast<int>(place_.row); }
  int columnExtent() const override { return 1; }
  int rowExtent() const override { return 1; }
  QAccessibleInterface* table() const override {
    return QAccessible::queryAccessibleInterface(canvas_);
  }

 private:
  QPointer<MatrixCanvas> canvas_;
  CellIndex place_;
};

class TableAccessible final : public QAccessibleWidget, public QAccessibleTableInterface {
 public:
  explicit TableAccessible(MatrixCanvas* canvas)
      : QAccessibleWidget(canvas, QAccessible::Table), canvas_(canvas) {}
  ~TableAccessible() override { forgetCells(); }
  TableAccessible(const TableAccessible&) = delete;
  TableAccessible& operator=(const TableAccessible&) = delete;

  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                               : QAccessibleWidget::interface_cast(type);
  }
  QString text(QAccessible::Text kind) const override {
    const std::optional<CellIndex> cursor = canvas_->cursorCell();
    return kind == QAccessible::Value && cursor ? canvas_->readOut(canvas_->readingOf(*cursor))
                                                : QAccessibleWidget::text(kind);
  }

  // Children: the cells, row by row. At most 16384^2, which an int holds.
  int childCount() const override { return rowCount() * columnCount(); }
  QAccessibleInterface* child(int index) const override {
    return index >= 0 && index < childCount() ? cellAt(index / columnCount(), index % columnCount())
                                              : nullptr;
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    const auto* cell = dynamic_cast<const CellAccessible*>(child);
    return cell == nullptr ? -1 : cell->rowIndex() * columnCount() + cell->columnIndex();
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    const std::optional<MatrixReading> reading =
        canvas_->readingAt(canvas_->mapFromGlobal(QPoint(x, y)));
    return reading ? cell(reading->place) : nullptr;
  }
  QAccessibleInterface* focusChild() const override {
    const std::optional<CellIndex> cursor = canvas_->cursorCell();
    return canvas_->hasFocus() && cursor ? cell(*cursor) : QAccessibleWidget::focusChild();
  }

  QAccessibleInterface* caption() const override { return nullptr; }
  QAccessibleInterface* summary() const override { return nullptr; }
  QAccessibleInterface* cellAt(int row, int column) const override {
    const bool isInside = row >= 0 && row < rowCount() && column >= 0 && column < columnCount();
    return isInside ? cell({row, column}) : nullptr;
  }
  int rowCount() const override {
    return canvas_->matrix() ? static_cast<int>(canvas_->matrix()->matrix().rows()) : 0;
  }
  int columnCount() const override {
    return canvas_->matrix() ? static_cast<int>(canvas_->matrix()->matrix().columns()) : 0;
  }
  QString rowDescription(int row) const override {
    return textOf(wordsOf(canvas_->kind()).row, canvas_->labels().row(row));
  }
  QString columnDescription(int column) const override {
    return textOf(wordsOf(canvas_->kind()).column, canvas_->labels().column(column));
  }
  int selectedCellCount() const override { return canvas_->cursorCell() ? 1 : 0; }
  QList<QAccessibleInterface*> selectedCells() const override {
    const std::optional<CellIndex> cursor = canvas_->cursorCell();
    return cursor ? QList{cell(*cursor)} : QList<QAccessibleInterface*>();
  }
  // Cells are selected one at a time, rows and columns never.
  int selectedColumnCount() const override { return 0; }
  int selectedRowCount() const override { return 0; }
  QList<int> selectedColumns() const override { return {}; }
  QList<int> selectedRows() const override { return {}; }
  bool isColumnSelected(int) const override { return false; }
  bool isRowSelected(int) const override { return false; }
  bool selectRow(int) override { return false; }
  bool selectColumn(int) override { return false; }
  bool unselectRow(int) override { return false; }
  bool unselectColumn(int) override { return false; }
  void modelChange(QAccessibleTableModelChangeEvent*) override { forgetCells(); }

 private:
  // Made when first asked for, and given again: who holds one knows it by its id.
  QAccessibleInterface* cell(CellIndex place) const {
    const qint64 key = place.row * kMaxMatrixSide + place.column;
    if (const auto found = ids_.constFind(key); found != ids_.constEnd()) {
      return QAccessible::accessibleInterface(*found);
    }
    if (order_.size() >= kMostCells) {
      QAccessible::deleteAccessibleInterface(ids_.take(order_.front()));
      order_.pop_front();
    }
    auto* made = new CellAccessible(canvas_, place);  // owned by QAccessible's cache
    ids_.insert(key, QAccessible::registerAccessibleInterface(made));
    order_.push_back(key);
    return made;
  }
  void forgetCells() {
    for (const QAccessible::Id id : std::as_const(ids_)) {
      QAccessible::deleteAccessibleInterface(id);
    }
    ids_.clear();
    order_.clear();
  }

  MatrixCanvas* canvas_;
  mutable QHash<qint64, QAccessible::Id> ids_;
  mutable std::deque<qint64> order_;  // keys from the oldest on
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  auto* canvas = qobject_cast<MatrixCanvas*>(object);
  return canvas == nullptr ? nullptr : new TableAccessible(canvas);
}

}  // namespace

void installMatrixAccessibility() {
  static const bool kInstalled = [] {
    QAccessible::installFactory(makeInterface);
    return true;
  }();
  static_cast<void>(kInstalled);
}

void announceCell(MatrixCanvas* canvas) {
  const std::optional<CellIndex> cursor = canvas->cursorCell();
  if (!cursor) {
    return;
  }
  const std::int64_t columns = canvas->matrix()->matrix().columns();
  QAccessibleEvent event(canvas, QAccessible::Focus);
  event.setChild(static_cast<int>(cursor->row * columns + cursor->column));
  QAccessible::updateAccessibility(&event);
}

void resetMatrixAccessibility(MatrixCanvas* canvas) {
  QAccessibleTableModelChangeEvent event(canvas, QAccessibleTableModelChangeEvent::ModelReset);
  QAccessible::updateAccessibility(&event);
}

}  // namespace barlow::ui
