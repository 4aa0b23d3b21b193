#include "ui/inspector/export_dialog.h"

#include "core/base/text.h"
#include "ui/dialogs/ask.h"
#include "ui/inspector/export_form.h"
#include "ui/inspector/picture_text.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include <initializer_list>
#include <limits>
#include <variant>

namespace barlow::ui {
namespace {

constexpr int kTypingMs = 200;
constexpr int kTickMs = 50;
constexpr int kProgressSteps = 1000;
constexpr std::uint64_t kMostClipboardBytes = 20ull << 20;

QString bytesText(std::uint64_t bytes) { return QString::fromStdString(formatBytes(bytes)); }

}  // namespace

ExportDialog::ExportDialog(QWidget* parent)
    : QDialog(parent),
      form_(new ExportForm(this)),
      size_(new QLabel(this)),
      outcome_(new QLabel(this)),
      progress_(new QProgressBar(this)),
      cancel_(new QPushButton(tr("Cancel"), this)),
      copy_(new QPushButton(tr("Copy"), this)),
      save_(new QPushButton(tr("Save..."), this)),
      folder_(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)) {
  setObjectName(QStringLiteral("exportDialog"));
  setWindowTitle(tr("Export the matrix"));
  size_->setObjectName(QStringLiteral("exportSize"));
  outcome_->setObjectName(QStringLiteral("exportOutcome"));
  for (QLabel* label : {size_, outcome_}) {
    label->setWordWrap(true);
    label->setMinimumHeight(2 * fontMetrics().lineSpacing());
    label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  auto* working = new QHBoxLayout;
  working->setSpacing(kGap);
  working->addWidget(progress_, 1);
  working->addWidget(cancel_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
  column->setSpacing(kGap);
  column->addWidget(form_);
  column->addWidget(size_);
  column->addStretch(1);
  column->addLayout(working);
  column->addWidget(outcome_);
  column->addLayout(makeButtons());
  setMinimumWidth(420);

  typing_.setSingleShot(true);
  typing_.setInterval(kTypingMs);
  ticking_.setInterval(kTickMs);
  connect(&typing_, &QTimer::timeout, this, &ExportDialog::measure);
  connect(&ticking_, &QTimer::timeout, this, &ExportDialog::showProgress);
  connect(form_, &ExportForm::changed, this, &ExportDialog::measureSoon);
  endJob();
  measureSoon();
}

ExportDialog::~ExportDialog() { stop_.request_stop(); }

void ExportDialog::setSource(const ExportSource& source) { form_->setSource(source); }

QLayout* ExportDialog::makeButtons() {
  progress_->setObjectName(QStringLiteral("exportProgress"));
  progress_->setAccessibleName(tr("Progress of the export"));
  progress_->setRange(0, kProgressSteps);
  progress_->setTextVisible(false);
  cancel_->setObjectName(QStringLiteral("exportCancel"));
  cancel_->setAccessibleName(tr("Cancel the export"));
  copy_->setObjectName(QStringLiteral("exportCopy"));
  copy_->setAccessibleName(tr("Copy to the clipboard"));
  save_->setObjectName(QStringLiteral("exportSave"));
  save_->setAccessibleName(tr("Save as a file"));
  save_->setDefault(true);
  auto* close = new QPushButton(tr("Close"), this);
  close->setObjectName(QStringLiteral("exportClose"));
  for (QPushButton* button : {cancel_, copy_, close}) {
    button->setAutoDefault(false);
  }
  for (QWidget* widget : std::initializer_list<QWidget*>{progress_, cancel_}) {
    QSizePolicy policy = widget->sizePolicy();
    policy.setRetainSizeWhenHidden(true);  // the dialog keeps still when a job begins
    widget->setSizePolicy(policy);
  }
  connect(cancel_, &QPushButton::clicked, this, [this] {
    stop_.request_stop();
    cancel_->setEnabled(false);
  });
  connect(copy_, &QPushButton::clicked, this, &ExportDialog::copy);
  connect(save_, &QPushButton::clicked, this, &ExportDialog::save);
  connect(close, &QPushButton::clicked, this, &ExportDialog::close);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(close);
  row->addStretch(1);
  row->addWidget(copy_);
  row->addWidget(save_);
  return row;
}

void ExportDialog::measureSoon() {
  announced_.reset();
  outcome_->clear();
  measuring_.cancel();
  updateButtons();
  typing_.start();
}

void ExportDialog::measure() {
  const auto what = form_->request();
  if (!what) {
    showSize(QString::fromStdString(what.error().message), true);
    return;
  }
  showSize(tr("Measuring..."), false);
  measuring_.run(
      [what = *what](const std::stop_token& stop) {
        return estimatedBytes(what, {.stop = stop, .threads = 1});
      },
      [this](const JobResult<std::optional<std::uint64_t>>& result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          showSize(QString::fromStdString(error->message), true);
        } else if (const auto bytes = std::get<0>(result)) {
          announced_ = *bytes;
          showSize(tr("About %1").arg(bytesText(*bytes)), false);
        }
        updateButtons();
      });
}

void ExportDialog::showSize(const QString& text, bool isProblem) {
  size_->setText(text);
  size_->setProperty("isProblem", isProblem);
  showProblems();
}

void ExportDialog::showOutcome(const QString& text, bool isProblem) {
  outcome_->setText(text);
  outcome_->setProperty("isProblem", isProblem);
  showProblems();
}

void ExportDialog::showProblems() {
  for (QLabel* label : {size_, outcome_}) {
    QPalette own;  // nothing of its own: the dialog's
    if (label->property("isProblem").toBool()) {
      own.setColor(QPalette::WindowText, colors(palette()).bad);
    }
    label->setPalette(own);
  }
}

void ExportDialog::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) {
    showProblems();
  }
}

void ExportDialog::updateButtons() {
  const bool isReady = announced_.has_value() && !job_.isBusy();
  save_->setEnabled(isReady);
  copy_->setEnabled(isReady && form_->canCopy());
}

void ExportDialog::save() {
  auto what = form_->request();
  if (!what || !announced_ || job_.isBusy()) {
    return;
  }
  if (what->kind == ExportKind::Csv && *announced_ > what->mostCsvBytes) {
    const int answer = ask(
        this,
        {.title = tr("Save a large table?"),
         .text = tr("The table would have about %1.").arg(bytesText(*announced_)),
         .detail = tr("Few programs open one of that size. As NPY it would have %1.")
                       .arg(bytesText(what->rows->size() * what->columns->size() * sizeof(float))),
         .choices = {tr("Save the table"), tr("Cancel")}});
    if (answer != 0) {
      return;
    }
    what->mostCsvBytes = std::numeric_limits<std::uint64_t>::max();
  }
  const auto path = askSaveFile(this, tr("Save"), QDir(folder_).filePath(form_->fileName()));
  if (!path) {
    return;
  }
  folder_ = QFileInfo(*path).path();
  const JobControl control = beginJob();
  job_.run([what = *what, file = path->toStdString(), control](
               const std::stop_token&) { return exportMatrix(what, file, control); },
           [this, path = *path](const JobResult<std::optional<std::uint64_t>>& result) {
             endJob();
             if (const auto* error = std::get_if<ErrorInfo>(&result)) {
               showOutcome(QString::fromStdString(error->message), true);
             } else if (const auto bytes = std::get<0>(result)) {
               showOutcome(tr("Saved %1 as %2").arg(bytesText(*bytes), path), false);
               Q_EMIT saved(path);
             } else {
               showOutcome(tr("Cancelled; no file was written."), false);
             }
           });
  updateButtons();
}

void ExportDialog::copy() {
  const auto what = form_->request();
  if (!what || job_.isBusy()) {
    return;
  }
  using Content = std::variant<std::monostate, QImage, QString>;  // the first: stopped
  const JobControl control = beginJob();
  job_.run(
      [what = *what, control](const std::stop_token&) -> Content {
        if (what.kind == ExportKind::Picture) {
          FramedPicture picture = drawPicture(*what.pyramid, what.picture, control.threads);
          what.drawTexts(picture);
          return control.stop.stop_requested() ? Content() : Content(toQImage(picture));
        }
        const auto text = exportText(what, kMostClipboardBytes, control);
        return text ? Content(QString::fromStdString(*text)) : Content();
      },
      [this](const JobResult<Content>& result) {
        endJob();
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          showOutcome(QString::fromStdString(error->message), true);
          return;
        }
        const Content& content = std::get<0>(result);
        if (const auto* image = std::get_if<QImage>(&content)) {
          QApplication::clipboard()->setImage(*image);
        } else if (const auto* text = std::get_if<QString>(&content)) {
          QApplication::clipboard()->setText(*text);
        }
        showOutcome(content.index() == 0 ? tr("Cancelled; nothing was copied.") : tr("Copied."),
                    false);
      });
  updateButtons();
}

JobControl ExportDialog::beginJob() {
  outcome_->clear();
  stop_ = std::stop_source();
  done_ = std::make_shared<std::atomic<double>>(0);
  progress_->show();
  cancel_->show();
  cancel_->setEnabled(true);
  ticking_.start();
  showProgress();
  return {.stop = stop_.get_token(), .progress = [done = done_](double share) { *done = share; }};
}

void ExportDialog::endJob() {
  ticking_.stop();
  progress_->hide();
  cancel_->hide();
  updateButtons();
}

void ExportDialog::showProgress() {
  progress_->setValue(static_cast<int>(kProgressSteps * done_->load()));
}

}  // namespace barlow::ui
