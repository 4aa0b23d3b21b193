#include "ui/plots/dendrogram_picture.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace barlow::ui {
namespace {

constexpr uchar kPale = 0x50;

// What is drawn of a leaf or a merge.
struct Node {
  float center = 0;  // place among the leaves
  float height = 0;
  std::int32_t size = 1;
};

std::vector<Node> placedNodes(const Dendrogram& tree) {
  std::vector<Node> nodes(static_cast<std::size_t>(tree.leaves) + tree.merges.size());
  const Order places = placesOf(leafOrder(tree));
  for (std::size_t leaf = 0; leaf < places.size(); ++leaf) {
    nodes[leaf].center = static_cast<float>(places[leaf]) + 0.5F;
  }
  for (std::size_t m = 0; m < tree.merges.size(); ++m) {
    const Merge& merge = tree.merges[m];
    Node& node = nodes[static_cast<std::size_t>(tree.leaves) + m];
    node.center = (nodes[static_cast<std::size_t>(merge.left)].center +
                   nodes[static_cast<std::size_t>(merge.right)].center) /
                  2;
    node.height = merge.height;
    node.size = merge.size;
  }
  return nodes;
}

class Raster {
 public:
  Raster(QImage& image, std::int64_t leaves, float top)
      : image_(image),
        pixelsPerLeaf_(static_cast<float>(image.width()) / static_cast<float>(leaves)),
        top_(top) {}

  int x(const Node& node) const {
    return std::clamp(static_cast<int>(node.center * pixelsPerLeaf_), 0, image_.width() - 1);
  }
  int y(float height) const {
    const auto last = static_cast<float>(image_.height() - 1);
    const float share = top_ > 0 ? std::clamp(height / top_, 0.0F, 1.0F) : 0;
    return static_cast<int>(std::lround(last * (1 - share)));
  }
  bool isNarrow(const Node& node) const {
    return static_cast<float>(node.size) * pixelsPerLeaf_ < 1;
  }
  void across(int left, int right, int row) {
    std::memset(image_.scanLine(row) + std::min(left, right),
                0xff,
                static_cast<std::size_t>(std::abs(right - left)) + 1);
  }
  void down(int column, int from, int to) {
    for (int row = from; row <= to; ++row) {
      image_.scanLine(row)[column] = 0xff;
    }
  }
  // Branches that have no room side by side: pale, else they would be one block without a tree.
  void shade(int column, int from, int to) {
    for (int row = from; row <= to; ++row) {
      uchar& pixel = image_.scanLine(row)[column];
      pixel = std::max(pixel, kPale);
    }
  }

 private:
  QImage& image_;
  float pixelsPerLeaf_;
  float top_;
};

}  // namespace

QImage dendrogramPicture(const Dendrogram& tree, const QSize& pixels, float top) {
  if (tree.leaves < 1 || pixels.isEmpty()) {
    return {};
  }
  QImage image(pixels, QImage::Format_Alpha8);
  image.fill(0);
  const std::vector<Node> nodes = placedNodes(tree);
  Raster raster(image, tree.leaves, top);
  // From the root down; the leaves' own lines are drawn by their merge.
  std::vector<std::size_t> waiting;
  if (!tree.merges.empty()) {
    waiting.push_back(nodes.size() - 1);
  }
  while (!waiting.empty()) {
    const std::size_t at = waiting.back();
    waiting.pop_back();
    const Node& node = nodes[at];
    const int row = raster.y(node.height);
    if (raster.isNarrow(node)) {
      raster.shade(raster.x(node), row, pixels.height() - 1);
      continue;
    }
    const Merge& merge = tree.merges[at - static_cast<std::size_t>(tree.leaves)];
    const auto left = static_cast<std::size_t>(merge.left);
    const auto right = static_cast<std::size_t>(merge.right);
    raster.across(raster.x(nodes[left]), raster.x(nodes[right]), row);
    for (const std::size_t child : {left, right}) {
      raster.down(raster.x(nodes[child]), row, raster.y(nodes[child].height));
      if (child >= static_cast<std::size_t>(tree.leaves)) {
        waiting.push_back(child);
      }
    }
  }
  return image;
}

float cutHeight(const Dendrogram& tree, std::int64_t clusters) {
  BARLOW_CHECK(clusters >= 1 && clusters <= tree.leaves)
      << clusters << " clusters of " << tree.leaves << " leaves";
  const auto kept = static_cast<std::size_t>(tree.leaves - clusters);  // merges, the lowest ones
  const float below = kept > 0 ? tree.merges[kept - 1].height : 0;
  const float above = kept < tree.merges.size() ? tree.merges[kept].height : 1.1F * below;
  return (below + above) / 2;
}

}  // namespace barlow::ui
