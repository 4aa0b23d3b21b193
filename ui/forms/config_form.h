#pragma once

#include "ui/bridge/experiment.h"

#include <QStringList>
#include <QWidget>

#include <map>
#include <memory>
#include <string>

namespace barlow::ui {

/// What a form calls the field of a key: "Optimiser: Base learning rate" of
/// "optim.base_learning_rate"; an unknown key as it is.
QString fieldName(const std::string& key);

/// Form fields for the described parameters of the Experiment, built by a describe() visitor:
/// nothing is written twice. Per field: label, control, unit, help as tool tip and accessible
/// description; a changed value is marked and can be reset to the base; a value that validate()
/// refuses is explained under its field in one sentence. Common fields stand first, the rest under
/// "More".
class ConfigForm final : public QWidget {
  Q_OBJECT

 public:
  /// `sections`: key prefixes such as "optim." or "augment.a.", or whole keys, shown in this order.
  ConfigForm(Experiment& experiment, const QStringList& sections, QWidget* parent = nullptr);
  ~ConfigForm() override;

  /// The keys of the fields it has, in order.
  QStringList keys() const;
  /// The control of a key, for tests and for moving the focus to a problem; null when not here.
  QWidget* control(const QString& key) const;
  /// A quiet sentence under the field of a key, which is here.
  void setNote(const QString& key, const QString& sentence);
  /// A run goes on: what it cannot change is disabled and says why.
  void setRunning(bool isRunning);
  /// What is said above such a form.
  static QString runningText();
  bool isMoreShown() const;
  void setMoreShown(bool isShown);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
