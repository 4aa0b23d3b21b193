#include "ui/evaluate/results_view.h"

#include "core/report/published_rows.h"
#include "ui/evaluate/evaluation_text.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <set>

namespace barlow::ui {
namespace {

constexpr int kIndexRole = Qt::UserRole;
enum Column { What, Top1, Top5, Epoch, When, ColumnCount };

QString wholeText(std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); }

// A file of weights has no steps.
QString checkpointText(const EvaluatedModel& model) {
  const QString name = QString::fromStdString(model.checkpoint);
  return model.step > 0 || name.startsWith(QLatin1String("step-"))
             ? ResultsView::tr("step %1").arg(wholeText(model.step))
             : name;
}

}  // namespace

ResultsView::ResultsView(QWidget* parent)
    : QWidget(parent),
      empty_(makeLabel({}, TextRole::Quiet, this)),
      tree_(new QTreeWidget(this)),
      published_(new QCheckBox(tr("Published results"), this)),
      detail_(new ElidedLabel(this, Qt::ElideRight)) {
  tree_->setObjectName(QStringLiteral("evaluationResults"));
  tree_->setAccessibleName(tr("Results"));
  tree_->setColumnCount(ColumnCount);
  tree_->setHeaderLabels({tr("Checkpoint"), tr("Top-1"), tr("Top-5"), tr("Epoch"), tr("When")});
  const std::array<QString, ColumnCount> tips = {
      tr("Numbers that were measured in the same way stand together"),
      tr("Share of images whose class came first"),
      tr("Share of images whose class was among the first five"),
      tr("How often training had seen every image"),
      tr("When it was evaluated")};
  for (int column = 0; column < ColumnCount; ++column) {
    tree_->headerItem()->setToolTip(column, tips.at(static_cast<std::size_t>(column)));
    if (column != What) {
      tree_->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    }
  }
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  tree_->header()->setSectionResizeMode(What, QHeaderView::Stretch);
  tree_->header()->setMinimumSectionSize(52);
  tree_->setMinimumHeight(50);
  tree_->setUniformRowHeights(true);
  tree_->setTextElideMode(Qt::ElideRight);
  tree_->setRootIsDecorated(false);
  tree_->setIndentation(kWideGap);
  tree_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(tree_, &QTreeWidget::currentItemChanged, this, &ResultsView::follow);
  empty_->setObjectName(QStringLiteral("evaluationEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setMargin(kMargin);
  published_->setObjectName(QStringLiteral("publishedResults"));
  published_->setChecked(true);
  published_->setToolTip(
      tr("Numbers from papers and other programs for the same data, each with what differs"));
  connect(published_, &QCheckBox::toggled, this, [this] {
    fill();
    Q_EMIT publishedToggled();
  });
  detail_->setObjectName(QStringLiteral("evaluationDetail"));
  auto* foot = new QHBoxLayout;
  foot->setSpacing(kWideGap);
  foot->addWidget(detail_, 1);
  foot->addWidget(published_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(empty_, 1);
  column->addWidget(tree_, 1);
  column->addLayout(foot);
  fill();
}

void ResultsView::setEmptyText(const QString& text) { empty_->setText(text); }

bool ResultsView::showsPublished() const { return published_->isChecked(); }

void ResultsView::setEvaluations(std::vector<StoredEvaluation> evaluations,
                                 const std::filesystem::path& newest) {
  const StoredEvaluation* before = chosen();
  const std::filesystem::path wanted = !newest.empty()     ? newest
                                       : before != nullptr ? before->file
                                                           : std::filesystem::path();
  evaluations_ = std::move(evaluations);
  const auto known = std::find_if(evaluations_.begin(), evaluations_.end(), [&](const auto& each) {
    return each.file == wanted;
  });
  // The newest one is the last.
  const bool isKnown = known != evaluations_.end() || evaluations_.empty();
  chosen_ = static_cast<std::size_t>((isKnown ? known : known - 1) - evaluations_.begin());
  fill();
  tellChosen();
  Q_EMIT choiceChanged();
}

const StoredEvaluation* ResultsView::chosen() const {
  return chosen_ < evaluations_.size() ? &evaluations_[chosen_] : nullptr;
}

// On a heading, or on what others published, the one before stays chosen.
void ResultsView::follow(const QTreeWidgetItem* item) {
  while (item != nullptr && !item->data(What, kIndexRole).isValid()) {
    item = item->parent();
  }
  if (isFilling_ || item == nullptr) {
    return;
  }
  chosen_ = static_cast<std::size_t>(item->data(What, kIndexRole).toULongLong());
  tellChosen();
  Q_EMIT choiceChanged();
}

QTreeWidgetItem* ResultsView::addGroup(const QString& text) {
  auto* group = new QTreeWidgetItem(tree_, {text});
  QFont font = tree_->font();
  font.setWeight(QFont::DemiBold);
  group->setFont(What, font);
  group->setToolTip(What, wrappedTip(text));
  group->setFirstColumnSpanned(true);
  group->setExpanded(true);
  group->setFlags(Qt::ItemIsEnabled);
  return group;
}

void ResultsView::fill() {
  isFilling_ = true;
  tree_->clear();
  // The groups in the order of their newest member, and in them the later checkpoint first.
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = evaluations_.size(); i-- > 0;) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& members) {
      return isComparable(evaluations_[members.front()].report, evaluations_[i].report);
    });
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  for (auto& members : groups) {
    QTreeWidgetItem* group = addGroup(groupText(evaluations_[members.front()].report));
    std::stable_sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return evaluations_[a].report.model.step > evaluations_[b].report.model.step;
    });
    for (const std::size_t index : members) {
      const EvaluationReport& report = evaluations_[index].report;
      auto* row = new QTreeWidgetItem(
          group,
          {checkpointText(report.model),
           percent(report.top1),
           percent(report.top5),
           report.model.step > 0 ? wholeText(report.model.epoch) : QStringLiteral("–"),
           whenText(report.time)});
      row->setData(What, kIndexRole, static_cast<qulonglong>(index));
      for (int column = 0; column < ColumnCount; ++column) {
        row->setToolTip(column, plainTip(detailText(report)));
        row->setTextAlignment(column,
                              (column == What ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
      }
      if (!report.top1) {
        for (const EvaluationMetric& metric : report.metrics) {
          auto* line = new QTreeWidgetItem(
              row,
              {QStringLiteral("%1  %2").arg(QString::fromStdString(metric.label),
                                            QLocale().toString(metric.value, 'g', 4))});
          line->setToolTip(What, wrappedTip(QString::fromStdString(metric.sentence)));
          line->setFirstColumnSpanned(true);
        }
        row->setExpanded(true);
      }
      if (index == chosen_) {
        tree_->setCurrentItem(row);
      }
    }
  }
  if (published_->isChecked()) {
    addPublished();
  }
  isFilling_ = false;
  const bool isEmpty = evaluations_.empty();
  empty_->setVisible(isEmpty);
  tree_->setVisible(!isEmpty);
  detail_->setVisible(!isEmpty);
  published_->setVisible(!isEmpty);
}

// Of the same data and probes as ours.
void ResultsView::addPublished() {
  std::set<std::pair<std::string, std::string>> seen;
  for (const StoredEvaluation& evaluation : evaluations_) {
    const EvaluationReport& report = evaluation.report;
    if (!seen.insert({report.data.source, report.probe}).second) {
      continue;
    }
    QTreeWidgetItem* group = nullptr;
    QString groupName;
    for (const PublishedRow& row : publishedFor(report.data.source, report.probe)) {
      const QString name = tr("Published · %1 · %2 · %3")
                               .arg(QString::fromStdString(row.source),
                                    QString::fromStdString(row.protocol),
                                    QString::fromStdString(row.model));
      if (group == nullptr || name != groupName) {
        groupName = name;
        group = addGroup(name);
        group->setForeground(What, colors(palette()).quiet);
        const QString difference = QString::fromStdString(row.difference);
        group->setToolTip(What, wrappedTip(difference));
        auto* note = new QTreeWidgetItem(group, {difference});
        note->setFirstColumnSpanned(true);
        note->setForeground(What, colors(palette()).quiet);
        note->setToolTip(What, wrappedTip(difference));
      }
      auto* item = new QTreeWidgetItem(group,
                                       {QString::fromStdString(row.method),
                                        percent(row.top1),
                                        percent(row.top5),
                                        wholeText(row.epoch),
                                        {}});
      for (int column = 0; column < ColumnCount; ++column) {
        item->setToolTip(column, wrappedTip(QString::fromStdString(row.difference)));
        item->setForeground(column, colors(palette()).quiet);
        item->setTextAlignment(
            column, (column == What ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
      }
    }
  }
}

void ResultsView::tellChosen() {
  const StoredEvaluation* evaluation = chosen();
  const QString text = evaluation != nullptr ? detailText(evaluation->report) : QString();
  detail_->setText(QString(text).replace(QLatin1Char('\n'), QStringLiteral("; ")));
  detail_->setToolTip(text.isEmpty() ? QString() : plainTip(text));
}

}  // namespace barlow::ui
