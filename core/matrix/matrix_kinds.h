#pragma once

#include "core/base/job_control.h"
#include "core/matrix/color_scale.h"
#include "core/matrix/embedding_batch.h"
#include "core/matrix/matrix.h"
#include "core/matrix/pyramid.h"
#include "core/params/matrix_kind.h"

#include <optional>
#include <string>
#include <string_view>

/// The matrices that are made of a batch of embeddings, what they are called, and what they mean.
namespace barlow {

/// What is said of a kind wherever it is shown. {} stands for a place or a letter.
struct MatrixWords {
  std::string_view means;     // what a cell is, and what to look for
  std::string_view value;     // what a cell's value is called: "C"
  std::string_view row;       // "dimension {} of view A"
  std::string_view rowBrief;  // where there is little room
  std::string_view rowLetter;
  std::string_view column;
  std::string_view columnBrief;
  std::string_view columnLetter;
  std::string_view cell;  // "row {}, column {}"
};
const MatrixWords& wordsOf(MatrixKind kind);
/// `text` with `what` in the place of its {}.
std::string filledIn(std::string_view text, std::string_view what);

/// Why there is no such matrix of these embeddings, and what to do, in one sentence; empty: there
/// is.
std::string whyNot(const EmbeddingBatch& embeddings, MatrixKind kind);

/// The matrix of a batch:
///   CrossCorrelation  correlationOf()
///   Covariance        sum over n of (z_ni - mean_i)(z_nj - mean_j) / (N - 1), not standardised
///   SampleSimilarity  cosine of a_n with b_m: the diagonal are the two views of one image
///   Assignments       softmax over k of scores / temperature
/// Nothing after a stop. Throws Exception with whyNot().
std::optional<Matrix> matrixOf(const EmbeddingBatch& embeddings,
                               MatrixKind kind,
                               const JobControl& control = {},
                               ProgressShare share = {});

/// The colours that a matrix is first shown in: from -1 to 1 where its kind has these bounds, else
/// from a round number that nothing in it is beyond.
ColorSettings firstColors(const MatrixPyramid& pyramid);

}  // namespace barlow
