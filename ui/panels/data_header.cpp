#include "ui/panels/data_header.h"

#include "core/params/data_params.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

// The length of "cifar10:" in a SPEC that begins so, else 0.
qsizetype schemeLength(const QString& source) {
  for (const auto* scheme : {"cifar100:", "cifar10:"}) {
    if (source.startsWith(QLatin1String(scheme))) {
      return static_cast<qsizetype>(qstrlen(scheme));
    }
  }
  return 0;
}

// What was typed, as the core wants it: ~ is home, and a run may be resumed from another folder.
QString specFromText(const QString& text) {
  const qsizetype length = schemeLength(text);
  QString folder = QDir::fromNativeSeparators(text.mid(length));
  if (folder == QLatin1String("~") || folder.startsWith(QLatin1String("~/"))) {
    folder = QDir::homePath() + folder.mid(1);
  }
  if (!isGenerated(text.toStdString()) && !folder.isEmpty() && QFileInfo(folder).isDir()) {
    folder = QFileInfo(folder).absoluteFilePath();
  }
  return text.left(length) + folder;
}

}  // namespace

DataHeader::DataHeader(QWidget* parent)
    : QWidget(parent),
      title_(makeLabel({}, TextRole::Title, this)),
      about_(makeLabel({}, TextRole::Quiet, this)),
      splits_(makeLabel({}, TextRole::Quiet, this)),
      spec_(new QLineEdit(this)) {
  title_->setObjectName(QStringLiteral("dataTitle"));
  about_->setObjectName(QStringLiteral("dataAbout"));
  for (QLabel* label : {title_, about_}) {  // a long name must not widen the window
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    label->setWordWrap(false);
  }
  auto* shapes = new QPushButton(makeIcon(Icon::Data), tr("Generated shapes"), this);
  shapes->setObjectName(QStringLiteral("useShapes"));
  shapes->setToolTip(tr("Shapes of 8 classes under coloured waves, made by the program"));
  auto* folder = new QPushButton(makeIcon(Icon::Folder), tr("Open folder..."), this);
  folder->setObjectName(QStringLiteral("openFolder"));
  folder->setToolTip(
      tr("A folder of images: subfolders are classes, train and test inside are kept apart"));
  spec_->setObjectName(QStringLiteral("dataSpec"));
  spec_->setAccessibleName(tr("Data set: a folder, shapes, cifar10:FOLDER or cifar100:FOLDER"));
  spec_->setPlaceholderText(tr("A folder of images, or cifar10:FOLDER"));
  spec_->setToolTip(
      tr("A folder of images, shapes, cifar10:FOLDER or cifar100:FOLDER; Return opens it"));
  spec_->setAcceptDrops(false);  // the panel takes folders; a line edit would insert a URL
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(title_);
  words->addWidget(about_);
  splits_->setObjectName(QStringLiteral("dataSplits"));
  splits_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  auto* row = new QHBoxLayout;
  column->addLayout(row);
  column->addWidget(splits_);
  row->setSpacing(kGap);
  row->addLayout(words, 1);
  row->addSpacing(kWideGap);
  row->addWidget(spec_, 1);
  row->addWidget(shapes);
  row->addWidget(folder);
  connect(shapes, &QPushButton::clicked, this, [this] {
    Q_EMIT sourceChosen(QStringLiteral("shapes"));
  });
  connect(folder, &QPushButton::clicked, this, &DataHeader::folderRequested);
  connect(spec_, &QLineEdit::returnPressed, this, [this] {
    if (const QString text = spec_->text().trimmed(); !text.isEmpty()) {
      Q_EMIT sourceChosen(specFromText(text));
    }
  });
}

void DataHeader::setSource(const QString& source) {
  if (isGenerated(source.toStdString())) {
    title_->setText(tr("Generated shapes"));
    about_->setText(tr("Made by the program, nothing to download"));
  } else if (schemeLength(source) > 0) {
    const bool isHundred = source.startsWith(QLatin1String("cifar100"));
    title_->setText(isHundred ? tr("CIFAR-100") : tr("CIFAR-10"));
    about_->setText(tr("The binary version, 32 × 32 pixels"));
  } else {
    title_->setText(QDir(source).dirName());
    about_->setText(tr("A folder of images"));
  }
  setSplits({});
  title_->setToolTip(plainTip(source));
  spec_->setText(source);
  spec_->setCursorPosition(0);
}

void DataHeader::setSplits(const std::vector<SplitUse>& splits) {
  QStringList parts;
  for (const SplitUse& split : splits) {
    parts << tr("%1: %2, %3")
                 .arg(QString::fromStdString(split.split),
                      QLocale().toString(static_cast<qlonglong>(split.images)),
                      QString::fromStdString(split.use));
  }
  splits_->setText(parts.join(QStringLiteral("  ·  ")));
  splits_->setVisible(parts.size() > 1);
}

}  // namespace barlow::ui
