#include "ui/evaluate/probe_form.h"

#include "ui/dialogs/ask.h"
#include "ui/forms/number_box.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace barlow::ui {
namespace {

constexpr int kStepRole = Qt::UserRole + 1;
constexpr int kEpochRole = Qt::UserRole + 2;

// A way of asking the neighbours that others publish numbers of.
struct KnnWay {
  const char* name;
  const char* tip;
  int k;
  double temperature;
  KnnMetric metric;
  KnnVote vote;
};
constexpr std::array<KnnWay, 3> kWays = {{
    {QT_TRANSLATE_NOOP("barlow::ui::ProbeForm", "As most (k 200, T 0.1)"),
     QT_TRANSLATE_NOOP("barlow::ui::ProbeForm",
                       "What lightly and the probe beside training use: cosine, 200 neighbours."),
     200,
     0.1,
     KnnMetric::Cosine,
     KnnVote::Weighted},
    {QT_TRANSLATE_NOOP("barlow::ui::ProbeForm", "As HSIC (k 200, T 0.5)"),
     QT_TRANSLATE_NOOP("barlow::ui::ProbeForm",
                       "What the HSIC code uses: farther neighbours count more."),
     200,
     0.5,
     KnnMetric::Cosine,
     KnnVote::Weighted},
    {QT_TRANSLATE_NOOP("barlow::ui::ProbeForm", "As solo-learn (k 20)"),
     QT_TRANSLATE_NOOP("barlow::ui::ProbeForm",
                       "What solo-learn uses: 20 neighbours by Euclidean distance."),
     20,
     0.1,
     KnnMetric::Euclidean,
     KnnVote::Weighted},
}};

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
void choose(QComboBox& box, int value) { box.setCurrentIndex(std::max(0, box.findData(value))); }

QString pathText(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

}  // namespace

ProbeForm::ProbeForm(QWidget* parent)
    : QWidget(parent),
      form_(new QFormLayout),
      run_(new QComboBox(this)),
      checkpoints_(new QListWidget(this)),
      data_(new QLineEdit(this)),
      split_(new QComboBox(this)),
      probe_(new QComboBox(this)),
      sentence_(makeLabel({}, TextRole::Quiet, this)),
      knnPreset_(new QComboBox(this)),
      k_(new WholeBox(this)),
      temperature_(new NumberBox(0.001, 100, this)),
      metric_(new QComboBox(this)),
      vote_(new QComboBox(this)),
      preset_(new QComboBox(this)),
      labels_(new QComboBox(this)),
      part_(new QComboBox(this)),
      evaluate_(new QPushButton(tr("Evaluate"), this)) {
  named(run_, "evaluateRun", tr("Run"));
  run_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  run_->setMinimumContentsLength(16);
  run_->setToolTip(tr("Whose network is judged"));
  connect(run_, &QComboBox::activated, this, [this](int index) {
    const QString folder = run_->itemData(index).toString();
    if (folder.isEmpty() && index + 1 == run_->count()) {
      chooseFile();
    } else if (folder.isEmpty()) {
      chooseOtherRun();
    } else {
      setRun(folder.toStdString());
      Q_EMIT runChosen();
    }
  });
  named(checkpoints_, "evaluateCheckpoints", tr("Checkpoints, newest first"));
  checkpoints_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  checkpoints_->setUniformItemSizes(true);
  checkpoints_->setToolTip(
      tr("The network as it was saved on the way. Several, with Shift or Ctrl, give a curve "
         "against the epoch."));
  checkpoints_->setFixedHeight(4 * checkpoints_->fontMetrics().height() + 2 * kGap);
  connect(checkpoints_, &QListWidget::itemSelectionChanged, this, &ProbeForm::allow);
  named(data_, "evaluateData", tr("Data"));
  data_->setPlaceholderText(tr("The run's own"));
  data_->setClearButtonEnabled(true);
  data_->setToolTip(
      tr("Other images to judge it by, as a folder of classes or cifar10:FOLDER: transfer. Empty: "
         "those that the run was trained on and held out."));
  auto* browse = new QToolButton(this);
  browse->setText(QStringLiteral("..."));
  named(browse, "evaluateBrowse", tr("Choose a folder of images"));
  browse->setToolTip(tr("Choose a folder of images"));
  connect(browse, &QToolButton::clicked, this, &ProbeForm::chooseData);
  auto* dataRow = new QHBoxLayout;
  dataRow->setSpacing(kGap / 2);
  dataRow->addWidget(data_, 1);
  dataRow->addWidget(browse);
  named(evaluate_, "evaluateButton", tr("Evaluate"));
  evaluate_->setDefault(true);
  connect(evaluate_, &QPushButton::clicked, this, &ProbeForm::evaluateRequested);

  form_->setContentsMargins(0, 0, 0, 0);
  form_->setHorizontalSpacing(kGap);
  form_->setVerticalSpacing(kGap);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form_->addRow(tr("Run"), run_);
  form_->addRow(tr("Checkpoint"), checkpoints_);
  form_->addRow(tr("Data"), dataRow);
  named(split_, "evaluateSplit", tr("Images that are judged"));
  split_->setToolTip(
      tr("Training images are what a classifier learns from; only the probe without labels can be "
         "asked about them"));
  for (const auto& [text, split] : {std::pair{tr("What is held out"), ""},
                                    {tr("Test images"), "test"},
                                    {tr("Validation images"), "validation"},
                                    {tr("Training images"), "train"}}) {
    split_->addItem(text, QString::fromLatin1(split));
  }
  form_->addRow(tr("Judged"), split_);
  makeProbe(*form_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(form_);
  column->addStretch(1);
  setRuns({}, {}, {});
  showProbe();
  allow();
}

QWidget* ProbeForm::named(QWidget* widget, const char* objectName, const QString& name) {
  widget->setObjectName(QString::fromLatin1(objectName));
  widget->setAccessibleName(name);
  return widget;
}

void ProbeForm::makeProbe(QFormLayout& form) {
  named(probe_, "evaluateProbe", tr("Probe"));
  fill<ProbeKind>(*probe_);
  named(sentence_, "probeSentence", tr("What this probe does"));
  named(knnPreset_, "knnPreset", tr("Whose protocol"));
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    knnPreset_->addItem(tr(kWays.at(i).name), static_cast<int>(i));
    knnPreset_->setItemData(knnPreset_->count() - 1, tr(kWays.at(i).tip), Qt::ToolTipRole);
  }
  knnPreset_->addItem(tr("My own"), static_cast<int>(kWays.size()));
  named(k_, "knnK", tr("Neighbours that vote"));
  k_->setRange(1, 100'000);
  k_->setValue(200);
  k_->setToolTip(tr("k: how many of the most similar training images vote"));
  named(temperature_, "knnTemperature", tr("Temperature"));
  temperature_->setValue(0.1);
  temperature_->setToolTip(
      tr("T: a vote weighs exp(similarity / T). Small: the nearest decide; large: all count "
         "alike."));
  named(metric_, "knnMetric", tr("Similarity"));
  fill<KnnMetric>(*metric_);
  metric_->setToolTip(
      tr("Cosine looks at the direction of features alone, Euclidean at their length as well"));
  named(vote_, "knnVote", tr("Votes"));
  fill<KnnVote>(*vote_);
  vote_->setToolTip(
      tr("Weighted: nearer neighbours count more. Plain: every neighbour counts one"));
  named(preset_, "linearPreset", tr("Whose settings"));
  fill<LinearPreset>(*preset_);
  preset_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  preset_->setMinimumContentsLength(16);
  preset_->setToolTip(
      tr("The first gives an answer in seconds; the others train as those codes do, so that the "
         "number can stand beside what they publish"));
  named(labels_, "probeLabels", tr("Labels"));
  for (const auto& [share, text] :
       {std::pair{1.0, tr("100 %")}, {0.1, tr("10 %")}, {0.01, tr("1 %")}}) {
    labels_->addItem(text, share);
  }
  labels_->setToolTip(
      tr("How many of the training labels it sees: a fixed draw with as many of each class"));
  named(part_, "probePart", tr("Features"));
  fill<ModelPart>(*part_);
  part_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  part_->setMinimumContentsLength(16);
  part_->setToolTip(
      tr("What the network gives for an image: of the backbone, as papers judge it, or of the "
         "projector that the loss is of"));
  form.addRow(tr("Probe"), probe_);
  form.addRow(sentence_);
  form.addRow(tr("Protocol"), knnPreset_);
  form.addRow(tr("Neighbours"), k_);
  form.addRow(tr("Temperature"), temperature_);
  form.addRow(tr("Similarity"), metric_);
  form.addRow(tr("Votes"), vote_);
  form.addRow(tr("Settings"), preset_);
  form.addRow(tr("Labels"), labels_);
  form.addRow(tr("Features"), part_);
  connect(probe_, &QComboBox::currentIndexChanged, this, [this] {
    if (probe() == ProbeKind::FineTune && labels_->currentIndex() == 0) {
      labels_->setCurrentIndex(2);  // what it is for
    } else if (probe() == ProbeKind::Linear) {
      labels_->setCurrentIndex(0);
    }
    showProbe();
  });
  connect(knnPreset_, &QComboBox::activated, this, &ProbeForm::takePreset);
  connect(k_, &QSpinBox::valueChanged, this, &ProbeForm::showPreset);
  connect(temperature_, &QDoubleSpinBox::valueChanged, this, &ProbeForm::showPreset);
  for (QComboBox* box : {metric_, vote_}) {
    connect(box, &QComboBox::currentIndexChanged, this, &ProbeForm::showPreset);
  }
}

void ProbeForm::setRuns(const std::filesystem::path& own,
                        const QString& ownName,
                        const std::vector<RunHeadline>& runs) {
  const QSignalBlocker quiet(run_);
  run_->clear();
  if (!own.empty()) {
    run_->addItem(ownName, pathText(own));
    run_->setItemData(0, tr("The run at hand: %1").arg(pathText(own)), Qt::ToolTipRole);
  }
  for (const RunHeadline& headline : runs) {
    if (headline.folder != own) {
      run_->addItem(
          QString::fromStdString(headline.record.name.empty() ? headline.folder.filename().string()
                                                              : headline.record.name),
          pathText(headline.folder));
      run_->setItemData(run_->count() - 1, pathText(headline.folder), Qt::ToolTipRole);
    }
  }
  if (chosen_.empty() && run_->count() > 0) {
    chosen_ = run_->itemData(0).toString().toStdString();
  }
  run_->addItem(tr("Another run..."), QString());
  run_->addItem(tr("File of weights..."), QString());
  setRun(chosen_);
}

void ProbeForm::setRun(const std::filesystem::path& run) {
  const QSignalBlocker quiet(run_);
  chosen_ = run;
  int index = run.empty() ? -1 : run_->findData(pathText(run));
  if (index < 0 && !run.empty()) {
    run_->insertItem(0, pathText(run.filename()), pathText(run));
    index = 0;
  }
  run_->setCurrentIndex(index);
  run_->setToolTip(run.empty() ? tr("Whose network is judged") : pathText(run));
}

void ProbeForm::chooseOtherRun() {
  const auto folder = askFolder(this, tr("Run to evaluate"), pathText(chosen_.parent_path()));
  if (folder && isRunFolder(folder->toStdString())) {
    setRun(folder->toStdString());
    Q_EMIT runChosen();
    return;
  }
  setRun(chosen_);
  if (folder) {
    tell(this,
         tr("Evaluate"),
         tr("%1 is not a run: there is no config.json in it; choose the folder of a run.")
             .arg(*folder));
  }
}

void ProbeForm::setFile(const std::filesystem::path& file, const std::string& source) {
  setRun(file);
  if (data_->text().trimmed().isEmpty()) {
    data_->setText(QString::fromStdString(source));
  }
}

void ProbeForm::chooseFile() {
  const QStringList files = askOpenFiles(
      this, tr("File of weights"), tr("Weights (*.pth *.pt *.ckpt *.tar *.safetensors)"));
  if (files.isEmpty()) {
    setRun(chosen_);
    return;
  }
  setFile(files.front().toStdString(), "shapes");
  Q_EMIT runChosen();
}

void ProbeForm::chooseData() {
  if (const auto folder = askFolder(this, tr("Images to judge by"), data_->text())) {
    data_->setText(*folder);
  }
}

void ProbeForm::setCheckpoints(const std::vector<StoredCheckpoint>& checkpoints) {
  QStringList chosen;
  bool wasNewest = checkpoints_->count() == 0;
  for (const QListWidgetItem* item : checkpoints_->selectedItems()) {
    chosen << item->data(Qt::UserRole).toString();
    wasNewest = wasNewest || checkpoints_->row(item) == 0;
  }
  const bool isOne = chosen.size() < 2;
  const QSignalBlocker quiet(checkpoints_);
  checkpoints_->clear();
  for (const StoredCheckpoint& checkpoint : checkpoints) {
    const QString step = QLocale().toString(static_cast<qlonglong>(checkpoint.step));
    const bool isFile = checkpoint.folder == chosen_;
    auto* item = new QListWidgetItem(
        isFile ? tr("as in the file")
        : checkpoint.epoch > 0
            ? tr("epoch %1, step %2")
                  .arg(QLocale().toString(static_cast<qlonglong>(checkpoint.epoch)), step)
            : tr("step %1").arg(step),
        checkpoints_);
    const QString path = pathText(checkpoint.folder);
    item->setData(Qt::UserRole, path);
    item->setData(kStepRole, static_cast<qlonglong>(checkpoint.step));
    item->setData(kEpochRole, static_cast<qlonglong>(checkpoint.epoch));
    item->setToolTip(path);
    item->setSelected(chosen.contains(path) && !(isOne && wasNewest));
  }
  // The newest one is followed as long as nothing else was chosen.
  if (checkpoints_->selectedItems().isEmpty() && checkpoints_->count() > 0) {
    checkpoints_->setCurrentRow(0);
    checkpoints_->item(0)->setSelected(true);
  }
  allow();
}

std::filesystem::path ProbeForm::checkpoint() const {
  for (int row = 0; row < checkpoints_->count(); ++row) {
    if (checkpoints_->item(row)->isSelected()) {
      return checkpoints_->item(row)->data(Qt::UserRole).toString().toStdString();
    }
  }
  return {};
}

QString ProbeForm::runName() const { return run_->currentText(); }

ProbeKind ProbeForm::probe() const { return valueOf<ProbeKind>(*probe_); }

std::vector<ProbeForm::Wanted> ProbeForm::wanted() const {
  EvaluationRequest request;
  request.probe = probe();
  request.data = data_->text().trimmed().toStdString();
  request.split = split_->currentData().toString().toStdString();
  request.part = valueOf<ModelPart>(*part_);
  request.k = k_->value();
  request.temperature = temperature_->value();
  request.metric = valueOf<KnnMetric>(*metric_);
  request.vote = valueOf<KnnVote>(*vote_);
  request.preset = valueOf<LinearPreset>(*preset_);
  request.labels = labels_->currentData().toDouble();
  if (request.probe == ProbeKind::FineTune || request.probe == ProbeKind::Segmentation) {
    request.part = ModelPart::Backbone;
  }
  std::vector<Wanted> all;
  for (int row = checkpoints_->count() - 1; row >= 0; --row) {
    const QListWidgetItem* item = checkpoints_->item(row);
    if (item->isSelected()) {
      request.model = item->data(Qt::UserRole).toString().toStdString();
      all.push_back({request, QStringLiteral("%1 · %2").arg(probe_->currentText(), item->text())});
    }
  }
  return all;
}

void ProbeForm::takePreset(int index) {
  if (static_cast<std::size_t>(index) >= kWays.size()) {
    return;
  }
  const KnnWay& way = kWays.at(static_cast<std::size_t>(index));
  k_->setValue(way.k);
  temperature_->setValue(way.temperature);
  choose(*metric_, static_cast<int>(way.metric));
  choose(*vote_, static_cast<int>(way.vote));
}

// The name of what is set, whoever set it.
void ProbeForm::showPreset() {
  const auto way = std::find_if(kWays.begin(), kWays.end(), [&](const KnnWay& each) {
    return each.k == k_->value() && each.temperature == temperature_->value() &&
           each.metric == valueOf<KnnMetric>(*metric_) && each.vote == valueOf<KnnVote>(*vote_);
  });
  knnPreset_->setCurrentIndex(static_cast<int>(way - kWays.begin()));
}

void ProbeForm::showProbe() {
  const ProbeKind kind = probe();
  const bool isKnn = kind == ProbeKind::Knn;
  form_->setRowVisible(knnPreset_, isKnn);
  form_->setRowVisible(k_, isKnn);
  form_->setRowVisible(temperature_, isKnn);
  form_->setRowVisible(metric_, isKnn);
  form_->setRowVisible(vote_, isKnn);
  form_->setRowVisible(preset_, kind == ProbeKind::Linear);
  form_->setRowVisible(labels_, kind == ProbeKind::Linear || kind == ProbeKind::FineTune);
  form_->setRowVisible(part_, kind != ProbeKind::FineTune && kind != ProbeKind::Segmentation);
  const int training = split_->findData(QStringLiteral("train"));
  auto* splits = qobject_cast<QStandardItemModel*>(split_->model());
  splits->item(training)->setEnabled(kind == ProbeKind::Unlabelled);
  if (split_->currentIndex() == training && kind != ProbeKind::Unlabelled) {
    split_->setCurrentIndex(0);
  }
  switch (kind) {
    case ProbeKind::Knn:
      sentence_->setText(
          tr("The most similar training images vote on the class of every image held out. Nothing "
             "is trained; it takes seconds."));
      break;
    case ProbeKind::Linear:
      sentence_->setText(
          tr("A linear classifier learns from the frozen features: the number that papers quote "
             "first."));
      break;
    case ProbeKind::FineTune:
      sentence_->setText(
          tr("The whole network learns from a few labels: how much labelling its training saves. "
             "Takes minutes to hours."));
      break;
    case ProbeKind::Unlabelled:
      sentence_->setText(
          tr("Images alone: how spread out the features are, and whether one view of an image "
             "finds the other."));
      break;
    case ProbeKind::Segmentation:
      sentence_->setText(
          tr("A linear layer tells a class for every pixel from the frozen feature map. Data must "
             "be a folder with images and masks of the same names."));
      break;
  }
}

void ProbeForm::allow() {
  const auto count = checkpoints_->selectedItems().size();
  evaluate_->setEnabled(count > 0);
  evaluate_->setText(count > 1 ? tr("Evaluate %1 checkpoints").arg(count) : tr("Evaluate"));
  evaluate_->setToolTip(count > 0 ? tr("Adds it to the queue (Ctrl+E)")
                                  : tr("There is no checkpoint yet: a run writes one at its end, "
                                       "when it is stopped, and on the way."));
}

}  // namespace barlow::ui
