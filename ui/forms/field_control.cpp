#include "ui/forms/field_control.h"

#include "ui/forms/number_box.h"

#include <QCheckBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStylePainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

/// A choice whose words end in dots where they have no room.
class ChoiceBox final : public QComboBox {
 public:
  using QComboBox::QComboBox;

 protected:
  void paintEvent(QPaintEvent*) override {
    QStyleOptionComboBox option;
    initStyleOption(&option);
    const QRect room =
        style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
    constexpr int kMargin = 4;
    option.currentText =
        fontMetrics().elidedText(option.currentText, Qt::ElideRight, room.width() - kMargin);
    QStylePainter painter(this);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
  }
};

// The wheel scrolls the form; it changes a value only where a person is editing it.
class WheelGuard final : public QObject {
 public:
  using QObject::QObject;
  bool eventFilter(QObject* watched, QEvent* event) override {
    const auto* widget = qobject_cast<QWidget*>(watched);
    if (event->type() == QEvent::Wheel && widget != nullptr && !widget->hasFocus()) {
      event->ignore();
      return true;
    }
    return QObject::eventFilter(watched, event);
  }
};

void guardWheel(QWidget* widget) {
  widget->setFocusPolicy(Qt::StrongFocus);
  widget->installEventFilter(new WheelGuard(widget));
}

// A line whose arrow keys change the number in it.
class NumberLine final : public QLineEdit {
 public:
  NumberLine(QWidget* parent, std::function<void(QLineEdit&, int)> step)
      : QLineEdit(parent), step_(std::move(step)) {}

 protected:
  void keyPressEvent(QKeyEvent* event) override {
    const int direction = event->key() == Qt::Key_Up ? 1 : event->key() == Qt::Key_Down ? -1 : 0;
    if (direction == 0 || !step_) {
      QLineEdit::keyPressEvent(event);
      return;
    }
    step_(*this, direction);
    Q_EMIT editingFinished();
  }

 private:
  std::function<void(QLineEdit&, int)> step_;
};

// Three numbers joined by commas, as files have them, of "0.5, 0.4, 0.3", "0,5; 0,4; 0,3" and
// "0,5 0,4 0,3".
QString plainChannels(const QString& text) {
  for (const char16_t separator : {u',', u';', u' '}) {
    QStringList parts = text.split(QChar(separator), Qt::SkipEmptyParts);
    if (parts.size() == 3 && std::all_of(parts.begin(), parts.end(), numberOf)) {
      std::transform(parts.begin(), parts.end(), parts.begin(), plainNumber);
      return parts.join(QLatin1Char(','));
    }
  }
  return text;
}

}  // namespace

FieldControl FieldControlMaker::makeLine(std::function<void(QLineEdit&, int)> step) const {
  auto* line = new NumberLine(parent_, std::move(step));
  // Leaving a field that nobody touched is no edit.
  QObject::connect(line, &QLineEdit::editingFinished, line, [line, edited = edited_] {
    if (line->property("shown").toString() != line->text()) {
      edited();
    }
  });
  return {.widget = line,
          .text = [line] { return line->text().trimmed(); },
          .setText =
              [line](const QString& text) {
                line->setProperty("shown", text);
                if (line->text() != text) {
                  line->setText(text);
                  line->setCursorPosition(0);
                }
              }};
}

FieldControl FieldControlMaker::make(Text) const { return makeLine({}); }
FieldControl FieldControlMaker::make(const NumberList&) const { return makeLine({}); }

FieldControl FieldControlMaker::make(const PerChannel&) const {
  FieldControl control = makeLine({});
  control.text = [typed = control.text] { return plainChannels(typed()); };
  return control;
}

FieldControl FieldControlMaker::make(Flag) const {
  auto* box = new QCheckBox(parent_);
  QObject::connect(box, &QCheckBox::clicked, box, [edited = edited_] { edited(); });
  return {
      .widget = box,
      .text = [box] { return box->isChecked() ? QStringLiteral("true") : QStringLiteral("false"); },
      .setText = [box](const QString& text) { box->setChecked(text == QStringLiteral("true")); }};
}

FieldControl FieldControlMaker::make(const Range<int>& range) const {
  auto* box = new WholeBox(parent_);
  box->setRange(range.min, range.max);
  box->setSingleStep(range.step);
  box->setMinimumWidth(40);
  guardWheel(box);
  QObject::connect(box, &QSpinBox::valueChanged, box, [edited = edited_] { edited(); });
  return {.widget = box,
          .text = [box] { return QString::number(box->value()); },
          .setText =
              [box](const QString& text) {
                const QSignalBlocker quiet(box);
                box->setValue(text.toInt());
              }};
}

FieldControl FieldControlMaker::make(const Range<std::int64_t>& range) const {
  return makeLine([range](QLineEdit& line, int direction) {
    bool isNumber = false;
    const qlonglong now = line.text().toLongLong(&isNumber);
    if (isNumber) {
      line.setText(QString::number(
          std::clamp<qlonglong>(now + direction * range.step, range.min, range.max)));
    }
  });
}

FieldControl FieldControlMaker::make(const Range<double>& range) const {
  FieldControl control = makeLine([range](QLineEdit& line, int direction) {
    const auto typed = numberOf(line.text());
    if (!typed) {
      return;
    }
    const double now = *typed;
    // Numbers far below the step (a weight decay of 1e-6) change by a factor.
    const bool isTiny = now != 0 && std::abs(now) < range.step;
    const double next = isTiny ? now * (direction > 0 ? 2 : 0.5) : now + direction * range.step;
    line.setText(QString::number(std::clamp(next, range.min, range.max), 'g', 6));
  });
  control.text = [typed = control.text] { return plainNumber(typed()); };
  // Six digits are enough to read; the value itself changes only when a person edits it.
  control.setText = [exact = control.setText](const QString& text) {
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    exact(isNumber ? QString::number(value, 'g', 6) : text);
  };
  return control;
}

FieldControl FieldControlMaker::make(const QStringList& names, const QStringList& labels) const {
  auto* box = new ChoiceBox(parent_);
  for (int i = 0; i < names.size(); ++i) {
    box->addItem(labels[i], names[i]);
  }
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(8);
  guardWheel(box);
  QObject::connect(box, &QComboBox::activated, box, [edited = edited_] { edited(); });
  return {.widget = box,
          .text = [box] { return box->currentData().toString(); },
          .setText =
              [box](const QString& text) {
                if (box->findData(text) < 0) {  // from a file; what is wrong with it stands below
                  box->addItem(text, text);
                }
                box->setCurrentIndex(box->findData(text));
              }};
}

}  // namespace barlow::ui
