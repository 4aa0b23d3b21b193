#pragma once

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

class QWidget;

namespace barlow::ui {

/// Every question that stops a person, so that tests can answer it. Window thread only.
struct Question {
  QString title;
  QString text;          // one sentence
  QString detail;        // may be empty
  QStringList choices;   // button texts; the last one is what Esc means
  int destructive = -1;  // index of a choice that loses something, or -1
};
/// The index of the chosen button. Return means the first choice that loses nothing.
int ask(QWidget* parent, const Question& question);
/// An existing folder, or nothing when cancelled.
std::optional<QString> askFolder(QWidget* parent, const QString& title, const QString& start);
/// Where to write a file, or nothing when cancelled; an existing one was confirmed. The suffix of
/// `suggested` is added to a name without one.
std::optional<QString> askSaveFile(QWidget* parent, const QString& title, const QString& suggested);
/// Existing files of a kind such as "Orders (*.json)"; empty when cancelled.
QStringList askOpenFiles(QWidget* parent, const QString& title, const QString& kind);
/// A line of text, or nothing when cancelled.
std::optional<QString> askText(QWidget* parent, const QString& title, const QString& label);
/// A whole number from `least` to `most`, or nothing when cancelled.
std::optional<int> askNumber(QWidget* parent,
                             const QString& title,
                             const QString& label,
                             int suggested,
                             int least,
                             int most);
/// Shows a folder in the desktop's file manager.
void showFolder(const QString& folder);
/// One sentence that needs no answer but "OK".
void tell(QWidget* parent, const QString& title, const QString& text, const QString& detail = {});

/// While it lives, questions are answered by these functions instead of by windows.
struct DialogAnswers {
  std::function<int(const Question&)> question;
  std::function<std::optional<QString>(const QString& title)> folder;
  std::function<void(const QString& text)> told;
  std::function<std::optional<QString>(const QString& suggested)> saveFile;
  std::function<QStringList(const QString& title)> openFiles;
  std::function<std::optional<QString>(const QString& title)> text;
  std::function<std::optional<int>(int suggested)> number;
  std::function<void(const QString& folder)> folderShown;
};
class AnswerDialogs {
 public:
  explicit AnswerDialogs(DialogAnswers answers);
  ~AnswerDialogs();
  AnswerDialogs(const AnswerDialogs&) = delete;
  AnswerDialogs& operator=(const AnswerDialogs&) = delete;
};

}  // namespace barlow::ui
