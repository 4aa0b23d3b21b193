#pragma once

#include <QListView>

namespace barlow::ui {

/// The thumbnails of a ThumbnailModel in as many columns as fit, with a caption each.
class ThumbnailGrid final : public QListView {
  Q_OBJECT

 public:
  static constexpr int kSide = 128;  // of a thumbnail, in device-independent pixels

  explicit ThumbnailGrid(QWidget* parent = nullptr);
  /// False from the model's reset until what is seen was drawn, and so was asked for.
  bool isPainted() const { return isPainted_; }
  void reset() override;

 Q_SIGNALS:
  /// A double click or Return.
  void chosen(qint64 image);
  void painted();  // isPainted() became true

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void fitColumns();
  void choose(const QModelIndex& index);

  bool isPainted_ = false;
};

}  // namespace barlow::ui
