#pragma once

#include "core/matrix/statistics.h"
#include "core/matrix/viewport.h"

#include <QPointer>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>

class QAction;
class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QToolButton;

namespace barlow::ui {

class ColorLimitsBar;
class NumberBox;

/// How a matrix is shown: everything of RenderSettings as controls. Each edit by a person is told
/// twice: settingsChanged while it happens, changed() with before and after once it is done (a drag
/// once at its end), for an undo stack. The setters tell nobody.
class DisplayControls final : public QWidget {
  Q_OBJECT

 public:
  explicit DisplayControls(QWidget* parent = nullptr);

  const RenderSettings& settings() const { return settings_; }
  /// Limits that are not symmetric about zero open the symmetric lock. Throws Exception for what
  /// ColorScale refuses.
  void setSettings(const RenderSettings& settings);
  /// What the one-click limits go by, and the bar's histograms; null is allowed.
  void setStatistics(std::shared_ptr<const MatrixStatistics> statistics);
  /// Of the pyramid: how coarse blocks can be.
  void setLevels(int levels);
  /// From now on the bar shows these limits and changes them. It may live anywhere.
  void connectBar(ColorLimitsBar* bar);

  /// Shown, dimmed, hidden, shown: key D. Also for the menu and the workspace, so that the key
  /// works while these controls are out of sight.
  QAction* diagonalAction() const { return diagonalAction_; }

 Q_SIGNALS:
  void settingsChanged(const barlow::RenderSettings& settings);
  void changed(const barlow::RenderSettings& before,
               const barlow::RenderSettings& after,
               const QString& what);

 private:
  static constexpr double kMostLimit = 1e6;
  using Change = std::function<void(RenderSettings&)>;
  void addCells(QFormLayout& form);
  void addColors(QFormLayout& form);
  void addLimits(QFormLayout& form);
  QComboBox* makeChoice(QFormLayout& form, const QString& name, const QString& objectName);
  QToolButton* makeRule(const QString& text, const QString& tip, LimitsRule rule);
  void edit(const QString& what, const Change& change);
  bool take(RenderSettings next);
  void editLimit(bool isHigh);
  void applyRule(LimitsRule rule);
  void dragLimits(float low, float high);
  void commitLimits();
  void showSettings();
  void showMaps();
  void showLevels();
  void showHistograms();
  void setSymmetric(bool isSymmetric);

  RenderSettings settings_;
  std::shared_ptr<const MatrixStatistics> statistics_;
  std::optional<RenderSettings> dragStart_;
  bool isSymmetric_ = true;
  int levels_ = 0;
  QPointer<ColorLimitsBar> bar_;
  QAction* diagonalAction_;
  QComboBox* reduction_ = nullptr;
  QComboBox* transform_ = nullptr;
  QComboBox* diagonal_ = nullptr;
  QComboBox* blocks_ = nullptr;
  QComboBox* map_ = nullptr;
  QCheckBox* reversed_ = nullptr;
  QComboBox* scale_ = nullptr;
  QLabel* scaleName_ = nullptr;
  NumberBox* scaleNumber_ = nullptr;
  NumberBox* low_ = nullptr;
  NumberBox* high_ = nullptr;
  QCheckBox* symmetric_ = nullptr;
  NumberBox* percentile_ = nullptr;
  QWidget* rules_ = nullptr;
  QLabel* problem_ = nullptr;
};

}  // namespace barlow::ui
