#pragma once

#include "core/base/job_control.h"
#include "core/studio/feature_space.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace barlow {

enum class MapMethod { Pca, Tsne };
template <>
inline constexpr std::array<EnumName<MapMethod>, 2> kEnumNames<MapMethod> = {{
    {MapMethod::Pca, "pca", "Principal components"},
    {MapMethod::Tsne, "tsne", "t-SNE"},
}};

enum class MapImages { HeldOut, Training, Both };
template <>
inline constexpr std::array<EnumName<MapImages>, 3> kEnumNames<MapImages> = {{
    {MapImages::HeldOut, "held-out", "Images held out"},
    {MapImages::Training, "training", "Training images"},
    {MapImages::Both, "both", "Both"},
}};

struct MapRequest {
  MapMethod method = MapMethod::Pca;
  MapImages images = MapImages::HeldOut;
  std::int64_t most = 5000;  // images; of more, a keyed draw of so many; 0: all
  double perplexity = 30;    // t-SNE: about how many neighbours count
  int k = 20;                // of the prediction, as of density
  std::int64_t seed = 0;
};

/// Images in a plane, such that those are near each other that the network holds for alike.
struct FeatureMap {
  MapMethod method = MapMethod::Pca;
  std::vector<float> places;          // [n][2]
  std::vector<std::int64_t> samples;  // [n], index in space.images
  std::vector<int> labels;            // [n]; -1 without classes
  std::vector<int> predictions;  // [n], by the k nearest training images but itself; -1: no classes
  std::vector<float> density;    // [n], mean cosine to the k nearest others of the map
  double explained = 0;          // principal components: share of the variance in the plane
  std::int64_t size() const { return static_cast<std::int64_t>(samples.size()); }
};

/// Blocks; nothing after a stop. `look` sees places of t-SNE now and then on the calling thread,
/// [n][2]; the first time before anything long. Throws Exception: no image, or no memory.
std::optional<FeatureMap> mapOf(const FeatureSpace& space,
                                const MapRequest& request,
                                const JobControl& control = {},
                                const std::function<void(const FeatureMap&)>& look = {});

}  // namespace barlow
