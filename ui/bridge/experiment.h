#pragma once

#include "core/params/config_io.h"
#include "core/params/run_config.h"

#include <QObject>
#include <QString>

#include <vector>

namespace barlow::ui {

/// The configuration that is being prepared, shared by all workspaces: whoever changes it tells the
/// others. Window thread only.
class Experiment final : public QObject {
  Q_OBJECT

 public:
  explicit Experiment(QObject* parent = nullptr);

  const RunConfig& config() const { return config_; }
  /// What "reset" and "changed" refer to: the preset, or the run that was opened.
  const RunConfig& base() const { return base_; }
  /// The preset's name, or the run's.
  const QString& baseName() const { return baseName_; }

  /// One edit by a person. Emits changed() when it is one.
  void setConfig(const RunConfig& config);
  /// A new starting point.
  void loadPreset(const std::string& name);
  void load(const RunConfig& config, const QString& name);
  /// Another data set (its SPEC, or a folder, which recognizedSource() looks at): its fitting
  /// preset's settings when `takePreset`, else only the source.
  void setSource(const std::string& source, bool takePreset);

  /// What validate() says of the present configuration, and what this machine lacks for it.
  const std::vector<Problem>& problems() const { return problems_; }

 Q_SIGNALS:
  void changed();
  /// Comes before changed().
  void sourceChanged();

 private:
  void apply(const RunConfig& config);

  RunConfig config_;
  RunConfig base_;
  QString baseName_;
  std::vector<Problem> problems_;
};

}  // namespace barlow::ui
