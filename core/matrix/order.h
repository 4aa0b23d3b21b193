#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace barlow {

/// An order of the dimensions: order[k] is the dimension that stands at place k. Apply it to rows
/// and columns alike: arranged(c, order, order) of derive.h.
using Order = std::vector<std::int32_t>;

Order originalOrder(std::int64_t size);
/// Largest key first, equal ones as they were, NaN last. Keys: C_ii or the row RMS of
/// MatrixStatistics, variances, one row of the matrix (rowKeys).
Order orderByKeys(std::span<const float> keys);
/// Row i of a matrix as keys. Throws CheckFailure outside it.
std::span<const float> rowKeys(const Matrix& matrix, std::int64_t row);
/// Whether there is an index, and each is of [0, size) and occurs once: an order of a part.
bool isPartOrderOf(std::span<const std::int32_t> order, std::int64_t size);
/// Whether every index of [0, size) occurs once: what a saved order must satisfy.
bool isOrderOf(const Order& order, std::int64_t size);
/// places[d]: where dimension d stands.
Order placesOf(const Order& order);

/// Neighbours become alike: the dimensions along the Fiedler vector of the normalised graph
/// Laplacian of S = |C + C^T| / 2, found by the Lanczos method from a fixed start, so that the same
/// matrix always gives the same order. Dimensions that resemble no other come last. Takes the
/// memory of another matrix and a few seconds at 8192. Nothing after a stop; throws as similarity()
/// does.
std::optional<Order> spectralOrder(const Matrix& c, const JobControl& control = {});

}  // namespace barlow
