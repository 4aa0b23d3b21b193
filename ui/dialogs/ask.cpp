#include "ui/dialogs/ask.h"

#include <QDesktopServices>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QUrl>

#include <utility>

namespace barlow::ui {
namespace {

// The one seam for tests; window thread only.
DialogAnswers*& installedAnswers() {
  static DialogAnswers* answers = nullptr;
  return answers;
}

// A name with < or & in it is a name.
void showAsPlainText(QMessageBox& box) {
  for (QLabel* label : box.findChildren<QLabel*>()) {
    label->setTextFormat(Qt::PlainText);
  }
}

}  // namespace

int ask(QWidget* parent, const Question& question) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->question) {
    return answers->question(question);
  }
  QMessageBox box(
      QMessageBox::Question, question.title, question.text, QMessageBox::NoButton, parent);
  box.setInformativeText(question.detail);
  showAsPlainText(box);
  QList<QPushButton*> buttons;
  for (int i = 0; i < question.choices.size(); ++i) {
    const bool isLast = i + 1 == question.choices.size();
    const auto role = isLast                      ? QMessageBox::RejectRole
                      : i == question.destructive ? QMessageBox::DestructiveRole
                                                  : QMessageBox::AcceptRole;
    buttons.push_back(box.addButton(question.choices[i], role));
  }
  box.setEscapeButton(buttons.back());
  const bool losesFirst = question.destructive == 0;
  box.setDefaultButton(losesFirst ? buttons.back() : buttons.front());
  box.exec();
  for (int i = 0; i < buttons.size(); ++i) {
    if (box.clickedButton() == buttons[i]) {
      return i;
    }
  }
  return static_cast<int>(question.choices.size()) - 1;
}

std::optional<QString> askFolder(QWidget* parent, const QString& title, const QString& start) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->folder) {
    return answers->folder(title);
  }
  const QString folder = QFileDialog::getExistingDirectory(parent, title, start);
  return folder.isEmpty() ? std::nullopt : std::optional<QString>(folder);
}

std::optional<QString> askSaveFile(QWidget* parent,
                                   const QString& title,
                                   const QString& suggested) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->saveFile) {
    return answers->saveFile(suggested);
  }
  const QFileInfo info(suggested);
  QFileDialog dialog(parent, title, info.path());
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setFileMode(QFileDialog::AnyFile);
  dialog.setDefaultSuffix(info.suffix());
  dialog.setNameFilter(QStringLiteral("*.") + info.suffix());
  dialog.selectFile(info.fileName());
  if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) {
    return std::nullopt;
  }
  return dialog.selectedFiles().front();
}

QStringList askOpenFiles(QWidget* parent, const QString& title, const QString& kind) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->openFiles) {
    return answers->openFiles(title);
  }
  return QFileDialog::getOpenFileNames(parent, title, {}, kind);
}

std::optional<QString> askText(QWidget* parent, const QString& title, const QString& label) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->text) {
    return answers->text(title);
  }
  bool isGiven = false;
  const QString text = QInputDialog::getText(parent, title, label, QLineEdit::Normal, {}, &isGiven);
  return isGiven ? std::optional<QString>(text) : std::nullopt;
}

std::optional<int> askNumber(QWidget* parent,
                             const QString& title,
                             const QString& label,
                             int suggested,
                             int least,
                             int most) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->number) {
    return answers->number(suggested);
  }
  bool isGiven = false;
  const int number =
      QInputDialog::getInt(parent, title, label, suggested, least, most, 1, &isGiven);
  return isGiven ? std::optional(number) : std::nullopt;
}

void showFolder(const QString& folder) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->folderShown) {
    answers->folderShown(folder);
    return;
  }
  QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
}

void tell(QWidget* parent, const QString& title, const QString& text, const QString& detail) {
  if (const auto* answers = installedAnswers(); answers != nullptr && answers->told) {
    answers->told(text);
    return;
  }
  QMessageBox box(QMessageBox::Warning, title, text, QMessageBox::Ok, parent);
  box.setInformativeText(detail);
  showAsPlainText(box);
  box.exec();
}

AnswerDialogs::AnswerDialogs(DialogAnswers answers) {
  delete std::exchange(installedAnswers(), new DialogAnswers(std::move(answers)));
}

AnswerDialogs::~AnswerDialogs() { delete std::exchange(installedAnswers(), nullptr); }

}  // namespace barlow::ui
