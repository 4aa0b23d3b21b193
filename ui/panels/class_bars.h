#pragma once

#include <QScrollArea>
#include <QString>

#include <cstdint>
#include <vector>

namespace barlow::ui {

struct ClassCount {
  QString name;
  std::int64_t images = 0;
};

/// One bar per class, scrollable. Only what is seen is drawn: thousands of classes cost nothing.
class ClassBars final : public QScrollArea {
  Q_OBJECT

 public:
  explicit ClassBars(QWidget* parent = nullptr);
  void setCounts(std::vector<ClassCount> counts);
  const std::vector<ClassCount>& counts() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 private:
  class Canvas;
  Canvas* canvas_;
};

}  // namespace barlow::ui
