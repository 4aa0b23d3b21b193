#pragma once

#include "core/params/param_info.h"

#include <QString>
#include <QStringList>
#include <QWidget>

#include <cstdint>
#include <functional>

class QLineEdit;

namespace barlow::ui {

/// The control of one described parameter. Values travel as the text that files and the command
/// line use, so that one parser serves all.
struct FieldControl {
  QWidget* widget = nullptr;
  std::function<QString()> text;
  std::function<void(const QString&)> setText;  // tells nobody
};

/// A describe() visitor's answer for each kind of field. `edited` is called when a person has
/// finished an edit: Return, leaving the field, an arrow, a choice.
class FieldControlMaker {
 public:
  FieldControlMaker(QWidget* parent, std::function<void()> edited)
      : parent_(parent), edited_(std::move(edited)) {}

  FieldControl make(Text) const;
  FieldControl make(Flag) const;
  FieldControl make(const Range<int>& range) const;
  FieldControl make(const Range<std::int64_t>& range) const;
  FieldControl make(const Range<double>& range) const;
  FieldControl make(const NumberList&) const;
  FieldControl make(const PerChannel&) const;
  /// `names` and `labels`: of the choices, in the form's order.
  FieldControl make(const QStringList& names, const QStringList& labels) const;

 private:
  FieldControl makeLine(std::function<void(QLineEdit&, int direction)> step) const;
  QWidget* parent_;
  std::function<void()> edited_;
};

}  // namespace barlow::ui
