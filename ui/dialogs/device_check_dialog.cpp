#include "ui/dialogs/device_check_dialog.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kTickMs = 100;
constexpr int kOutcome = 0;  // columns
constexpr int kTitle = 1;
constexpr int kText = 2;

QString qt(const std::string& text) { return QString::fromStdString(text); }

QString outcomeText(DeviceCheckOutcome outcome) {
  switch (outcome) {
    case DeviceCheckOutcome::Passed:
      return DeviceCheckDialog::tr("OK");
    case DeviceCheckOutcome::Failed:
      return DeviceCheckDialog::tr("Failed");
    case DeviceCheckOutcome::Skipped:
      return DeviceCheckDialog::tr("Left out");
  }
  return {};
}

}  // namespace

struct DeviceCheckDialog::Mailbox {
  std::mutex mutex;
  std::vector<DeviceCheckResult> results;  // guarded by mutex
};

DeviceCheckDialog::DeviceCheckDialog(DeviceCheckRunner runner, QWidget* parent)
    : QDialog(parent),
      runner_(std::move(runner)),
      device_(new QComboBox(this)),
      quick_(new QCheckBox(tr("&Quick: fewer steps of everything"), this)),
      table_(new QTableWidget(this)),
      figures_(new QPlainTextEdit(this)),
      progress_(new QProgressBar(this)),
      verdict_(new QLabel(this)),
      start_(new QPushButton(tr("&Start"), this)),
      cancel_(new QPushButton(tr("&Cancel"), this)),
      copyText_(new QPushButton(tr("Copy as &text"), this)),
      copyJson_(new QPushButton(tr("Copy as &JSON"), this)) {
  setObjectName(QStringLiteral("deviceCheckDialog"));
  setWindowTitle(tr("Check device"));
  setWindowModality(Qt::WindowModal);
  auto* about = makeLabel(
      tr("Does this machine compute right, does it repeat itself, and how fast is it? The numbers "
         "are compared with the processor's in double precision. On a GPU this takes up to two "
         "minutes."),
      TextRole::Quiet,
      this);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
  column->setSpacing(kGap);
  column->addWidget(about);
  column->addLayout(makeChoices());
  column->addWidget(makeResults(), 1);
  column->addWidget(progress_);
  column->addWidget(verdict_);
  column->addLayout(makeButtons());
  resize(860, 640);

  ticking_.setInterval(kTickMs);
  connect(&ticking_, &QTimer::timeout, this, &DeviceCheckDialog::takeResults);
  clearRows();
  updateButtons();
  start_->setFocus();
}

DeviceCheckDialog::~DeviceCheckDialog() { stop_.request_stop(); }

QLayout* DeviceCheckDialog::makeChoices() {
  device_->setObjectName(QStringLiteral("deviceCheckDevice"));
  device_->setAccessibleName(tr("Device"));
  device_->addItem(tr("The GPU, or else the processor"), QStringLiteral("auto"));
  device_->addItem(tr("The processor"), QStringLiteral("cpu"));
  quick_->setObjectName(QStringLiteral("deviceCheckQuick"));
  quick_->setAccessibleName(tr("Quick check"));
  auto* label = new QLabel(tr("&Device"), this);
  label->setBuddy(device_);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(label);
  row->addWidget(device_);
  row->addSpacing(kWideGap);
  row->addWidget(quick_);
  row->addStretch(1);
  return row;
}

QWidget* DeviceCheckDialog::makeResults() {
  table_->setObjectName(QStringLiteral("deviceCheckTable"));
  table_->setAccessibleName(tr("Checks and their results"));
  table_->setColumnCount(3);
  table_->setHorizontalHeaderLabels({tr("Result"), tr("Check"), tr("What was found")});
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  table_->setWordWrap(true);
  connect(table_, &QTableWidget::itemSelectionChanged, this, &DeviceCheckDialog::showFigures);
  figures_->setObjectName(QStringLiteral("deviceCheckFigures"));
  figures_->setAccessibleName(tr("Figures of the chosen check"));
  figures_->setReadOnly(true);
  figures_->setTabChangesFocus(true);
  figures_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  figures_->setPlaceholderText(tr("The figures of the chosen check stand here."));
  auto* splitter = new QSplitter(Qt::Vertical, this);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(table_);
  splitter->addWidget(figures_);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 1);
  return splitter;
}

QLayout* DeviceCheckDialog::makeButtons() {
  progress_->setObjectName(QStringLiteral("deviceCheckProgress"));
  progress_->setAccessibleName(tr("Checks made"));
  progress_->setTextVisible(false);
  verdict_->setObjectName(QStringLiteral("deviceCheckVerdict"));
  verdict_->setWordWrap(true);
  verdict_->setMinimumHeight(2 * fontMetrics().lineSpacing());
  verdict_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  start_->setObjectName(QStringLiteral("deviceCheckStart"));
  start_->setAccessibleName(tr("Start the checks"));
  start_->setDefault(true);
  cancel_->setObjectName(QStringLiteral("deviceCheckCancel"));
  cancel_->setAccessibleName(tr("Cancel the checks"));
  copyText_->setObjectName(QStringLiteral("deviceCheckCopyText"));
  copyText_->setAccessibleName(tr("Copy the results as text"));
  copyJson_->setObjectName(QStringLiteral("deviceCheckCopyJson"));
  copyJson_->setAccessibleName(tr("Copy the results as JSON"));
  auto* close = new QPushButton(tr("Close"), this);
  close->setObjectName(QStringLiteral("deviceCheckClose"));
  for (QPushButton* button : {cancel_, copyText_, copyJson_, close}) {
    button->setAutoDefault(false);
  }
  connect(start_, &QPushButton::clicked, this, &DeviceCheckDialog::start);
  connect(cancel_, &QPushButton::clicked, this, [this] {
    stop_.request_stop();
    updateButtons();
  });
  connect(copyText_, &QPushButton::clicked, this, [this] { copy(false); });
  connect(copyJson_, &QPushButton::clicked, this, [this] { copy(true); });
  connect(close, &QPushButton::clicked, this, &DeviceCheckDialog::reject);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(close);
  row->addStretch(1);
  for (QPushButton* button : {copyText_, copyJson_, cancel_, start_}) {
    row->addWidget(button);
  }
  return row;
}

void DeviceCheckDialog::start() {
  if (job_.isBusy()) {
    return;
  }
  clearRows();
  verdict_->clear();
  isBad_ = false;
  stop_ = std::stop_source();
  mailbox_ = std::make_shared<Mailbox>();
  const DeviceCheckRequest request{.device = device_->currentData().toString().toStdString(),
                                   .isQuick = quick_->isChecked()};
  job_.run(
      [runner = runner_, request, mailbox = mailbox_, stop = stop_.get_token()](
          const std::stop_token& isGone) {
        std::stop_source either;
        const std::stop_callback onStop(stop, [&] { either.request_stop(); });
        const std::stop_callback onGone(isGone, [&] { either.request_stop(); });
        return runner(
            request,
            [&](const DeviceCheckResult& result) {
              const std::lock_guard lock(mailbox->mutex);
              mailbox->results.push_back(result);
            },
            either.get_token());
      },
      [this](const JobResult<DeviceCheckReport>& outcome) { finish(outcome); });
  ticking_.start();
  table_->item(0, kOutcome)->setText(tr("..."));
  updateButtons();
}

// What is closed while it works closes when it has stopped: the process' settings are then as they
// were.
void DeviceCheckDialog::reject() {
  if (job_.isBusy()) {
    closesAtEnd_ = true;
    stop_.request_stop();
    updateButtons();
    return;
  }
  QDialog::reject();
}

void DeviceCheckDialog::clearRows() {
  results_.clear();
  figures_->clear();
  table_->setCurrentItem(nullptr);
  const std::vector<std::string> titles = deviceCheckTitles();
  table_->setRowCount(static_cast<int>(titles.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    table_->setItem(row, kOutcome, new QTableWidgetItem);
    table_->setItem(row, kTitle, new QTableWidgetItem(qt(titles[static_cast<std::size_t>(row)])));
    table_->setItem(row, kText, new QTableWidgetItem);
    for (const int column : {kOutcome, kTitle, kText}) {
      table_->item(row, column)->setTextAlignment(Qt::AlignLeft | Qt::AlignTop);
    }
  }
  table_->setColumnWidth(kOutcome, fontMetrics().horizontalAdvance(tr("Left out")) + 2 * kWideGap);
  table_->resizeColumnToContents(kTitle);
  table_->resizeRowsToContents();
  progress_->setRange(0, static_cast<int>(titles.size()));
  progress_->setValue(0);
}

void DeviceCheckDialog::takeResults() {
  std::vector<DeviceCheckResult> arrived;
  {
    const std::lock_guard lock(mailbox_->mutex);
    arrived.swap(mailbox_->results);
  }
  for (const DeviceCheckResult& result : arrived) {
    addResult(result);
  }
}

void DeviceCheckDialog::addResult(const DeviceCheckResult& result) {
  const auto row = static_cast<int>(results_.size());
  if (row >= table_->rowCount()) {
    return;
  }
  results_.push_back(result);
  table_->item(row, kOutcome)->setText(outcomeText(result.outcome));
  table_->item(row, kTitle)->setText(qt(result.title));
  table_->item(row, kText)->setText(qt(result.text));
  table_->resizeRowToContents(row);
  if (row + 1 < table_->rowCount()) {
    table_->item(row + 1, kOutcome)->setText(tr("..."));
  }
  table_->scrollToItem(table_->item(row, kOutcome));
  progress_->setValue(row + 1);
  showColors();
  showFigures();
}

void DeviceCheckDialog::finish(const JobResult<DeviceCheckReport>& outcome) {
  ticking_.stop();
  takeResults();
  if (const auto row = static_cast<int>(results_.size()); row < table_->rowCount()) {
    table_->item(row, kOutcome)->setText({});
  }
  if (const auto* error = std::get_if<ErrorInfo>(&outcome)) {
    verdict_->setText(qt(error->message));
    isBad_ = true;
  } else {
    const DeviceCheckReport& report = std::get<DeviceCheckReport>(outcome);
    verdict_->setText(qt(verdictText(report)));
    isBad_ = !report.failed.empty();
  }
  showColors();
  updateButtons();
  showFirst();
  start_->setFocus();
  if (closesAtEnd_) {
    QDialog::reject();
  }
}

// The first that failed, or the first at all, unless a row was chosen meanwhile.
void DeviceCheckDialog::showFirst() {
  if (table_->currentRow() >= 0 || results_.empty()) {
    return;
  }
  const auto bad = std::find_if(results_.begin(), results_.end(), [](const auto& result) {
    return result.outcome == DeviceCheckOutcome::Failed;
  });
  table_->setCurrentCell(
      bad == results_.end() ? 0 : static_cast<int>(std::distance(results_.begin(), bad)), kTitle);
}

void DeviceCheckDialog::showFigures() {
  const int row = table_->currentRow();
  if (row < 0 || row >= static_cast<int>(results_.size())) {
    figures_->clear();
    return;
  }
  const QString text = qt(figuresText(results_[static_cast<std::size_t>(row)]));
  if (text != figures_->toPlainText()) {
    figures_->setPlainText(text);
  }
}

void DeviceCheckDialog::showColors() {
  const Colors& own = colors(palette());
  for (std::size_t row = 0; row < results_.size(); ++row) {
    const DeviceCheckOutcome outcome = results_[row].outcome;
    table_->item(static_cast<int>(row), kOutcome)
        ->setForeground(outcome == DeviceCheckOutcome::Passed   ? own.good
                        : outcome == DeviceCheckOutcome::Failed ? own.bad
                                                                : own.quiet);
  }
  QPalette words;  // nothing of its own: the dialog's
  if (isBad_) {
    words.setColor(QPalette::WindowText, own.bad);
  }
  verdict_->setPalette(words);
}

void DeviceCheckDialog::updateButtons() {
  const bool isBusy = job_.isBusy();
  start_->setEnabled(!isBusy);
  device_->setEnabled(!isBusy);
  quick_->setEnabled(!isBusy);
  cancel_->setEnabled(isBusy && !stop_.stop_requested());
  copyText_->setEnabled(!isBusy && !results_.empty());
  copyJson_->setEnabled(!isBusy && !results_.empty());
  if (isBusy) {
    verdict_->setText(stop_.stop_requested() ? tr("Stopping...") : tr("Checking..."));
  }
}

void DeviceCheckDialog::copy(bool asJson) const {
  QString text;
  for (const DeviceCheckResult& result : results_) {
    text += qt(asJson ? toJson(result) : toText(result)) + QLatin1Char('\n');
  }
  if (!asJson) {
    text += QLatin1Char('\n') + verdict_->text() + QLatin1Char('\n');
  }
  QApplication::clipboard()->setText(text);
}

void DeviceCheckDialog::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) {
    showColors();
  }
}

}  // namespace barlow::ui
