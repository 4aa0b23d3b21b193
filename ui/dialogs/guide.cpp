#include "ui/dialogs/guide.h"

#include "core/matrix/matrix_kinds.h"
#include "ui/dialogs/guide_pictures.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLocale>
#include <QTextBrowser>
#include <QTextDocument>
#include <QUrl>
#include <QVBoxLayout>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace barlow::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Guide", text); }

struct Section {
  const char* name;
  const char* title;
  const char* what;
  const char* good;  // may be empty
  const char* todo;  // may be empty
};

constexpr std::array<Section, 9> kSections = {{
    {"matrix",
     QT_TRANSLATE_NOOP("Guide", "The matrix"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "Every image is changed at random twice: view A and view B. Cell (i, j) is the "
         "correlation, over a batch, of output i for view A with output j for view B: "
         "1 is red, -1 is blue, 0 is pale."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "a red diagonal on pale ground (right). The diagonal says that both views of an "
         "image give the same output, the pale rest that no output repeats another."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "A plaid of red and blue (left) is what a network shows before it has learned. "
         "If it stays, see Off-diagonal RMS and Effective rank.")},
    {"views",
     QT_TRANSLATE_NOOP("Guide", "The two views"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "What the two views of an image do not share, the network learns to ignore. In "
         "the quick start view A is always gray and view B is coloured: so colour cannot "
         "help, and the network has to look at shapes. Augment shows what is drawn and "
         "changes it."),
     "",
     QT_TRANSLATE_NOOP(
         "Guide",
         "Views that share too little teach nothing: make the smallest crop larger or "
         "the colours milder in Augment.")},
    {"loss",
     QT_TRANSLATE_NOOP("Guide", "Loss"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "How far the matrix is from the wanted one: the sum of (1 - C_ii)² over the "
         "diagonal, plus lambda times the sum of C_ij² over all other cells. The dashed "
         "line is the floor, the least that a batch of this size allows."),
     QT_TRANSLATE_NOOP("Guide", "it falls fast at first, then slowly, towards the floor (right)."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "It stays high (left): train longer, or raise the learning rate. It jumps or is "
         "not finite: Resume with half the learning rate. Losses of runs with another "
         "lambda or width cannot be compared.")},
    {"mean_diagonal",
     QT_TRANSLATE_NOOP("Guide", "Mean diagonal"),
     QT_TRANSLATE_NOOP("Guide",
                       "The mean of the cells C_ii: how well the two views of an image agree."),
     QT_TRANSLATE_NOOP("Guide", "towards 1 (right)."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "It stays low (left): the views share too little (milder changes in Augment), "
         "lambda is too large, or the run is too short.")},
    {"rms_off_diagonal",
     QT_TRANSLATE_NOOP("Guide", "Off-diagonal RMS"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "The root mean square of all other cells: how much outputs repeat each other. A "
         "batch of N images shows about 1/sqrt(N) even where nothing repeats."),
     QT_TRANSLATE_NOOP("Guide", "near 1/sqrt(N) (right)."),
     QT_TRANSLATE_NOOP("Guide",
                       "It stays high (left): the images hold fewer facts than the projector has "
                       "outputs (make its last width smaller), or lambda is too small.")},
    {"knn",
     QT_TRANSLATE_NOOP("Guide", "kNN accuracy"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "Held-out images (large dot) are named by the classes of the training images "
         "nearest to them in the network's features. Labels serve this number only."),
     QT_TRANSLATE_NOOP("Guide",
                       "well above the untrained network, and above chance, 1 / number of classes "
                       "(right)."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "It stays where it began (left): train longer, or look at the views: what they "
         "change is what the network ignores, and that may be what the classes are "
         "about.")},
    {"rank",
     QT_TRANSLATE_NOOP("Guide", "Effective rank"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "How many dimensions the outputs really use: the exponential of the entropy of "
         "their covariance's eigenvalues (the bars)."),
     QT_TRANSLATE_NOOP("Guide", "many, up to the projector's last width (right)."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "One or two (left) is collapse, all images look alike to the network: lower the "
         "learning rate, use a larger batch, or, with Barlow Twins, raise lambda. Dead "
         "dimensions give the same output for every image.")},
    {"evaluation",
     QT_TRANSLATE_NOOP("Guide", "What Evaluate measures"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "<b>Top-1</b>: the share of images whose class came first, <b>top-5</b>: among the first "
         "five. <b>Nearest neighbours</b>: similar training images vote; nothing is trained. "
         "<b>Linear</b>: a classifier with one layer learns from the frozen features. "
         "<b>Fine-tuning</b>: the whole network learns from few labels. <b>Without labels</b>: how "
         "spread out features are, and whether views of an image find each other. "
         "<b>Protocol</b>: everything that such a number depends on. Numbers of different "
         "protocols "
         "say nothing about each other, so that they stand in groups of their own."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "a curve that rises with the epochs, far above that of an early checkpoint; neighbours of "
         "the same class; groups of one colour on the map."),
     QT_TRANSLATE_NOOP(
         "Guide",
         "Classes that are confused look alike to the network: look at their images, and at what "
         "the "
         "views change. t-SNE keeps neighbours together; sizes of its groups and the distances "
         "between them say nothing.")},
    {"words",
     QT_TRANSLATE_NOOP("Guide", "Words"),
     QT_TRANSLATE_NOOP(
         "Guide",
         "<b>Backbone</b>: the network that is kept. <b>Stem</b>: its first layers; the one of "
         "CIFAR "
         "keeps small images large. <b>Projector</b>: layers on top of it, for the loss only; its "
         "last width is the side of the matrix. <b>Lambda</b>: how much the cells beside the "
         "diagonal "
         "weigh. <b>LARS</b>: an optimiser for large batches. <b>Solarise</b>: turns bright pixels "
         "dark. <b>Warm-up</b>: the epochs in which the learning rate rises."),
     "",
     ""},
}};

QString text(std::string_view utf8) {
  return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString heading(const QString& name, const QString& title) {
  return QStringLiteral("<h3><a name='%1'></a>%2</h3>")
      .arg(name.toHtmlEscaped(), title.toHtmlEscaped());
}

QString paragraph(const QString& sentence) {
  return sentence.isEmpty() ? QString() : QStringLiteral("<p>%1</p>").arg(sentence.toHtmlEscaped());
}

QString paragraph(const QString& word, const QString& sentence) {
  return sentence.isEmpty()
             ? QString()
             : QStringLiteral("<p><b>%1</b> %2</p>").arg(word, sentence.toHtmlEscaped());
}

QString pageOf(const Section& section) {
  const QString name = QLatin1String(section.name);
  QString page = heading(name, tr(section.title));
  if (name != QLatin1String("words") && name != QLatin1String("evaluation")) {
    page += QStringLiteral("<p><img src='%1'></p>").arg(name);
  }
  page += QStringLiteral("<p>%1</p>").arg(tr(section.what));  // with marks of its own
  page += *section.good == '\0' ? QString() : paragraph(tr("Good:"), tr(section.good));
  page += *section.todo == '\0' ? QString() : paragraph(tr("What to do:"), tr(section.todo));
  return page;
}

// A column in its own words.
QString pageOf(const MetricColumn& column) {
  const auto own = [&](const std::string& hint) {
    return text(hint).replace(QLatin1String("{}"),
                              QLocale().toString(column.range.reference, 'g', 4));
  };
  return heading(text(column.key), text(column.label)) + paragraph(text(column.help)) +
         paragraph(own(column.hints.good)) + paragraph(own(column.hints.poor));
}

QString pageOf(const ObjectiveInfo& info) {
  return paragraph(text(info.does)) +
         paragraph(tr("What keeps it from collapsing:"), text(info.prevents)) +
         paragraph(tr("Good:"), text(info.healthy)) + paragraph(tr("Paper:"), text(info.paper));
}

bool isOfBarlowTwins(const Section& section) {
  const std::string_view name = section.name;
  return name == "loss" || name == "mean_diagonal" || name == "rms_off_diagonal";
}

// Which one a method's loss is made of is marked where they are chosen.
QString matrixPages() {
  QString pages = heading(QStringLiteral("matrices"), tr("The matrices"));
  for (const auto& kind : kEnumNames<MatrixKind>) {
    pages += paragraph(text(kind.label) + QLatin1Char('.'), text(wordsOf(kind.value).means));
  }
  return pages;
}

QString columnPages(const MetricSchema& schema) {
  QString pages = pageOf(schema.loss);
  for (const MetricColumn& column : schema.terms) {
    pages += column.isCard || !column.help.empty() ? pageOf(column) : QString();
  }
  return pages;
}

QString html(const GuideSubject& subject) {
  const bool isBarlowTwins = subject.objective == ObjectiveName::BarlowTwins;
  QString pages;
  for (const Section& section : kSections) {
    if (isBarlowTwins || !isOfBarlowTwins(section)) {
      pages += pageOf(section);
    } else if (section.name == std::string_view("loss")) {
      pages += columnPages(subject.schema);
    }
  }
  QString all = heading(QStringLiteral("objectives"), tr("All objectives"));
  for (const auto& objective : kEnumNames<ObjectiveName>) {
    const QString page = pageOf(ObjectiveParams{.name = objective.value}.info());
    all += QStringLiteral("<h4>%1</h4>").arg(text(objective.label)) + page;
    if (objective.value == subject.objective) {
      pages += heading(QStringLiteral("objective"),
                       tr("This run's objective: %1").arg(text(objective.label))) +
               page;
    }
  }
  return pages + matrixPages() + all;
}

// Pictures are drawn in the theme's colours.
class Pages final : public QTextBrowser {
 public:
  using QTextBrowser::QTextBrowser;

  void tell(const GuideSubject& subject) {
    if (subject_ != subject) {  // else it stays where it was scrolled to
      subject_ = subject;
      setHtml(html(subject));
    }
  }

 protected:
  QVariant loadResource(int type, const QUrl& name) override {
    if (type == QTextDocument::ImageResource) {
      return guidePicture(name.toString(), palette());
    }
    return QTextBrowser::loadResource(type, name);
  }

 private:
  std::optional<GuideSubject> subject_;
};

}  // namespace

QStringList guideSections() {
  QStringList names;
  for (const Section& section : kSections) {
    names << QLatin1String(section.name);
  }
  return names << QStringLiteral("objective") << QStringLiteral("matrices")
               << QStringLiteral("objectives");
}

void showGuide(QWidget* parent, const QString& section, const GuideSubject& subject) {
  auto* dialog = parent->findChild<QDialog*>(QStringLiteral("guide"));
  if (dialog == nullptr) {
    dialog = new QDialog(parent);
    dialog->setObjectName(QStringLiteral("guide"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("What the numbers mean"));
    auto* pages = new Pages(dialog);
    pages->setObjectName(QStringLiteral("guideText"));
    pages->setAccessibleName(dialog->windowTitle());
    pages->setOpenLinks(false);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(kMargin, kMargin, kMargin, kWideGap);
    column->addWidget(pages, 1);
    column->addWidget(buttons);
    dialog->resize(620, 640);
  }
  static_cast<Pages*>(dialog->findChild<QTextBrowser*>(QStringLiteral("guideText")))->tell(subject);
  dialog->show();  // beside the window, so that both can be read
  dialog->raise();
  if (!section.isEmpty()) {
    dialog->findChild<QTextBrowser*>(QStringLiteral("guideText"))->scrollToAnchor(section);
  }
}

}  // namespace barlow::ui
