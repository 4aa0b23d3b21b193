#include "ui/forms/config_form.h"

#include "core/params/config_io.h"
#include "core/studio/process_setup.h"
#include "ui/forms/field_control.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QGridLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <vector>

namespace barlow::ui {
namespace {

struct Field {
  ParamInfo info;
  FieldControl control;
  QLabel* label = nullptr;
  QToolButton* reset = nullptr;
  QLabel* problem = nullptr;
  QLabel* note = nullptr;  // made with the first one
  QGridLayout* grid = nullptr;
  int row = 0;
  QString rejected;  // why the text in the control could not be taken
  bool isRelevant = true;
};

QString keyOf(const Field& field) { return QString::fromStdString(field.info.key); }

// "augment.a" of "augment.a.hue"; "objective" of "objective.simclr.temperature", for only the
// chosen one's settings are shown.
QString sectionOf(const std::string& key) {
  const bool isOneOfMany = key.starts_with("objective.");
  return QString::fromStdString(key.substr(0, isOneOfMany ? key.find('.') : key.rfind('.')));
}

QString titleOf(const QString& section) {
  const std::map<QString, QString> titles = {
      {QStringLiteral("data"), ConfigForm::tr("Data")},
      {QStringLiteral("augment"), ConfigForm::tr("Augmentation")},
      {QStringLiteral("augment.a"), ConfigForm::tr("View A")},
      {QStringLiteral("augment.b"), ConfigForm::tr("View B")},
      {QStringLiteral("model"), ConfigForm::tr("Network")},
      {QStringLiteral("objective"), ConfigForm::tr("Objective")},
      {QStringLiteral("optim"), ConfigForm::tr("Optimiser")},
      {QStringLiteral("evaluate"), ConfigForm::tr("Evaluation")},
      {QStringLiteral("run"), ConfigForm::tr("Run")},
  };
  const auto found = titles.find(section);
  return found == titles.end() ? section : found->second;
}

bool isIn(const QString& key, const QString& section) {
  return section.endsWith(QLatin1Char('.'))
             ? sectionOf(key.toStdString()) + QLatin1Char('.') == section
             : key == section;
}

}  // namespace

QString fieldName(const std::string& key) {
  for (const DescribedValue& value : describedValues(RunConfig{})) {
    if (isNamed(value.info, key)) {
      return titleOf(sectionOf(key)) + QStringLiteral(": ") +
             QString::fromStdString(value.info.label);
    }
  }
  return QString::fromStdString(key);
}

struct ConfigForm::Impl {
  ConfigForm* form;
  Experiment& experiment;
  std::vector<std::unique_ptr<Field>> fields;  // in the order shown
  QToolButton* more = nullptr;
  std::vector<QWidget*> advanced;
  bool isRunning = false;

  Impl(ConfigForm* owner, Experiment& shared) : form(owner), experiment(shared) {}

  void build(const QStringList& sections);
  void layOut(QVBoxLayout& column, const QStringList& sections);
  void addRow(QGridLayout& grid, Field& field);
  void take(Field& field);
  void reset(Field& field);
  void follow();
  void showProblem(Field& field);
  void showHelp(Field& field);
  void setRelevant(Field& field, bool isRelevant);
  bool isFixed(const Field& field) const {
    return isRunning && field.info.change == Change::AtStart;
  }
};

namespace {

// Makes one field per described parameter of the wanted sections.
struct FieldBuilder {
  const QStringList& sections;
  QWidget* parent;
  std::function<void(Field&)> edited;
  std::vector<std::unique_ptr<Field>> made;

  bool wants(const ParamInfo& info) const {
    const QString key = QString::fromStdString(info.key);
    return std::any_of(sections.begin(), sections.end(), [&](const QString& section) {
      return isIn(key, section);
    });
  }
  template <class... Spec>
  void add(const ParamInfo& info, const Spec&... spec) {
    auto field = std::make_unique<Field>();
    field->info = info;
    Field* raw = field.get();
    const FieldControlMaker maker(parent, [raw, call = edited] { call(*raw); });
    field->control = maker.make(spec...);
    made.push_back(std::move(field));
  }
  template <class T, class Spec>
  void operator()(const ParamInfo& info, const T&, const Spec& spec) {
    if (!wants(info)) {
      return;
    }
    if (info.key == "run.device") {  // a text in files, a choice of what there is here
      QStringList names;
      QStringList labels;
      for (const DeviceChoice& choice : deviceChoices()) {
        names << QString::fromStdString(choice.name);
        labels << QString::fromStdString(choice.label);
      }
      add(info, names, labels);
      return;
    }
    add(info, spec);
  }
  template <class E>
  void operator()(const ParamInfo& info, const E&, const Choice&) {
    if (!wants(info)) {
      return;
    }
    QStringList names;
    QStringList labels;
    for (const auto& name : kEnumNames<E>) {
      names << QString::fromUtf8(name.text.data(), static_cast<qsizetype>(name.text.size()));
      labels << QString::fromUtf8(name.label.data(), static_cast<qsizetype>(name.label.size()));
    }
    add(info, names, labels);
  }
};

}  // namespace

void ConfigForm::Impl::build(const QStringList& sections) {
  FieldBuilder builder{.sections = sections,
                       .parent = form,
                       .edited = [this](Field& field) { take(field); },
                       .made = {}};
  RunConfig::describe(experiment.config(), builder);
  // In the order of the sections, and within one in that of describe().
  for (const QString& section : sections) {
    for (auto& field : builder.made) {
      if (field && isIn(keyOf(*field), section)) {
        fields.push_back(std::move(field));
      }
    }
  }
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, kGap, 0);
  column->setSpacing(kGap);
  layOut(*column, sections);
  column->addStretch(1);
}

void ConfigForm::Impl::layOut(QVBoxLayout& column, const QStringList&) {
  QString section;
  QGridLayout* grids[2] = {nullptr, nullptr};  // common, advanced
  const bool hasSeveral = sectionOf(fields.front()->info.key) != sectionOf(fields.back()->info.key);
  for (const auto& field : fields) {
    if (const QString own = sectionOf(field->info.key); own != section) {
      section = own;
      grids[0] = grids[1] = nullptr;
      if (hasSeveral) {
        auto* heading = new QLabel(titleOf(section), form);
        QFont font = heading->font();
        font.setWeight(QFont::DemiBold);
        heading->setFont(font);
        heading->setContentsMargins(0, kGap, 0, 0);
        column.addWidget(heading);
      }
    }
    QGridLayout*& grid = grids[field->info.isCommon ? 0 : 1];
    if (grid == nullptr) {
      auto* box = new QWidget(form);
      grid = new QGridLayout(box);
      grid->setContentsMargins(0, 0, 0, 0);
      grid->setHorizontalSpacing(kGap);
      grid->setVerticalSpacing(4);
      grid->setColumnStretch(0, 1);
      grid->setColumnStretch(1, 1);
      column.addWidget(box);
      if (!field->info.isCommon) {
        advanced.push_back(box);
      }
    }
    addRow(*grid, *field);
  }
  if (!advanced.empty()) {
    more = new QToolButton(form);
    more->setCheckable(true);
    more->setText(ConfigForm::tr("More settings"));
    more->setObjectName(QStringLiteral("moreSettings"));
    more->setArrowType(Qt::RightArrow);
    more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    more->setAutoRaise(true);
    more->setFocusPolicy(Qt::StrongFocus);
    QObject::connect(more, &QToolButton::toggled, form, &ConfigForm::setMoreShown);
    column.addWidget(more);
    for (QWidget* box : advanced) {
      box->hide();
    }
  }
}

void ConfigForm::Impl::addRow(QGridLayout& grid, Field& field) {
  const ParamInfo& info = field.info;
  const QString name = QString::fromStdString(info.label);
  const QString help = QString::fromStdString(info.help);
  QWidget* control = field.control.widget;
  field.label = new QLabel(
      info.unit.empty() ? name : name + QStringLiteral(", ") + QString::fromStdString(info.unit),
      form);
  field.label->setWordWrap(true);
  field.label->setBuddy(control);
  control->setObjectName(keyOf(field));
  control->setAccessibleName(sectionOf(info.key).startsWith(QStringLiteral("augment."))
                                 ? titleOf(sectionOf(info.key)) + QStringLiteral(": ") + name
                                 : name);
  control->setAccessibleDescription(help);
  showHelp(field);
  field.reset = new QToolButton(form);
  field.reset->setText(QStringLiteral("↺"));
  field.reset->setAutoRaise(true);
  field.reset->setFocusPolicy(Qt::StrongFocus);
  field.reset->setFixedWidth(24);
  field.reset->setObjectName(QStringLiteral("reset ") + keyOf(field));
  QSizePolicy policy = field.reset->sizePolicy();
  policy.setRetainSizeWhenHidden(true);
  field.reset->setSizePolicy(policy);
  QObject::connect(field.reset, &QToolButton::clicked, form, [this, &field] { reset(field); });
  field.problem = makeLabel({}, TextRole::Problem, form);
  field.problem->hide();
  const int row = grid.rowCount() + 1;  // between two fields: what is wrong with one, and a note
  field.grid = &grid;
  field.row = row;
  grid.addWidget(field.label, row, 0);
  grid.addWidget(control, row, 1);
  grid.addWidget(field.reset, row, 2);
  grid.addWidget(field.problem, row + 1, 0, 1, 3);
}

void ConfigForm::Impl::showHelp(Field& field) {
  QString text = QStringLiteral("<p>%1</p><p>%2</p>")
                     .arg(QString::fromStdString(field.info.help).toHtmlEscaped(), keyOf(field));
  if (isFixed(field)) {
    text += QStringLiteral("<p><b>%1</b></p>")
                .arg(ConfigForm::tr("Fixed while a run goes on: another value makes another run. "
                                    "Stop this one first; it is kept."));
  }
  for (QWidget* widget : {static_cast<QWidget*>(field.label), field.control.widget}) {
    widget->setToolTip(text);
  }
}

void ConfigForm::Impl::take(Field& field) {
  RunConfig config = experiment.config();
  const auto problems =
      applySettings({{field.info.key, field.control.text().toStdString()}}, config);
  if (!problems.empty()) {
    field.rejected = QString::fromStdString(problems.front().message);
    showProblem(field);
    return;
  }
  field.rejected.clear();
  experiment.setConfig(config);
  follow();  // also when nothing changed: "1e-6" becomes the text that means it
}

void ConfigForm::Impl::reset(Field& field) {
  for (const DescribedValue& value : describedValues(experiment.base())) {
    if (value.info.key == field.info.key) {
      RunConfig config = experiment.config();
      field.rejected.clear();
      if (applySettings({{value.info.key, value.value}}, config).empty()) {
        // A recipe would take its branches along; the other fields keep what they have.
        if (value.info.key == "augment.recipe") {
          config = experiment.config();
          config.augment.recipe = experiment.base().augment.recipe;
        }
        experiment.setConfig(config);
      }
      follow();
      field.control.widget->setFocus();
      return;
    }
  }
}

void ConfigForm::Impl::follow() {
  std::map<std::string, std::string> now;
  std::map<std::string, std::string> before;
  std::map<std::string, bool> isRelevant;
  for (const auto& value : describedValues(experiment.config())) {
    now[value.info.key] = value.value;
    isRelevant[value.info.key] = value.isRelevant;
  }
  for (const auto& value : describedValues(experiment.base())) {
    before[value.info.key] = value.value;
  }
  for (const auto& field : fields) {
    const QString text = QString::fromStdString(now[field->info.key]);
    if (field->rejected.isEmpty()) {
      field->control.setText(text);
    }
    const bool isChanged = now[field->info.key] != before[field->info.key];
    QFont font = field->label->font();
    font.setBold(isChanged);
    field->label->setFont(font);
    const QString base = QString::fromStdString(before[field->info.key]);
    setRelevant(*field, isRelevant[field->info.key]);
    field->reset->setVisible(field->isRelevant && (isChanged || !field->rejected.isEmpty()));
    field->reset->setToolTip(plainTip(
        ConfigForm::tr("Reset to %1").arg(base.isEmpty() ? ConfigForm::tr("nothing") : base)));
    field->reset->setAccessibleName(
        ConfigForm::tr("Reset %1").arg(field->control.widget->accessibleName()));
    showProblem(*field);
  }
}

// What makes no difference is not shown; it keeps its value.
void ConfigForm::Impl::setRelevant(Field& field, bool isRelevant) {
  field.isRelevant = isRelevant;
  field.label->setVisible(isRelevant);
  field.control.widget->setVisible(isRelevant);
  QSizePolicy policy = field.reset->sizePolicy();
  policy.setRetainSizeWhenHidden(isRelevant);
  field.reset->setSizePolicy(policy);
}

void ConfigForm::Impl::showProblem(Field& field) {
  QString text = field.rejected;
  for (const Problem& problem : experiment.problems()) {
    if (text.isEmpty() && problem.key == field.info.key) {
      text = QString::fromStdString(problem.message);
    }
  }
  field.problem->setText(text.isEmpty() ? text : QStringLiteral("⚠ ") + text);
  field.problem->setVisible(!text.isEmpty());
  if (!text.isEmpty() && !field.info.isCommon) {
    form->setMoreShown(true);  // what is wrong must be in sight
  }
}

ConfigForm::ConfigForm(Experiment& experiment, const QStringList& sections, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(this, experiment)) {
  impl_->build(sections);
  connect(&experiment, &Experiment::changed, this, [this] { impl_->follow(); });
  impl_->follow();
}

ConfigForm::~ConfigForm() = default;

void ConfigForm::setNote(const QString& key, const QString& sentence) {
  for (const auto& field : impl_->fields) {
    if (keyOf(*field) != key) {
      continue;
    }
    if (field->note == nullptr) {
      field->note = makeLabel({}, TextRole::Quiet, this);
      field->note->setObjectName(QStringLiteral("note ") + key);
      field->grid->addWidget(field->note, field->row + 2, 0, 1, 3);
    }
    field->note->setText(sentence);
    field->note->setVisible(!sentence.isEmpty());
  }
}

void ConfigForm::setRunning(bool isRunning) {
  impl_->isRunning = isRunning;
  for (const auto& field : impl_->fields) {
    const bool isFixed = impl_->isFixed(*field);
    field->control.widget->setEnabled(!isFixed);
    field->reset->setEnabled(!isFixed);
    impl_->showHelp(*field);
  }
}

QString ConfigForm::runningText() {
  return tr(
      "A run goes on. What you change here waits: Pause, then Resume takes it over. What is gray "
      "is fixed for this run.");
}

QStringList ConfigForm::keys() const {
  QStringList keys;
  for (const auto& field : impl_->fields) {
    keys << keyOf(*field);
  }
  return keys;
}

QWidget* ConfigForm::control(const QString& key) const {
  for (const auto& field : impl_->fields) {
    if (keyOf(*field) == key) {
      return field->control.widget;
    }
  }
  return nullptr;
}

bool ConfigForm::isMoreShown() const { return impl_->more != nullptr && impl_->more->isChecked(); }

void ConfigForm::setMoreShown(bool isShown) {
  if (impl_->more == nullptr) {
    return;
  }
  impl_->more->setChecked(isShown);
  impl_->more->setArrowType(isShown ? Qt::DownArrow : Qt::RightArrow);
  impl_->more->setText(isShown ? tr("Fewer settings") : tr("More settings"));
  for (QWidget* box : impl_->advanced) {
    box->setVisible(isShown);
  }
}

}  // namespace barlow::ui
