#pragma once

#include <cstdint>

namespace barlow::ui {

enum class OrderKind {
  Original,
  Diagonal,  // C_ii, largest first
  RowRms,
  Variance,  // of the embeddings of view A
  Clusters,  // leaves of average linkage on 1 - |C + C^T| / 2
  Spectral,
  OneRow,  // the values of one row
  Saved,   // read from a file, or put together by hand
};

struct OrderRequest {
  OrderKind kind = OrderKind::Original;
  std::int64_t row = 0;  // for OneRow
  bool operator==(const OrderRequest&) const = default;
};

}  // namespace barlow::ui
