#include "ui/dialogs/weight_export_dialog.h"

#include "core/base/text.h"
#include "ui/dialogs/ask.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kWidth = 680;
constexpr int kPythonLines = 7;

QString pathText(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

template <class E>
void fill(QComboBox& box) {
  for (const auto& name : kEnumNames<E>) {
    box.addItem(QString::fromUtf8(name.label.data(), static_cast<qsizetype>(name.label.size())),
                static_cast<int>(name.value));
  }
}
template <class E>
E valueOf(const QComboBox& box) {
  return static_cast<E>(box.currentData().toInt());
}

// Letters, digits and what joins them: a run may be called anything.
QString plainName(const QString& name) {
  QString plain;
  for (const QChar c : name) {
    const bool isPlain = c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_');
    plain += isPlain ? c : QLatin1Char('-');
  }
  return plain.isEmpty() ? QStringLiteral("run") : plain;
}

}  // namespace

WeightExportDialog::WeightExportDialog(const Subject& subject,
                                       WeightExportDoors doors,
                                       QWidget* parent)
    : QDialog(parent),
      subject_(subject),
      doors_(std::move(doors)),
      form_(new QFormLayout),
      checkpoint_(new QComboBox(this)),
      format_(new QComboBox(this)),
      part_(new QComboBox(this)),
      names_(new QComboBox(this)),
      classifier_(new QCheckBox(tr("The linear probe as fc"), this)),
      what_(makeLabel({}, TextRole::Quiet, this)),
      problem_(makeLabel({}, TextRole::Problem, this)),
      python_(new QPlainTextEdit(this)),
      copy_(new QPushButton(tr("Copy"), this)),
      progress_(new QProgressBar(this)),
      outcome_(makeLabel({}, TextRole::Quiet, this)),
      failure_(makeLabel({}, TextRole::Problem, this)),
      folderButton_(new QPushButton(tr("Show in folder"), this)),
      save_(new QPushButton(tr("Save..."), this)),
      folder_(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)) {
  setObjectName(QStringLiteral("weightExportDialog"));
  setWindowTitle(tr("Export the weights of %1").arg(subject_.name));
  const auto add = [this](QComboBox* box, const char* name, const QString& label) {
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(label);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
    form_->addRow(label, box);
    connect(box, &QComboBox::currentIndexChanged, this, &WeightExportDialog::choose);
  };
  fill<WeightFormat>(*format_);
  fill<ExportPart>(*part_);
  fill<WeightNames>(*names_);
  form_->setHorizontalSpacing(kWideGap);
  form_->setVerticalSpacing(kGap);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  add(checkpoint_, "weightCheckpoint", tr("Checkpoint"));
  add(format_, "weightFormat", tr("Format"));
  add(part_, "weightPart", tr("Part"));
  add(names_, "weightNames", tr("Opened with"));
  names_->setToolTip(
      tr("Whose network the lines of Python make; ResNets are called the same in "
         "both"));
  classifier_->setObjectName(QStringLiteral("weightClassifier"));
  form_->addRow(tr("Classifier"), classifier_);
  connect(classifier_, &QCheckBox::toggled, this, &WeightExportDialog::choose);
  what_->setObjectName(QStringLiteral("weightWhat"));
  problem_->setObjectName(QStringLiteral("weightProblem"));
  outcome_->setObjectName(QStringLiteral("weightOutcome"));
  failure_->setObjectName(QStringLiteral("weightFailure"));
  for (QLabel* label : {what_, problem_, outcome_, failure_}) {
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
  column->setSpacing(kGap);
  column->addLayout(form_);
  column->addWidget(what_);
  column->addWidget(problem_);
  column->addLayout(makePython(), 1);
  column->addWidget(progress_);
  column->addWidget(outcome_);
  column->addWidget(failure_);
  column->addLayout(makeButtons());
  resize(kWidth, sizeHint().height());
  showOutcome({}, false);
  problem_->hide();
  listCheckpoints();
}

WeightExportDialog::~WeightExportDialog() = default;

QLayout* WeightExportDialog::makePython() {
  python_->setObjectName(QStringLiteral("weightPython"));
  python_->setAccessibleName(tr("Python that opens the file"));
  python_->setReadOnly(true);
  python_->setTabChangesFocus(true);
  python_->setLineWrapMode(QPlainTextEdit::NoWrap);
  python_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  python_->setMinimumHeight(kPythonLines * python_->fontMetrics().lineSpacing() + 3 * kGap);
  copy_->setObjectName(QStringLiteral("weightCopy"));
  copy_->setAccessibleName(tr("Copy the Python lines"));
  copy_->setAutoDefault(false);
  connect(copy_, &QPushButton::clicked, this, [this] {
    QApplication::clipboard()->setText(python_->toPlainText());
    showOutcome(tr("Copied."), false);
  });
  auto* heading = new QHBoxLayout;
  heading->addWidget(makeLabel(tr("To open it in Python"), TextRole::Heading, this), 1);
  heading->addWidget(copy_);
  auto* column = new QVBoxLayout;
  column->setSpacing(kGap / 2);
  column->addSpacing(kGap);
  column->addLayout(heading);
  column->addWidget(python_, 1);
  return column;
}

QLayout* WeightExportDialog::makeButtons() {
  progress_->setObjectName(QStringLiteral("weightProgress"));
  progress_->setAccessibleName(tr("The file is being written"));
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(8);
  QSizePolicy policy = progress_->sizePolicy();
  policy.setRetainSizeWhenHidden(true);
  progress_->setSizePolicy(policy);
  save_->setObjectName(QStringLiteral("weightSave"));
  save_->setDefault(true);
  folderButton_->setObjectName(QStringLiteral("weightFolder"));
  auto* close = new QPushButton(tr("Close"), this);
  close->setObjectName(QStringLiteral("weightClose"));
  for (QPushButton* button : {folderButton_, close}) {
    button->setAutoDefault(false);
  }
  connect(save_, &QPushButton::clicked, this, &WeightExportDialog::save);
  connect(close, &QPushButton::clicked, this, &QDialog::close);
  connect(folderButton_, &QPushButton::clicked, this, [this] { showFolder(folder_); });
  folderButton_->hide();
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(close);
  row->addStretch(1);
  row->addWidget(folderButton_);
  row->addWidget(save_);
  return row;
}

void WeightExportDialog::listCheckpoints() {
  listing_.run(
      [list = doors_.checkpoints, model = subject_.model](const std::stop_token&) {
        return std::filesystem::is_directory(model) ? list(model) : std::vector<StoredCheckpoint>{};
      },
      [this](const JobResult<std::vector<StoredCheckpoint>>& result) {
        {
          const QSignalBlocker quiet(checkpoint_);
          if (const auto* all = std::get_if<std::vector<StoredCheckpoint>>(&result)) {
            for (const StoredCheckpoint& each : *all) {
              const QString step = QLocale().toString(static_cast<qlonglong>(each.step));
              checkpoint_->addItem(each.epoch > 0
                                       ? tr("epoch %1, step %2").arg(each.epoch).arg(step)
                                       : tr("step %1").arg(step),
                                   pathText(each.folder));
            }
          }
          const int wanted = checkpoint_->findData(pathText(subject_.checkpoint));
          checkpoint_->setCurrentIndex(std::max(wanted, checkpoint_->count() > 0 ? 0 : -1));
          // A file has none, and of a run without any the description says so.
          form_->setRowVisible(checkpoint_, checkpoint_->count() > 0);
        }
        choose();
      });
  choose();
}

void WeightExportDialog::choose() {
  described_.reset();
  updateButtons();
  if (!listing_.isBusy()) {
    describe();
  }
}

// Known once the checkpoint was looked at: a probe belongs to one.
void WeightExportDialog::allow() {
  names_->setEnabled(described_ && described_->isTheirs);
  if (!described_) {
    return;
  }
  const bool takesOne = described_->takesClassifier;
  const bool hasProbe = !described_->probe.empty();
  classifier_->setEnabled(takesOne && hasProbe);
  classifier_->setText(!takesOne ? tr("leaves with the backbone of a ResNet only")
                       : hasProbe
                           ? tr("the linear probe, as fc")
                           : tr("none yet: evaluate this checkpoint with Linear classifier"));
  classifier_->setToolTip(QString::fromStdString(described_->probe));
}

ExportRequest WeightExportDialog::request() const {
  const bool hasBackboneAlone = valueOf<ExportPart>(*part_) == ExportPart::Backbone;
  const QString checkpoint = checkpoint_->currentData().toString();
  return {.model = checkpoint.isEmpty() ? subject_.model
                                        : std::filesystem::path(checkpoint.toStdString()),
          .file = suggestedName().toStdString(),
          .format = valueOf<WeightFormat>(*format_),
          .part = valueOf<ExportPart>(*part_),
          .names = valueOf<WeightNames>(*names_),
          .hasClassifier = classifier_->isChecked() && hasBackboneAlone};
}

QString WeightExportDialog::suggestedName() const {
  const auto word = [](auto value) {
    const std::string_view text = toText(value);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  };
  const auto part = valueOf<ExportPart>(*part_);
  return QStringLiteral("%1-%2.%3")
      .arg(plainName(subject_.name),
           part == ExportPart::All ? QStringLiteral("network") : word(part),
           word(valueOf<WeightFormat>(*format_)));
}

void WeightExportDialog::describe() {
  describing_.run([describe = doors_.describe,
                   what = request()](const std::stop_token&) { return describe(what); },
                  [this](const JobResult<ExportReport>& result) { showDescribed(result); });
}

void WeightExportDialog::showDescribed(const JobResult<ExportReport>& result) {
  const auto* report = std::get_if<ExportReport>(&result);
  const auto* error = std::get_if<ErrorInfo>(&result);
  if (report != nullptr) {
    described_ = *report;
    QStringList lines{tr("%1 of %2, %3 features")
                          .arg(QString::fromStdString(report->checkpoint),
                               QString::fromStdString(report->network))
                          .arg(report->features)};
    for (const std::string& note : report->notes) {
      lines << QString::fromStdString(note);
    }
    what_->setText(lines.join(QLatin1Char('\n')));
  }
  python_->setPlainText(report != nullptr ? QString::fromStdString(report->python).trimmed()
                                          : QString());
  what_->setVisible(report != nullptr);
  problem_->setText(error != nullptr ? QString::fromStdString(error->message) : QString());
  problem_->setVisible(error != nullptr);
  allow();
  updateButtons();
}

void WeightExportDialog::showOutcome(const QString& text, bool isProblem) {
  outcome_->setText(isProblem ? QString() : text);
  failure_->setText(isProblem ? text : QString());
  outcome_->setVisible(!isProblem);  // an empty one keeps its line
  failure_->setVisible(isProblem);
}

void WeightExportDialog::updateButtons() {
  const bool isReady = described_ && !writing_.isBusy();
  save_->setEnabled(isReady);
  copy_->setEnabled(described_.has_value());
  progress_->setVisible(writing_.isBusy());
}

void WeightExportDialog::save() {
  if (!described_ || writing_.isBusy()) {
    return;
  }
  const auto path =
      askSaveFile(this, tr("Save the weights"), QDir(folder_).filePath(suggestedName()));
  if (!path) {
    return;
  }
  showOutcome({}, false);
  folderButton_->hide();
  ExportRequest what = request();
  what.file = path->toStdString();
  writing_.run(
      [write = doors_.write, what](const std::stop_token&) { return write(what); },
      [this, path = *path](const JobResult<ExportReport>& result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          showOutcome(QString::fromStdString(error->message), true);
        } else {
          const auto& report = std::get<ExportReport>(result);
          folder_ = QFileInfo(path).path();
          folderButton_->show();
          python_->setPlainText(QString::fromStdString(report.python).trimmed());
          showOutcome(
              tr("Saved %1 as %2").arg(QString::fromStdString(formatBytes(report.bytes)), path),
              false);
        }
        updateButtons();
      });
  updateButtons();
}

}  // namespace barlow::ui
