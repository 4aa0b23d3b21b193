#include "ui/inspector/compare_bar.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolButton>

#include <array>
#include <utility>

namespace barlow::ui {
namespace {

struct LayoutText {
  Layout layout;
  const char* text;
  const char* tip;
};
constexpr std::array<LayoutText, 12> kLayouts = {{
    {Layout::Single, QT_TRANSLATE_NOOP("CompareBar", "One matrix"), ""},
    {Layout::SideBySide, QT_TRANSLATE_NOOP("CompareBar", "Side by side"), ""},
    {Layout::Difference,
     QT_TRANSLATE_NOOP("CompareBar", "Difference"),
     QT_TRANSLATE_NOOP("CompareBar", "The first minus the second")},
    {Layout::MagnitudeDifference,
     QT_TRANSLATE_NOOP("CompareBar", "Difference of |C|"),
     QT_TRANSLATE_NOOP("CompareBar", "Where the first is stronger, whatever the sign")},
    {Layout::SplitVertical,
     QT_TRANSLATE_NOOP("CompareBar", "Split left and right"),
     QT_TRANSLATE_NOOP("CompareBar", "Drag the line")},
    {Layout::SplitHorizontal,
     QT_TRANSLATE_NOOP("CompareBar", "Split above and below"),
     QT_TRANSLATE_NOOP("CompareBar", "Drag the line")},
    {Layout::Flicker,
     QT_TRANSLATE_NOOP("CompareBar", "Flicker"),
     QT_TRANSLATE_NOOP("CompareBar", "Hold Space to see the second")},
    {Layout::RedBlue,
     QT_TRANSLATE_NOOP("CompareBar", "Orange and blue"),
     QT_TRANSLATE_NOOP("CompareBar", "|first| orange, |second| blue, both alike gray to white")},
    {Layout::Asymmetry,
     QT_TRANSLATE_NOOP("CompareBar", "Asymmetry"),
     QT_TRANSLATE_NOOP("CompareBar",
                       "(C - C transposed) / 2: where dimension i of A with j of B differs from j "
                       "of A with i of B")},
    {Layout::Transposed, QT_TRANSLATE_NOOP("CompareBar", "Transposed"), ""},
    {Layout::Grid2,
     QT_TRANSLATE_NOOP("CompareBar", "4 moments"),
     QT_TRANSLATE_NOOP("CompareBar", "Evenly over the run")},
    {Layout::Grid3,
     QT_TRANSLATE_NOOP("CompareBar", "9 moments"),
     QT_TRANSLATE_NOOP("CompareBar", "Evenly over the run")},
}};

bool isGrid(Layout layout) { return layout == Layout::Grid2 || layout == Layout::Grid3; }

}  // namespace

Derivation derivationOf(Layout layout) {
  switch (layout) {
    case Layout::Difference:
      return Derivation::Difference;
    case Layout::MagnitudeDifference:
      return Derivation::MagnitudeDifference;
    case Layout::Asymmetry:
      return Derivation::Asymmetry;
    case Layout::Transposed:
      return Derivation::Transposed;
    default:
      return Derivation::None;
  }
}

bool needsSecond(Layout layout) {
  return layout != Layout::Single && layout != Layout::Asymmetry && layout != Layout::Transposed &&
         !isGrid(layout);
}

CompareBar::CompareBar(QWidget* parent)
    : QWidget(parent),
      with_(new QToolButton(this)),
      layout_(new QComboBox(this)),
      locks_(new QToolButton(this)) {
  with_->setObjectName(QStringLiteral("compareWith"));
  with_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(with_);
  const auto add = [&](const QString& text, const QString& name, auto signal) {
    QAction* action = menu->addAction(text);
    action->setObjectName(name);
    connect(action, &QAction::triggered, this, signal);
    return action;
  };
  add(tr("The matrix shown now"), QStringLiteral("compareShown"), &CompareBar::holdShownRequested);
  first_ = add(tr("The first moment of the run"),
               QStringLiteral("compareFirst"),
               &CompareBar::firstMomentRequested);
  add(tr("Another run..."), QStringLiteral("compareRun"), &CompareBar::runRequested);
  add(tr("Embeddings from files..."), QStringLiteral("compareFiles"), &CompareBar::filesRequested);
  menu->addSeparator();
  nothing_ = add(tr("Nothing"), QStringLiteral("compareNothing"), &CompareBar::nothingRequested);
  with_->setMenu(menu);

  layout_->setObjectName(QStringLiteral("compareLayout"));
  layout_->setAccessibleName(tr("How matrices are shown"));
  for (const LayoutText& entry : kLayouts) {
    layout_->addItem(QCoreApplication::translate("CompareBar", entry.text),
                     static_cast<int>(entry.layout));
    layout_->setItemData(layout_->count() - 1,
                         QCoreApplication::translate("CompareBar", entry.tip),
                         Qt::ToolTipRole);
  }
  connect(layout_, &QComboBox::currentIndexChanged, this, [this] {
    before_ = std::exchange(now_, layout());
    offer();
    Q_EMIT layoutChanged(layout());
  });
  connect(layout_, &QComboBox::activated, this, [this] {
    if (before_ != now_) {
      Q_EMIT layoutChosen(std::exchange(before_, now_), now_);
    }
  });
  // In a menu that is always there: nothing moves under a second click when a comparison begins.
  locks_->setObjectName(QStringLiteral("compareLocks"));
  locks_->setText(tr("Same"));
  locks_->setPopupMode(QToolButton::InstantPopup);
  locks_->setToolTip(tr("What two matrices side by side have in common: zoom, place, colours"));
  auto* common = new QMenu(locks_);
  const auto addLock = [&](const QString& text, const QString& name) {
    QAction* action = common->addAction(text);
    action->setObjectName(name);
    action->setCheckable(true);
    action->setChecked(true);
    connect(action, &QAction::toggled, this, &CompareBar::locksChanged);
    return action;
  };
  zoom_ = addLock(tr("Same zoom"), QStringLiteral("lockZoom"));
  place_ = addLock(tr("Same place"), QStringLiteral("lockPlace"));
  colors_ = addLock(tr("Same colours"), QStringLiteral("lockColors"));
  locks_->setMenu(common);

  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  row->addWidget(layout_);
  row->addWidget(with_);
  row->addWidget(locks_);
  with_->setText(tr("Compare with"));
  with_->setFixedWidth(with_->sizeHint().width() + kGap);
  setSecondName({});
}

Layout CompareBar::layout() const { return static_cast<Layout>(layout_->currentData().toInt()); }

// Not by the person: there is nothing to take back.
void CompareBar::change(Layout layout) {
  layout_->setCurrentIndex(layout_->findData(static_cast<int>(layout)));
  before_ = now_;
}

void CompareBar::setLayout(Layout layout) {
  const bool isPossible = (!needsSecond(layout) || hasSecond_) && (!isGrid(layout) || hasMoments_);
  if (isPossible) {
    change(layout);
  }
}

void CompareBar::setSecondName(const QString& name) {
  hasSecond_ = !name.isEmpty();
  const int room = with_->width() - 4 * kGap;  // less frame and arrow
  with_->setText(
      hasSecond_ ? with_->fontMetrics().elidedText(tr("with %1").arg(name), Qt::ElideMiddle, room)
                 : tr("Compare with"));
  with_->setToolTip(hasSecond_ ? tr("Compared with %1").arg(name)
                               : tr("Another matrix to hold beside this one"));
  with_->setAccessibleName(hasSecond_ ? tr("Compared with %1").arg(name) : tr("Compare with"));
  nothing_->setEnabled(hasSecond_);
  if (!hasSecond_ && needsSecond(layout())) {
    change(Layout::Single);
  } else if (hasSecond_ && layout() == Layout::Single) {
    change(Layout::SideBySide);
  }
  offer();
}

void CompareBar::setHasMoments(bool hasMoments) {
  hasMoments_ = hasMoments;
  first_->setEnabled(hasMoments);
  if (!hasMoments && isGrid(layout())) {
    change(Layout::Single);
  }
  offer();
}

bool CompareBar::locksZoom() const { return zoom_->isChecked(); }
bool CompareBar::locksPlace() const { return place_->isChecked(); }
bool CompareBar::locksColors() const { return colors_->isChecked(); }

// What cannot be had now is grey.
void CompareBar::offer() {
  auto* items = qobject_cast<QStandardItemModel*>(layout_->model());
  for (int i = 0; i < layout_->count(); ++i) {
    const auto layout = static_cast<Layout>(layout_->itemData(i).toInt());
    items->item(i)->setEnabled((!needsSecond(layout) || hasSecond_) &&
                               (!isGrid(layout) || hasMoments_));
  }
  locks_->setEnabled(layout() == Layout::SideBySide);
}

}  // namespace barlow::ui
