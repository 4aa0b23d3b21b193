#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace barlow {

/// The kNN probe's answer together with its protocol, so that numbers can be compared.
struct EvaluationResult {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  std::string probe = "knn";
  int k = 0;
  double temperature = 0;
  std::string metric = "cosine";
  std::string bankSplit = "train";
  std::int64_t bankSize = 0;
  std::string querySplit = "test";
  std::int64_t queries = 0;
  double top1 = 0;
  double top5 = 0;
  std::optional<double> onlineTop1;  // of the classifier that learns beside the encoder
  double seconds = 0;
  bool operator==(const EvaluationResult&) const = default;
};

enum class EventKind {
  Preparing,  // text says what is being prepared
  Started,
  Paused,
  Resumed,
  EpochDone,
  Checkpoint,  // path: the folder's name
  Evaluation,
  Edited,    // text: which setting changed from what to what
  Held,      // what was learnt cannot be saved yet: error says why; path: another place for it
  Warning,   // training goes on; error says what and what to do
  Finished,  // text: "finished", "stopped" or "aborted"; path: where the run is
  Failed,    // error says what and what to do; hasDiverged when the loss was not finite; path
};
std::string_view toText(EventKind kind);

/// State changes and everything else that is rare; scalars and pictures travel separately.
struct SessionEvent {
  EventKind kind = EventKind::Preparing;
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  std::string text;
  std::string path;
  ErrorInfo error;
  bool hasDiverged = false;
  std::optional<EvaluationResult> evaluation;
};
using EventSink = std::function<void(SessionEvent)>;

/// One line of events.jsonl, without the newline: {"time":...,"event":"evaluation","step":...,...}.
std::string toJson(const SessionEvent& event);

}  // namespace barlow
