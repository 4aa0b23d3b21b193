#include "app/cli/progress.h"

#include "app/cli/commands.h"
#include "app/cli/say.h"
#include "core/base/text.h"
#include "core/runs/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace barlow::cli {
namespace {

using namespace std::chrono_literals;

std::string durationText(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string numberText(const MetricColumn& column, double value) {
  const bool isSmall = value != 0 && std::abs(value) < 0.1;
  return isWithinOne(column.range) ? fmt::format("{:.3f}", value)
         : isSmall                 ? fmt::format("{:.2g}", value)
                                   : fmt::format("{:.2f}", value);
}

// "loss 12.30 (floor 0.31)  mean diagonal 0.512": the loss with what its chart compares it with,
// and the terms that have cards.
std::string measuredText(const MetricPoint& point, const MetricSchema& schema) {
  std::string text = "loss " + numberText(schema.loss, point.loss);
  std::string references;
  std::string cards;
  for (const MetricColumn& column : schema.terms) {
    const double value = valueOf(point, schema, column.key);
    if (column.comesLater && std::isnan(value)) {
      continue;
    }
    const std::string& label = column.chartLabel.empty() ? column.label : column.chartLabel;
    const std::string number = label + " " + numberText(column, value);
    if (column.isReference && column.chart == schema.loss.chart) {
      references += (references.empty() ? "" : ", ") + number;
    } else if (column.isCard) {
      cards += "  " + number;
    }
  }
  return text + (references.empty() ? "" : " (" + references + ")") + cards;
}

}  // namespace

Progress::Progress(const InterruptCounter& interrupts, bool isQuiet)
    : counter_(interrupts), isQuiet_(isQuiet), isTerminal_(standardErrorIsTerminal()) {}

void Progress::onState(SessionState) { changed_.notify_all(); }

void Progress::onEvent(const SessionEvent& event) {
  {
    std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  changed_.notify_all();
}

SessionEvent Progress::run(Session& session) {
  for (;;) {
    std::vector<SessionEvent> events;
    {
      // The time limit is for the interrupt counter, which cannot notify, and for the progress
      // line.
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, 100ms, [&] { return !events_.empty(); });
      events.swap(events_);
    }
    obeyInterrupts(session, counter_.count());
    showMetrics(session, false);
    for (const SessionEvent& event : events) {
      showEvent(session, event);
      if (event.kind == EventKind::Finished || event.kind == EventKind::Failed) {
        showMetrics(session, true);
        session.wait();
        return event;
      }
    }
  }
}

void Progress::obeyInterrupts(Session& session, int count) {
  constexpr auto kPatience = 3s;  // for the step at hand, after the second interrupt
  if (count > interrupts_ && holds_ > 0) {
    session.abort();  // what is lost is said with the end
  } else if (count > interrupts_ && interrupts_ == 0) {
    line("stopping after this step and saving; once more to stop at once without saving");
    session.stop();
  }
  if (count >= 2 && interrupts_ < 2) {
    line("stopping at once");
    abortedAt_ = std::chrono::steady_clock::now();
    session.abort();
  }
  if (count >= 3 || (count >= 2 && std::chrono::steady_clock::now() - abortedAt_ > kPatience)) {
    std::_Exit(kInterrupted);  // every file is written whole or not at all, so nothing can be torn
  }
  interrupts_ = count;
}

// The loss is written down even where the person asked for quiet: something has to be done.
void Progress::showHeld(Session& session, const SessionEvent& event) {
  const bool isVanished = !event.path.empty();
  // Beside the old folder; else in the user's; else there is another try in a minute.
  const int attempt = holds_++ % 3;
  if (isVanished && attempt == 0) {
    session.saveTo(event.path);
  } else if (isVanished && attempt == 1) {
    session.saveTo(newRunFolder("saved"));
  }
  if (isVanished && attempt < 2) {
    return;
  }
  say("{}barlow: {} Training is over but cannot be saved; trying again every minute. Interrupt "
      "(Ctrl-C) to give up what was not saved.\n",
      hasOpenLine_ ? "\r\033[K" : "",
      plainLine(event.error.message));
  hasOpenLine_ = false;
}

void Progress::showEvent(Session& session, const SessionEvent& event) {
  switch (event.kind) {
    case EventKind::Held:
      showHeld(session, event);
      break;
    case EventKind::Warning:
      line(fmt::format("warning: {}", plainLine(event.error.message)));
      break;
    case EventKind::Edited:
      line("changed from here on: " + plainLine(event.text));
      break;
    case EventKind::Preparing:
      line(plainLine(event.text));
      break;
    case EventKind::Evaluation:
      line(fmt::format(
          "step {}: kNN top-1 {:.1f} %{} ({} queries of {}, bank {})",
          event.step,
          100 * event.evaluation->top1,
          event.evaluation->onlineTop1
              ? fmt::format(", online linear {:.1f} %", 100 * *event.evaluation->onlineTop1)
              : std::string(),
          event.evaluation->queries,
          event.evaluation->querySplit,
          event.evaluation->bankSize));
      break;
    default:
      break;
  }
}

void Progress::showMetrics(Session& session, bool isLast) {
  const auto metrics = session.takeMetrics();
  if (!metrics.empty()) {
    newest_ = metrics.back();
  }
  const auto now = std::chrono::steady_clock::now();
  const auto interval = isTerminal_ ? 200ms : 5000ms;
  if (isQuiet_ || !newest_ || (now - shownAt_ < interval && !isLast)) {
    return;
  }
  if (newest_->step == shownStep_ && !(isLast && isTerminal_)) {
    return;  // it is said already
  }
  shownStep_ = newest_->step;
  shownAt_ = now;
  const auto plan = session.plan();
  const std::int64_t last = plan ? plan->lastStep : newest_->step;
  const double rate = newest_->pairsPerSecond;
  const double left =
      plan && rate > 0 ? static_cast<double>((last - newest_->step) * plan->batchSize) / rate : 0;
  const std::string text =
      fmt::format("step {}/{}  epoch {}  {}  {:.0f} pairs/s  {} left",
                  newest_->step,
                  last,
                  newest_->epoch,
                  measuredText(*newest_, plan ? plan->metrics : MetricSchema{}),
                  rate,
                  durationText(left));
  if (isTerminal_) {
    say("\r\033[K{}{}", text, isLast ? "\n" : "");
    hasOpenLine_ = !isLast;
  } else {
    say("{}\n", text);
  }
}

void Progress::line(const std::string& text) {
  if (isQuiet_) {
    return;
  }
  say("{}{}\n", hasOpenLine_ ? "\r\033[K" : "", text);
  hasOpenLine_ = false;
}

}  // namespace barlow::cli
