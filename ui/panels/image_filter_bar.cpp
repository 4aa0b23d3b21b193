#include "ui/panels/image_filter_bar.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>

namespace barlow::ui {
namespace {

constexpr int kTypingMs = 200;  // a pause in typing

}  // namespace

ImageFilterBar::ImageFilterBar(QWidget* parent)
    : QWidget(parent),
      part_(new QComboBox(this)),
      classes_(new QComboBox(this)),
      name_(new QLineEdit(this)),
      count_(new QLabel(this)) {
  part_->setObjectName(QStringLiteral("partFilter"));
  part_->setAccessibleName(tr("Part of the data set"));
  part_->addItem(tr("All images"), static_cast<int>(ImageFilter::Part::All));
  part_->addItem(tr("Trained on"), static_cast<int>(ImageFilter::Part::Training));
  part_->addItem(tr("Held out"), static_cast<int>(ImageFilter::Part::HeldOut));
  classes_->setObjectName(QStringLiteral("classFilter"));
  classes_->setAccessibleName(tr("Class"));
  classes_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  classes_->setMinimumContentsLength(14);
  name_->setObjectName(QStringLiteral("nameFilter"));
  name_->setAccessibleName(tr("Part of the name"));
  name_->setPlaceholderText(tr("Filter by name"));
  name_->setClearButtonEnabled(true);
  name_->setMaximumWidth(260);
  name_->setAcceptDrops(false);  // folders are for the panel
  count_->setObjectName(QStringLiteral("shownCount"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  row->addWidget(part_);
  row->addWidget(classes_);
  row->addWidget(name_, 1);
  row->addStretch(1);
  row->addWidget(count_);

  typing_.setSingleShot(true);
  typing_.setInterval(kTypingMs);
  for (QComboBox* box : {part_, classes_}) {
    connect(box, &QComboBox::activated, this, &ImageFilterBar::filterChanged);
  }
  connect(name_, &QLineEdit::textChanged, this, [this] {
    typing_.start();
    Q_EMIT typing();
  });
  connect(&typing_, &QTimer::timeout, this, &ImageFilterBar::filterChanged);
  setDataset(nullptr);
}

void ImageFilterBar::setDataset(const DatasetBrowser* dataset) {
  typing_.stop();
  part_->setCurrentIndex(0);
  part_->setEnabled(dataset != nullptr && dataset->trainSize() < dataset->size());
  classes_->clear();
  classes_->addItem(tr("All classes"), -1);
  if (dataset != nullptr) {
    int label = 0;
    for (const std::string& name : dataset->classNames()) {
      classes_->addItem(QString::fromStdString(name), label++);
    }
  }
  classes_->setEnabled(classes_->count() > 1);
  const QSignalBlocker quiet(name_);
  name_->clear();
  name_->setEnabled(dataset != nullptr);
}

ImageFilter ImageFilterBar::filter() const {
  return {.part = static_cast<ImageFilter::Part>(part_->currentData().toInt()),
          .label = classes_->currentData().toInt(),
          .name = name_->text().trimmed()};
}

void ImageFilterBar::setCount(const QString& text) { count_->setText(text); }

}  // namespace barlow::ui
