#pragma once

#include "core/params/run_config.h"
#include "core/report/verdict.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// A few words beside a number. "{}" stands for the range's reference.
struct MetricHints {
  std::string aim;  // before there is a number, and where there is nothing to judge it by
  std::string good;
  std::string fair;
  std::string poor;
  bool operator==(const MetricHints&) const = default;
};

/// One number of every step, as whoever computes it declares it: files, charts, cards and summaries
/// are made from this.
struct MetricColumn {
  std::string key;           // in metrics.jsonl
  std::string label;         // on cards and in tables
  std::string unit;          // may be empty
  std::string help;          // what it is, what is healthy, what is a bad sign
  std::string chart;         // title of the chart that shows it; empty: none
  std::string chartLabel;    // there, where another word serves better; empty: label
  std::string chartHelp;     // of the whole chart, on one of its columns; none: their helps
  double factor = 1;         // what the chart multiplies it by, such as its weight in the loss
  bool isReference = false;  // a line to compare the others of its chart with
  bool isCard = false;       // shown as a number as well
  bool isLogarithmic = false;
  bool comesLater = false;  // NaN says that there is none yet, and not that something is wrong
  GoodRange range = {};
  MetricHints hints = {};
  bool operator==(const MetricColumn&) const = default;
};

/// What a run measures at every step besides rates and times.
struct MetricSchema {
  MetricColumn loss = {.key = "loss", .label = "Loss", .chart = "Loss", .isCard = true};
  std::vector<MetricColumn> terms;
  bool operator==(const MetricSchema&) const = default;
};

/// Where a term stands; nothing where there is none of this key.
std::optional<std::size_t> termIndex(const MetricSchema& schema, std::string_view key);

/// Whether a number is a share or a correlation, to be shown with a fixed number of decimals.
bool isWithinOne(const GoodRange& range);

/// Of Barlow Twins: on_diagonal, off_diagonal, floor, mean_diagonal, rms_off_diagonal. `n` and `d`,
/// the batch and the embedding; 0: unknown, then there is less to judge by.
MetricSchema barlowTwinsSchema(std::int64_t n, std::int64_t d, double lambda);

/// Of a run whose record has none: there was Barlow Twins alone.
MetricSchema schemaOfOlderRuns(const RunConfig& config);

}  // namespace barlow
