#pragma once

#include "core/matrix/dendrogram.h"

#include <QImage>
#include <QSize>

namespace barlow::ui {

/// A tree of clusters as pixels, its leaves along the lower edge in leafOrder, heights from 0 at
/// the lower edge to `top` at the upper one: 255 where a branch is, else 0 (Format_Alpha8).
/// Branches that would be narrower than a pixel are drawn as one line up to their last merge, so
/// that 16384 leaves cost milliseconds. Null for no leaves or no pixels.
QImage dendrogramPicture(const Dendrogram& tree, const QSize& pixels, float top);

/// A height at which the tree falls into this many clusters: half-way between the last merge that
/// is kept and the first one that is undone. Throws CheckFailure outside 1 to leaves.
float cutHeight(const Dendrogram& tree, std::int64_t clusters);

}  // namespace barlow::ui
