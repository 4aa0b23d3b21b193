#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace barlow {

/// Matrices made of matrices: what cannot be had by re-colouring. Each takes as much memory as its
/// result, blocks, reports progress, and gives nothing after a stop. The result has the origin of
/// `a`, with a name that says what was done.

/// A - B. Throws Exception when the shapes differ, as the next one.
std::optional<Matrix> difference(const Matrix& a, const Matrix& b, const JobControl& control = {});
/// |A| - |B|
std::optional<Matrix> magnitudeDifference(const Matrix& a,
                                          const Matrix& b,
                                          const JobControl& control = {});
/// (C - C^T) / 2: zero where C is symmetric. Throws Exception for a matrix that is not square.
std::optional<Matrix> antisymmetricPart(const Matrix& c, const JobControl& control = {});
std::optional<Matrix> transposed(const Matrix& c, const JobControl& control = {});
/// Cell (i, j) of the result is cell (rows[i], columns[j]): an order of rows and columns, or a
/// selection of them. Throws CheckFailure for an index outside the matrix.
std::optional<Matrix> arranged(const Matrix& c,
                               const std::vector<std::int32_t>& rows,
                               const std::vector<std::int32_t>& columns,
                               const JobControl& control = {});

}  // namespace barlow
