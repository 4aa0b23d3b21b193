#include "ui/dialogs/about.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("About", text); }

QDialog* makeDialog(QWidget* parent, const QString& name, const QString& title, QWidget* content) {
  auto* dialog = new QDialog(parent);
  dialog->setObjectName(name);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(title);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  auto* column = new QVBoxLayout(dialog);
  column->setContentsMargins(kMargin, kMargin, kMargin, kWideGap);
  column->setSpacing(kWideGap);
  column->addWidget(content, 1);
  column->addWidget(buttons);
  return dialog;
}

}  // namespace

void showAboutBox(QWidget* parent) {
  auto* content = new QWidget;
  auto* icon = new QLabel(content);
  icon->setPixmap(programIcon().pixmap(64, 64));
  icon->setAlignment(Qt::AlignTop);
  auto* words = new QVBoxLayout;
  words->setSpacing(kGap);
  words->addWidget(makeLabel(
      tr("Barlow Studio %1").arg(QStringLiteral(BARLOW_VERSION)), TextRole::Title, content));
  auto* text = new QLabel(
      tr("See and steer self-supervised learning with Barlow Twins."
         "<p>Free software under the GNU General Public License, version 3 or later. It comes "
         "without any warranty.</p>"
         "<p>Built from Qt (LGPL-3.0), QCustomPlot (GPL-3.0-or-later), LibTorch (BSD-3-Clause), "
         "OpenCV (Apache-2.0), libjpeg-turbo (BSD-3-Clause, IJG), libpng (PNG-2.0), libtiff "
         "(libtiff), libwebp (BSD-3-Clause), fmt and spdlog (MIT), "
         "nlohmann-json (MIT), CLI11 (BSD-3-Clause) and OpenSSL (Apache-2.0).</p>"
         "<p>The method: J. Zbontar, L. Jing, I. Misra, Y. LeCun, S. Deny, \"Barlow Twins: "
         "Self-Supervised Learning via Redundancy Reduction\", ICML 2021.</p>"),
      content);
  text->setWordWrap(true);
  text->setTextFormat(Qt::RichText);
  text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text->setMinimumWidth(420);
  words->addWidget(text);
  words->addStretch(1);
  auto* row = new QHBoxLayout(content);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kMargin);
  row->addWidget(icon);
  row->addLayout(words, 1);
  makeDialog(parent, QStringLiteral("aboutBox"), tr("About Barlow Studio"), content)->open();
}

void showShortcutSheet(QWidget* parent, const QStringList& lines) {
  auto* content = new QWidget;
  auto* grid = new QGridLayout(content);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(kMargin);
  for (int i = 0; i < lines.size(); ++i) {
    const QStringList parts = lines[i].split(QLatin1Char('\t'));
    if (parts.size() == 1) {
      auto* heading = makeLabel(parts.front(), TextRole::Heading, content);
      heading->setContentsMargins(0, i > 0 ? kGap : 0, 0, 0);
      grid->addWidget(heading, i, 0, 1, 2);
      continue;
    }
    auto* keys = new QLabel(parts.value(0), content);
    QFont font = keys->font();
    font.setBold(true);
    keys->setFont(font);
    grid->addWidget(keys, i, 0);
    auto* what = new QLabel(parts.value(1), content);
    what->setWordWrap(true);
    grid->addWidget(what, i, 1);
  }
  grid->setColumnStretch(1, 1);
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* dialog =
      makeDialog(parent, QStringLiteral("shortcutSheet"), tr("Keyboard shortcuts"), scroll);
  dialog->resize(520, 600);
  dialog->open();
}

}  // namespace barlow::ui
