#include "ui/inspector/export_form.h"

#include "core/matrix/index_ranges.h"
#include "ui/forms/number_box.h"
#include "ui/inspector/picture_text.h"
#include "ui/plots/matrix_words.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <string>

namespace barlow::ui {
namespace {

constexpr ExportKind kKinds[] = {ExportKind::Picture,
                                 ExportKind::FullPicture,
                                 ExportKind::Npy,
                                 ExportKind::Csv,
                                 ExportKind::Pairs,
                                 ExportKind::OrderFile};

struct Part {
  QString title;
  QString help;
  QString suffix;
  bool hasFrame = false;  // which fields apply
  bool hasPlaces = false;
  bool hasPairs = false;
  bool canCopy = false;
};

Part partOf(ExportKind kind) {
  switch (kind) {
    case ExportKind::Picture:
      return {.title = ExportForm::tr("Picture as shown (PNG)"),
              .help = ExportForm::tr(
                  "The part of the matrix that is shown, with its colours. A larger factor "
                  "shows finer cells."),
              .suffix = QStringLiteral("png"),
              .hasFrame = true,
              .canCopy = true};
    case ExportKind::FullPicture:
      return {.title = ExportForm::tr("Every cell as a pixel (PNG)"),
              .help = ExportForm::tr(
                  "The whole matrix, one pixel per cell, in 256 of the colours shown."),
              .suffix = QStringLiteral("png")};
    case ExportKind::Npy:
      return {.title = ExportForm::tr("Values for NumPy (NPY)"),
              .help = ExportForm::tr("float32, rows and columns as shown: numpy.load reads it."),
              .suffix = QStringLiteral("npy"),
              .hasPlaces = true};
    case ExportKind::Csv:
      return {.title = ExportForm::tr("Values as a table (CSV)"),
              .help = ExportForm::tr(
                  "With what rows and columns are as labels, for spreadsheets. Copy puts the same "
                  "table, with tabs, on the clipboard."),
              .suffix = QStringLiteral("csv"),
              .hasPlaces = true,
              .canCopy = true};
    case ExportKind::Pairs:
      return {.title = ExportForm::tr("Strongest pairs (CSV)"),
              .help = ExportForm::tr(
                  "The off-diagonal entries of largest magnitude: i, j, C_ij and C_ji."),
              .suffix = QStringLiteral("csv"),
              .hasPairs = true,
              .canCopy = true};
    case ExportKind::OrderFile:
      return {.title = ExportForm::tr("Order of the dimensions (JSON)"),
              .help = ExportForm::tr(
                  "Which dimension stands at which place, to arrange another matrix alike."),
              .suffix = QStringLiteral("json"),
              .canCopy = true};
  }
  return {};
}

ErrorInfo problem(const QString& text) { return {text.toStdString(), ""}; }

}  // namespace

ExportForm::ExportForm(QWidget* parent)
    : QWidget(parent),
      kind_(new QComboBox(this)),
      help_(makeLabel({}, TextRole::Quiet, this)),
      form_(new QFormLayout),
      factor_(new QComboBox(this)),
      isFramed_(new QCheckBox(tr("With colour bar and caption"), this)),
      rows_(makePlaces(QStringLiteral("exportRows"), tr("Rows to export"))),
      columns_(makePlaces(QStringLiteral("exportColumns"), tr("Columns to export"))),
      pairs_(new WholeBox(this)) {
  makeFields();
  help_->setMinimumHeight(2 * fontMetrics().lineSpacing());
  help_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addWidget(kind_);
  column->addWidget(help_);
  column->addLayout(form_);
  showFactors();
  showFields();
}

QLineEdit* ExportForm::makePlaces(const QString& name, const QString& accessibleName) {
  auto* edit = new QLineEdit(this);
  edit->setObjectName(name);
  edit->setAccessibleName(accessibleName);
  edit->setClearButtonEnabled(true);
  edit->setToolTip(tr("Places as shown, counted from 0: \"0-255, 812\". Nothing: all of them."));
  connect(edit, &QLineEdit::textChanged, this, &ExportForm::changed);
  return edit;
}

void ExportForm::makeFields() {
  kind_->setObjectName(QStringLiteral("exportKind"));
  kind_->setAccessibleName(tr("What to export"));
  for (const ExportKind kind : kKinds) {
    kind_->addItem(partOf(kind).title, static_cast<int>(kind));
  }
  factor_->setObjectName(QStringLiteral("exportFactor"));
  factor_->setAccessibleName(tr("Size of the picture"));
  isFramed_->setObjectName(QStringLiteral("exportFrame"));
  isFramed_->setChecked(true);
  pairs_->setObjectName(QStringLiteral("exportPairs"));
  pairs_->setAccessibleName(tr("Number of pairs"));
  pairs_->setRange(10, 10'000);
  pairs_->setValue(1000);
  pairs_->setGroupSeparatorShown(true);
  form_->setHorizontalSpacing(kWideGap);
  form_->setVerticalSpacing(kGap);
  form_->addRow(tr("&Size"), factor_);
  form_->addRow(QString(), isFramed_);
  form_->addRow(tr("&Rows"), rows_);
  form_->addRow(tr("&Columns"), columns_);
  form_->addRow(tr("&Pairs"), pairs_);
  connect(kind_, &QComboBox::currentIndexChanged, this, &ExportForm::showFields);
  connect(factor_, &QComboBox::currentIndexChanged, this, &ExportForm::changed);
  connect(isFramed_, &QCheckBox::toggled, this, &ExportForm::changed);
  connect(pairs_, &QSpinBox::valueChanged, this, &ExportForm::changed);
}

ExportKind ExportForm::kind() const {
  return static_cast<ExportKind>(kind_->currentData().toInt());
}

bool ExportForm::canCopy() const { return partOf(kind()).canCopy; }

void ExportForm::setSource(const ExportSource& source) {
  source_ = source;
  const auto placeholder = [](std::int64_t count) { return tr("all: 0-%1").arg(count - 1); };
  if (source_.pyramid) {
    rows_->setPlaceholderText(placeholder(source_.pyramid->matrix().rows()));
    columns_->setPlaceholderText(placeholder(source_.pyramid->matrix().columns()));
  }
  showFactors();
  Q_EMIT changed();
}

void ExportForm::showFactors() {
  const QSignalBlocker quiet(factor_);
  const int chosen = std::max(0, factor_->currentIndex());
  factor_->clear();
  for (int factor = 1; factor <= kMostPictureFactor; ++factor) {
    factor_->addItem(tr("%1x: %2 x %3 pixels of matrix")
                         .arg(factor)
                         .arg(factor * source_.viewport.width)
                         .arg(factor * source_.viewport.height),
                     factor);
  }
  factor_->setCurrentIndex(chosen);
}

void ExportForm::showFields() {
  const Part part = partOf(kind());
  help_->setText(part.help);
  const auto show = [this](QWidget* field, bool isShown) {
    if (QWidget* label = form_->labelForField(field)) {
      label->setVisible(isShown);
    }
    field->setVisible(isShown);
  };
  show(factor_, part.hasFrame);
  show(isFramed_, part.hasFrame);
  show(rows_, part.hasPlaces);
  show(columns_, part.hasPlaces);
  show(pairs_, part.hasPairs);
  Q_EMIT changed();
}

QString ExportForm::fileName() const {
  const MatrixOrigin origin = source_.pyramid ? source_.pyramid->matrix().origin() : MatrixOrigin();
  QString name = QFileInfo(QString::fromStdString(origin.name)).completeBaseName();
  name.replace(QRegularExpression(QStringLiteral("[^\\w-]+"),
                                  QRegularExpression::UseUnicodePropertiesOption),
               QStringLiteral("-"));
  if (name.isEmpty()) {
    name = QStringLiteral("matrix");
  }
  if (origin.step >= 0) {
    name += QStringLiteral("-step-%1").arg(origin.step);
  }
  if (origin.kind != MatrixKind::CrossCorrelation) {
    name += QLatin1Char('-') + textOf(toText(origin.kind)).replace(u'_', u'-');
  }
  if (kind() == ExportKind::Pairs) {
    name += QStringLiteral("-pairs");
  } else if (kind() == ExportKind::OrderFile) {
    name += QStringLiteral("-order");
  }
  return name + QLatin1Char('.') + partOf(kind()).suffix;
}

Result<MatrixExport> ExportForm::request() const {
  if (!source_.pyramid) {
    return problem(tr("There is no matrix yet."));
  }
  const Matrix& matrix = source_.pyramid->matrix();
  MatrixExport result;
  result.kind = kind();
  result.pyramid = source_.pyramid;
  result.statistics = source_.statistics;
  result.order = source_.order;
  result.orderName = source_.orderName.toStdString();
  result.orderOf = source_.orderOf;
  result.picture = {.viewport = source_.viewport,
                    .settings = source_.settings,
                    .factor = factor_->currentData().toInt(),
                    .isFramed = isFramed_->isChecked(),
                    .textScale = source_.devicePixelRatio};
  result.drawTexts = [font = QApplication::font()](FramedPicture& picture) {
    drawPictureTexts(picture, font);
  };
  result.pairCount = static_cast<std::size_t>(pairs_->value());
  if (result.kind == ExportKind::Picture &&
      (source_.viewport.width <= 0 || source_.viewport.height <= 0)) {
    return problem(tr("Nothing of the matrix is shown."));
  }
  if (result.kind == ExportKind::Pairs && !source_.statistics) {
    return problem(tr("The pairs are not known yet."));
  }
  if (partOf(result.kind).hasPlaces) {
    const auto rows = parseIndexRanges(rows_->text().toStdString(), matrix.rows());
    const auto columns = parseIndexRanges(columns_->text().toStdString(), matrix.columns());
    if (!rows || !columns) {
      const ErrorInfo& error = rows ? columns.error() : rows.error();
      return problem(
          (rows ? tr("Columns: %1") : tr("Rows: %1")).arg(QString::fromStdString(error.message)));
    }
    result.rows = *rows;
    result.columns = *columns;
  }
  return result;
}

}  // namespace barlow::ui
