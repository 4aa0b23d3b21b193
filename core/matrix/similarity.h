#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"

#include <cstdint>
#include <memory>

namespace barlow {

/// S = |C + C^T| / 2 with a zero diagonal, [D, D] row-major, D = c.rows(): how alike two dimensions
/// are, whatever the sign. Cells that are not finite count as 0. Null after a stop. Throws
/// Exception for a matrix that is not square or has more than kMaxMatrixSide rows. What the orders
/// of dimensions start from.
std::shared_ptr<float[]> similarity(const Matrix& c,
                                    const JobControl& control = {},
                                    ProgressShare share = {});

}  // namespace barlow
