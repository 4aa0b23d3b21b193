#include "ui/inspector/time_bar.h"

#include "ui/inspector/matrix_timeline.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QShortcut>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>

#include <algorithm>
#include <array>

namespace barlow::ui {
namespace {

constexpr int kLeastTrack = 160;  // px

}  // namespace

TimeBar::TimeBar(MatrixTimeline& timeline, QWidget* parent)
    : QWidget(parent),
      timeline_(timeline),
      play_(new QToolButton(this)),
      loop_(new QToolButton(this)),
      speed_(new QComboBox(this)),
      slider_(new QSlider(Qt::Horizontal, this)),
      text_(new ElidedLabel(this, Qt::ElideRight)),
      newest_(new QToolButton(this)) {
  play_->setObjectName(QStringLiteral("playMoments"));
  loop_->setObjectName(QStringLiteral("loopMoments"));
  loop_->setText(tr("Loop"));
  loop_->setCheckable(true);
  loop_->setToolTip(tr("Begin again after the last moment"));
  speed_->setObjectName(QStringLiteral("momentsPerSecond"));
  speed_->setAccessibleName(tr("Moments a second"));
  speed_->setToolTip(tr("How many moments are played in a second"));
  for (const double rate : std::array{1.0, 2.0, 4.0, 8.0, 16.0}) {
    speed_->addItem(tr("%1 / s").arg(rate), rate);
  }
  speed_->setCurrentIndex(speed_->findData(timeline_.momentsPerSecond()));
  slider_->setObjectName(QStringLiteral("timeSlider"));
  slider_->setAccessibleName(tr("Moment of the run"));
  slider_->setPageStep(5);
  text_->setObjectName(QStringLiteral("timeText"));
  // The run's name may be as long as it likes: the track of the slider stays.
  slider_->setMinimumWidth(kLeastTrack);
  text_->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  text_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
  newest_->setObjectName(QStringLiteral("followNewest"));
  newest_->setCheckable(true);

  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  row->addWidget(play_);
  row->addWidget(slider_, 1);
  row->addWidget(text_, 1);
  row->addWidget(newest_);
  row->addWidget(speed_);
  row->addWidget(loop_);

  connect(play_, &QToolButton::clicked, this, [this] {
    if (timeline_.playback() == MatrixTimeline::Playback::Playing) {
      timeline_.hold();
    } else {
      timeline_.play();
    }
  });
  connect(slider_, &QSlider::valueChanged, &timeline_, &MatrixTimeline::setPosition);
  connect(newest_, &QToolButton::clicked, &timeline_, &MatrixTimeline::follow);
  connect(loop_, &QToolButton::toggled, &timeline_, &MatrixTimeline::setLooping);
  connect(speed_, &QComboBox::currentIndexChanged, &timeline_, [this] {
    timeline_.setMomentsPerSecond(speed_->currentData().toDouble());
  });
  connect(&timeline_, &MatrixTimeline::timeChanged, this, &TimeBar::follow);
  connect(&timeline_, &MatrixTimeline::inspectionChanged, this, &TimeBar::follow);
  follow();
}

void TimeBar::follow() {
  const bool isPlaying = timeline_.playback() == MatrixTimeline::Playback::Playing;
  const bool isFollowing = timeline_.playback() == MatrixTimeline::Playback::Following;
  const auto& moments = timeline_.moments();
  {
    const QSignalBlocker blocker(slider_);
    slider_->setRange(0, std::max(0, timeline_.newestPosition()));
    slider_->setValue(timeline_.position());
  }
  slider_->setEnabled(timeline_.newestPosition() > 0);
  play_->setText(isPlaying ? tr("Pause") : tr("Play"));
  play_->setEnabled(moments.size() > 1);
  play_->setToolTip(isPlaying ? tr("Hold this moment")
                              : tr("Show the kept moments one after another"));
  newest_->setChecked(isFollowing);
  newest_->setText(timeline_.newerCount() > 0 ? tr("%1 newer").arg(timeline_.newerCount())
                                              : tr("Follow"));
  newest_->setToolTip(
      isFollowing ? tr("The newest matrix is shown as it comes. Anything you do to it holds it.")
                  : tr("This matrix is held. Press End, or this button, to follow the newest."));
  const QLocale locale;
  QStringList parts;  // what matters most first: the end is what has no room
  const auto& inspection = timeline_.inspection();
  const bool hasStep = inspection && inspection->origin().step >= 0;
  if (hasStep) {
    parts << tr("step %1").arg(locale.toString(static_cast<qlonglong>(inspection->origin().step)));
  }
  if (!moments.empty()) {
    parts << tr("%1 moments kept, %2")
                 .arg(moments.size())
                 .arg(locale.formattedDataSize(static_cast<qint64>(timeline_.bytesOnDisk())));
  }
  if (inspection) {
    parts << QString::fromStdString(inspection->origin().name);
  }
  parts.removeAll(QString());
  text_->setText(parts.join(QStringLiteral("  ·  ")));
  text_->setToolTip(
      tr("The embeddings of %1 batches of this run are on disk; the full matrix is made of them "
         "when it is looked at. run.matrix_moments and run.matrix_storage_mb in the settings say "
         "how many a run keeps, and their room.")
          .arg(moments.size())
          .prepend(QLatin1Char('\n'))
          .prepend(timeline_.title()));
}

}  // namespace barlow::ui
