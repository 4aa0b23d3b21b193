#pragma once

#include "core/params/param_info.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace barlow {

/// What is made of a batch of embeddings to look at. All but Assignments can be made of the
/// embeddings of any method.
enum class MatrixKind {
  CrossCorrelation,  // [Da, Db] C: dimensions of view A with those of view B, standardised
  CovarianceA,       // [Da, Da] dimensions of view A with each other, as VICReg has it
  CovarianceB,       // [Db, Db]
  SampleSimilarity,  // [N, N] cosines of images in view A with images in view B
  Assignments,       // [N, K] which prototype an image is at
};
template <>
inline constexpr std::array<EnumName<MatrixKind>, 5> kEnumNames<MatrixKind> = {{
    {MatrixKind::CrossCorrelation, "cross_correlation", "Cross-correlation"},
    {MatrixKind::CovarianceA, "covariance_a", "Covariance of view A"},
    {MatrixKind::CovarianceB, "covariance_b", "Covariance of view B"},
    {MatrixKind::SampleSimilarity, "sample_similarity", "Similarity of images"},
    {MatrixKind::Assignments, "assignments", "Assignments"},
}};

/// "Covariance of view A"
inline std::string_view labelOf(MatrixKind kind) {
  return kEnumNames<MatrixKind>[static_cast<std::size_t>(kind)].label;
}
inline bool isCovariance(MatrixKind kind) {
  return kind == MatrixKind::CovarianceA || kind == MatrixKind::CovarianceB;
}
/// Its rows and columns are dimensions of embeddings, not images.
inline bool isOfDimensions(MatrixKind kind) {
  return kind == MatrixKind::CrossCorrelation || isCovariance(kind);
}
/// Rows and columns of both stand for things of one sort, by the same numbers.
inline bool isOfSameThings(MatrixKind x, MatrixKind y) {
  return x == y || (isOfDimensions(x) && isOfDimensions(y));
}

}  // namespace barlow
