#pragma once

#include "core/matrix/inspection.h"
#include "core/report/verdict.h"

#include <QString>

#include <array>
#include <cstddef>
#include <optional>

namespace barlow::ui {

/// The numbers of an inspected matrix in words, without a widget.
enum class NumberKey {
  Loss,
  OnDiagonal,
  OffDiagonal,  // lambda times its sum
  Floor,
  NoiseLevel,
  MeanDiagonal,
  MinDiagonal,
  RmsOffDiagonal,
  MaxOffDiagonal,
  PrototypesInUse,
  LargestPrototype,
  RankA,
  RankB,
  DeadA,
  DeadB,
  DuplicatesA,
  DuplicatesB,
  SpreadA,
  SpreadB,
  Count,
};
inline constexpr std::size_t kNumberCount = static_cast<std::size_t>(NumberKey::Count);

struct InspectedNumber {
  QString text = QStringLiteral("–");
  Verdict verdict = Verdict::None;
  QString missing;                   // why there is no number; empty where there is one
  std::optional<double> value = {};  // of a number that is finite
};

/// All numbers, indexed by NumberKey; those that are not worked out yet are missing. What is good
/// is judged by the limits that helpOf() names; what a number cannot be is never good.
std::array<InspectedNumber, kNumberCount> inspectedNumbers(const Inspection& inspection);
/// One sentence: why the loss cannot become zero here, or that it can. Empty while there
/// are no statistics.
QString floorSentence(const Inspection& inspection);

/// Where BatchNorm's 1e-5 holds the diagonal back: by how much, and what to do. Else empty.
QString varianceNote(const Inspection& inspection);

QString nameOf(NumberKey key, MatrixKind kind = MatrixKind::CrossCorrelation);
/// "view A", "view B"; empty for the matrix.
QString viewOf(NumberKey key);
/// What it is, what is good, what to do: three sentences.
QString helpOf(NumberKey key, MatrixKind kind = MatrixKind::CrossCorrelation);
/// Whether a matrix of this kind has such a number at all.
bool hasNumber(NumberKey key, MatrixKind kind);

/// The off-diagonal cell of largest |C_ij|; nothing where there is none.
std::optional<CellIndex> strongestCell(const MatrixStatistics& statistics);

}  // namespace barlow::ui
