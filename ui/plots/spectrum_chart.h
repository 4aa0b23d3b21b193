#pragma once

#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

namespace barlow::ui {

/// The eigenvalues of the embeddings of both views, largest first, on a logarithmic axis. The
/// number under the cursor is read out beside the title; left and right do the same.
class SpectrumChart final : public QWidget {
  Q_OBJECT

 public:
  explicit SpectrumChart(QWidget* parent = nullptr);
  ~SpectrumChart() override;
  /// What is said instead of data, from the next data on.
  void setEmptyText(const QString& sentence);

  /// Shares of the total variance. Values of 0 and below end a curve. Both empty: no embeddings.
  void setSpectra(std::vector<float> a, std::vector<float> b);
  /// "12: A 0.013, B 0.008"; numbers count from 1.
  QString readOut(std::int64_t number) const;

  /// The shown range, for tests.
  struct View {
    double first = 0;
    double last = 0;
    double low = 0;
    double high = 0;
  };
  View view() const;

 protected:
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
