#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace barlow {

/// A small generator whose whole state is one number (SplitMix64: Steele, Lea, Flood 2014). Cheap
/// to make, so every sample and view gets its own, keyed by what it is for; nothing depends on the
/// order of the draws of other samples, on worker threads, or on a global state.
///   Rng rng = Rng::keyed(runSeed, {Rng::kView, epoch, sample, view});
///   double u = rng.uniform();
class Rng {
 public:
  /// First key element: what the stream is for, so that two purposes never share one.
  enum Purpose : std::uint64_t {
    kView = 1,
    kShuffle,
    kInit,
    kShapes,
    kSubset,
    kSplit,
    kProbe,
    kLabels
  };

  explicit Rng(std::uint64_t state) : state_(state) {}

  static Rng keyed(std::uint64_t seed, std::initializer_list<std::uint64_t> key) {
    std::uint64_t state = mix(seed + kGolden);
    for (std::uint64_t part : key) {
      state = mix(state ^ mix(part + kGolden));
    }
    return Rng(state);
  }

  std::uint64_t next() { return mix(state_ += kGolden); }
  /// In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// In [0, bound), bound > 0; unbiased by rejection.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t limit = bound * (UINT64_MAX / bound);
    for (;;) {
      const std::uint64_t draw = next();
      if (draw < limit) {
        return draw % bound;
      }
    }
  }
  bool chance(double probability) { return uniform() < probability; }

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

/// The first `count` of a permutation of `values` (all of them where there are fewer), in the order
/// of the draws. What is drawn first does not depend on `count`.
template <class T>
std::vector<T> drawSome(std::vector<T> values, std::size_t count, Rng rng) {
  count = count < values.size() ? count : values.size();
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(values[i], values[i + rng.below(values.size() - i)]);
  }
  values.resize(count);
  return values;
}

}  // namespace barlow
