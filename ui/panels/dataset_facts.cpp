#include "ui/panels/dataset_facts.h"

#include "core/studio/dataset_check.h"
#include "ui/panels/class_bars.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr std::size_t kMostProblemsListed = 500;

QString number(std::int64_t count) { return QLocale().toString(static_cast<qlonglong>(count)); }

QString sizeText(PixelSize size) {
  return QStringLiteral("%1 × %2").arg(size.width).arg(size.height);
}

QLabel* makeValue(const QString& name, QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setObjectName(name);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setWordWrap(true);
  return label;
}

}  // namespace

DatasetCounts countDataset(const DatasetBrowser& dataset) {
  DatasetCounts counts;
  counts.perClass.resize(dataset.classNames().size());
  for (std::int64_t i = 0; i < dataset.size() && !counts.perClass.empty(); ++i) {
    const int label = dataset.label(i);
    if (label >= 0 && static_cast<std::size_t>(label) < counts.perClass.size()) {
      ++counts.perClass[static_cast<std::size_t>(label)];
    }
  }
  if (dataset.size() > 0) {
    if (const auto first = dataset.image(0)) {
      counts.firstSize = {first->width, first->height};
    }
  }
  return counts;
}

DatasetFacts::DatasetFacts(QWidget* parent)
    : QWidget(parent),
      images_(makeValue(QStringLiteral("imageCount"), this)),
      training_(makeValue(QStringLiteral("trainingCount"), this)),
      heldOut_(makeValue(QStringLiteral("heldOutCount"), this)),
      classes_(makeValue(QStringLiteral("classCount"), this)),
      size_(makeValue(QStringLiteral("imageSizes"), this)),
      classTitle_(makeLabel(tr("Images per class"), TextRole::Heading, this)),
      bars_(new ClassBars(this)),
      problemTitle_(makeLabel({}, TextRole::Heading, this)),
      problems_(new QListWidget(this)),
      checkButton_(new QPushButton(tr("Check every image"), this)),
      progressBar_(new QProgressBar(this)),
      verdict_(makeLabel({}, TextRole::Quiet, this)) {
  bars_->setObjectName(QStringLiteral("classBars"));
  bars_->setAccessibleName(tr("Images per class"));
  problems_->setObjectName(QStringLiteral("dataProblems"));
  problems_->setAccessibleName(tr("Images that cannot be used"));
  problems_->setWordWrap(true);
  problems_->setResizeMode(QListView::Adjust);
  problems_->setAlternatingRowColors(true);
  problems_->setSpacing(2);
  problems_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  problems_->setMinimumHeight(100);
  checkButton_->setObjectName(QStringLiteral("checkImages"));
  checkButton_->setToolTip(tr("Decodes every image once and lists those that cannot be read"));
  progressBar_->setObjectName(QStringLiteral("checkProgress"));
  progressBar_->setAccessibleName(tr("Images checked"));
  verdict_->setObjectName(QStringLiteral("checkVerdict"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(makeTable());
  column->addSpacing(kGap);
  column->addWidget(classTitle_);
  column->addWidget(bars_, 1);
  column->addSpacing(kGap);
  column->addWidget(problemTitle_);
  column->addWidget(problems_, 1);
  column->addWidget(verdict_);
  column->addWidget(progressBar_);
  column->addWidget(checkButton_);
  column->addStretch(0);
  connect(checkButton_, &QPushButton::clicked, this, [this] {
    check_.isBusy() ? cancelCheck() : startCheck();
  });
  connect(&look_, &QTimer::timeout, this, &DatasetFacts::showProgress);
  showChecking(false);
  setDataset(nullptr, {}, {});
}

DatasetFacts::~DatasetFacts() = default;

QWidget* DatasetFacts::makeTable() {
  auto* table = new QWidget(this);
  auto* form = new QGridLayout(table);  // unlike a form it gives wrapped text all of its lines
  form->setContentsMargins(0, 0, 0, 0);
  form->setHorizontalSpacing(kWideGap);
  form->setVerticalSpacing(4);
  form->setColumnStretch(1, 1);
  const auto add = [&](const QString& text, QLabel* value) {
    auto* name = makeLabel(text, TextRole::Quiet, table);
    name->setWordWrap(false);
    value->setAccessibleName(text);
    const int row = form->rowCount();
    form->addWidget(name, row, 0, Qt::AlignTop);
    form->addWidget(value, row, 1);
  };
  add(tr("Images"), images_);
  add(tr("Trained on"), training_);
  add(tr("Held out"), heldOut_);
  add(tr("Classes"), classes_);
  add(tr("Size"), size_);
  return table;
}

void DatasetFacts::setDataset(std::shared_ptr<const DatasetBrowser> dataset,
                              const DatasetCounts& counts,
                              const std::string& source) {
  cancelCheck();
  dataset_ = std::move(dataset);
  source_ = source;
  verdict_->clear();
  verdict_->hide();
  setEnabled(dataset_ != nullptr);
  std::vector<ClassCount> classes;
  const QString none = QStringLiteral("–");
  for (QLabel* label : {images_, training_, heldOut_, classes_, size_}) {
    label->setText(none);
  }
  if (dataset_) {
    const std::int64_t held = dataset_->size() - dataset_->trainSize();
    std::int64_t unused = 0;
    for (const SplitUse& split : dataset_->splits()) {
      unused += split.use.starts_with("not used") ? split.images : 0;
    }
    images_->setText(unused > 0
                         ? tr("%1 used, %2 not used").arg(number(dataset_->size()), number(unused))
                         : number(dataset_->size()));
    training_->setText(number(dataset_->trainSize()));
    heldOut_->setText(held > 0                         ? tr("%1 for evaluation").arg(number(held))
                      : dataset_->classNames().empty() ? tr("none, without classes")
                                                       : tr("none"));
    for (std::size_t i = 0; i < counts.perClass.size(); ++i) {
      classes.push_back({QString::fromStdString(dataset_->classNames()[i]), counts.perClass[i]});
    }
    classes_->setText(classes.empty() ? tr("none; training needs none")
                                      : number(static_cast<std::int64_t>(classes.size())));
    if (counts.firstSize.width > 0) {
      size_->setText(tr("%1 (the first image)").arg(sizeText(counts.firstSize)));
    }
  }
  classTitle_->setVisible(!classes.empty());
  bars_->setVisible(!classes.empty());
  bars_->setCounts(std::move(classes));
  if (dataset_) {
    showProblems(dataset_->problems(), dataset_->leftOut());
  } else {
    showProblems({}, {});
  }
}

void DatasetFacts::startCheck() {
  progress_ = std::make_shared<Progress>();
  check_.run(
      [source = source_, progress = progress_](std::stop_token stop) {
        const auto tell = [&](std::int64_t done, std::int64_t total) {
          progress->done = done;
          progress->total = total;
        };
        return checkDataset(source, tell, stop);
      },
      [this](JobResult<ScanReport> result) {
        showChecking(false);
        if (const auto* report = std::get_if<ScanReport>(&result)) {
          showReport(*report);
        } else {
          verdict_->setText(QString::fromStdString(std::get<ErrorInfo>(result).message));
          verdict_->show();
        }
        Q_EMIT busyChanged();
      });
  showChecking(true);
  Q_EMIT busyChanged();
}

void DatasetFacts::cancelCheck() {
  if (!check_.isBusy()) {
    return;
  }
  check_.cancel();
  verdict_->setText(tr("Check cancelled after %1 of %2 images.")
                        .arg(number(progress_->done), number(progress_->total)));
  verdict_->show();
  showChecking(false);
  Q_EMIT busyChanged();
}

void DatasetFacts::showChecking(bool isChecking) {
  progressBar_->setVisible(isChecking);
  progressBar_->setRange(0, 0);
  checkButton_->setText(isChecking ? tr("Cancel the check") : tr("Check every image"));
  if (isChecking) {
    verdict_->hide();
    look_.start(100);
  } else {
    look_.stop();
  }
}

void DatasetFacts::showProgress() {
  const std::int64_t total = progress_->total;
  if (total > 0) {
    // In thousandths: counts may be larger than what a progress bar can hold.
    progressBar_->setRange(0, 1000);
    progressBar_->setValue(static_cast<int>(progress_->done * 1000 / total));
  }
}

void DatasetFacts::showReport(const ScanReport& report) {
  const auto bad = static_cast<std::int64_t>(report.unreadable.size());
  QString verdict =
      bad == 0 ? tr("Checked: all %1 images can be read.").arg(number(report.images))
               : tr("Checked: %1 of %2 images cannot be read; training takes the next one instead.")
                     .arg(number(bad), number(report.images + bad));
  const auto known = dataset_->size() + static_cast<std::int64_t>(dataset_->problems().size());
  if (report.images + bad != known) {  // splits that are not used, or a limit
    QStringList splits;
    for (const auto& [name, count] : report.splits) {
      splits << QStringLiteral("%1 %2").arg(QString::fromStdString(name), number(count));
    }
    verdict +=
        QLatin1Char(' ') + tr("In the whole data set: %1.").arg(splits.join(QStringLiteral(", ")));
  }
  if (report.turned > 0) {
    verdict += QLatin1Char(' ') + tr("%1 with an EXIF turn: data.exif decides whether it is taken.")
                                      .arg(number(report.turned));
  }
  verdict_->setText(verdict);
  verdict_->show();
  if (report.images > 0) {
    size_->setText(report.minSize == report.maxSize
                       ? tr("%1, all alike").arg(sizeText(report.minSize))
                       : tr("%1 to %2").arg(sizeText(report.minSize), sizeText(report.maxSize)));
  }
  showProblems(report.unreadable, report.leftOut);
}

void DatasetFacts::showProblems(const std::vector<SampleProblem>& problems,
                                const std::vector<LeftOut>& leftOut) {
  problems_->clear();
  const std::size_t listed = std::min(problems.size(), kMostProblemsListed);
  for (std::size_t i = 0; i < listed; ++i) {
    const QString path = QString::fromStdString(problems[i].path);
    const QString reason = QString::fromStdString(problems[i].reason);
    auto* item = new QListWidgetItem(
        QStringLiteral("%1\n%2").arg(path.section(QLatin1Char('/'), -2), reason), problems_);
    item->setToolTip(plainTip(QStringLiteral("%1\n%2").arg(path, reason)));
  }
  if (listed < problems.size()) {
    new QListWidgetItem(tr("... and %1 more; `barlow data check` lists all")
                            .arg(number(static_cast<std::int64_t>(problems.size() - listed))),
                        problems_);
  }
  for (const LeftOut& entry : leftOut) {
    QStringList paths;
    for (const std::string& path : entry.paths) {
      paths << QString::fromStdString(path);
    }
    QString names = paths.front().section(QLatin1Char('/'), -2);
    if (entry.count > 1) {
      names = tr("%1 and %2 more").arg(names, number(entry.count - 1));
    }
    const QString reason = QString::fromStdString(entry.reason);
    auto* item = new QListWidgetItem(QStringLiteral("%1\n%2").arg(names, reason), problems_);
    item->setToolTip(paths.join(QLatin1Char('\n')) + QLatin1Char('\n') + reason);
  }
  QStringList titles;
  if (!problems.empty()) {
    titles << tr("Cannot be used: %1").arg(number(static_cast<std::int64_t>(problems.size())));
  }
  if (!leftOut.empty()) {
    titles << tr("Left out: %1").arg(number(countOf(leftOut)));
  }
  problemTitle_->setText(titles.join(QStringLiteral(", ")));
  problemTitle_->setVisible(!titles.empty());
  problems_->setVisible(!titles.empty());
}

}  // namespace barlow::ui
