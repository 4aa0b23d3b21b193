#pragma once

#include "core/base/job_control.h"
#include "core/matrix/embedding_batch.h"
#include "core/matrix/matrix.h"
#include "core/params/objective_params.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace barlow {

/// Columns of z [N, D] minus their mean, divided by sqrt(biased variance + 1e-5): what the loss
/// correlates (Eq. 2; main.py: BatchNorm1d without affine). `Hsic`: as standardize() of
/// core/objectives has it. Sums are taken in double. NaN in a column makes the whole column NaN.
/// Throws Exception for fewer than two rows.
Matrix standardized(const Matrix& z, Standardization how = Standardization::BatchNorm);
/// Both views as their loss had them.
EmbeddingBatch standardized(const EmbeddingBatch& embeddings);
/// The biased variance of every column of z [N, D].
std::vector<double> columnVariances(const Matrix& z);
/// Dimensions whose standard deviation is below 1e-4 of the median one; where that is zero, those
/// without any.
std::vector<std::int32_t> deadDimensions(std::span<const double> variances);

/// What BatchNorm's 1e-5 leaves of the diagonal of C, were both views equal: the mean over
/// dimensions i of sqrt(a_i / (a_i + 1e-5) * b_i / (b_i + 1e-5)) for variances a and b [D]; those
/// that are dead in either view are left out. 1 where all are.
double diagonalCeiling(std::span<const double> variancesA, std::span<const double> variancesB);
/// Two sentences for a person where that is below 0.99: by how much, and what to do. Else empty, as
/// for views of different widths and values that are not finite.
std::string smallVarianceNote(std::span<const double> variancesA,
                              std::span<const double> variancesB);

/// C = a^T b / N for standardised embeddings a [N, Da] and b [N, Db]: [Da, Db]. The origin is a's
/// with n = N. The sums of a cell are taken in the same order whatever the size, the kind of vector
/// and the number of threads. Nothing after a stop. Throws CheckFailure when the numbers of rows
/// differ or are zero.
std::optional<Matrix> crossCorrelation(const Matrix& a,
                                       const Matrix& b,
                                       const JobControl& control = {},
                                       ProgressShare share = {});

/// The matrix of a batch: both views standardised as its loss had them, then correlated.
std::optional<Matrix> correlationOf(const EmbeddingBatch& embeddings,
                                    const JobControl& control = {},
                                    ProgressShare share = {});

/// crossCorrelation without holding all of C: visit(first row, rows, their values [rows, Db],
/// worker) for bands of rows that cover C once, on at most two threads in no fixed order. False
/// after a stop.
using BandVisitor =
    std::function<void(std::int64_t first, std::int64_t rows, const float* values, int worker)>;
bool visitCorrelation(const Matrix& a,
                      const Matrix& b,
                      const BandVisitor& visit,
                      const JobControl& control = {},
                      ProgressShare share = {});

}  // namespace barlow
