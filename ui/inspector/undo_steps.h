#pragma once

#include <QUndoCommand>

#include <functional>
#include <utility>

namespace barlow::ui {

/// From one value to another, by a function that applies either.
template <class T>
class UndoStep final : public QUndoCommand {
 public:
  using Apply = std::function<void(const T&)>;
  UndoStep(const QString& what, T before, T after, Apply apply)
      : QUndoCommand(what),
        before_(std::move(before)),
        after_(std::move(after)),
        apply_(std::move(apply)) {}
  void undo() override { apply_(before_); }
  void redo() override { apply_(after_); }

 private:
  T before_;
  T after_;
  Apply apply_;
};

}  // namespace barlow::ui
