#include "core/evaluation/tsne.h"

#include "core/base/check.h"
#include "core/base/rng.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace barlow {
namespace {

constexpr std::int64_t kBand = 256;
constexpr int kLevels = 20;  // of the quadtree: what shares a cell of the last one is one place
constexpr int kLookEvery = 10;

// A square of the plane that holds points, in the order of a walk that goes down before it goes on.
struct Cell {
  double x = 0;  // the middle of its points
  double y = 0;
  double mass = 0;
  double width = 0;       // 0: all of its points are at one place
  std::int32_t next = 0;  // the cell after all that are inside this one
};

// Bits of a number, with a gap before each.
std::uint64_t spread(std::uint64_t v) {
  v = (v | (v << 16)) & 0x0000FFFF0000FFFFULL;
  v = (v | (v << 8)) & 0x00FF00FF00FF00FFULL;
  v = (v | (v << 4)) & 0x0F0F0F0F0F0F0F0FULL;
  v = (v | (v << 2)) & 0x3333333333333333ULL;
  return (v | (v << 1)) & 0x5555555555555555ULL;
}

class QuadTree {
 public:
  explicit QuadTree(const std::vector<double>& places) : places_(places) {
    const std::size_t n = places.size() / 2;
    double low[2] = {places[0], places[1]};
    double high[2] = {places[0], places[1]};
    for (std::size_t i = 0; i < n; ++i) {
      for (const std::size_t axis : {0U, 1U}) {
        low[axis] = std::min(low[axis], places[2 * i + axis]);
        high[axis] = std::max(high[axis], places[2 * i + axis]);
      }
    }
    const double side = std::max({high[0] - low[0], high[1] - low[1], 1e-300});
    const double scale = ((1 << kLevels) - 1) / side;
    points_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto column = static_cast<std::uint64_t>((places[2 * i] - low[0]) * scale);
      const auto row = static_cast<std::uint64_t>((places[2 * i + 1] - low[1]) * scale);
      points_[i] = {spread(column) | (spread(row) << 1), static_cast<std::int32_t>(i)};
    }
    std::sort(points_.begin(), points_.end());
    cells_.reserve(2 * n);
    add(0, n, 0, side);
  }

  // Of all other points on the point at (x, y): sum of q^2 (x - x_j), and of q, itself included.
  void act(double x, double y, double theta, double& forceX, double& forceY, double& sum) const {
    const double square = theta * theta;
    const auto count = static_cast<std::int32_t>(cells_.size());
    for (std::int32_t i = 0; i < count;) {
      const Cell& cell = cells_[static_cast<std::size_t>(i)];
      const double dx = x - cell.x;
      const double dy = y - cell.y;
      const double distance = dx * dx + dy * dy;
      if (cell.width * cell.width > square * distance) {
        ++i;
        continue;
      }
      const double q = 1 / (1 + distance);
      const double weight = cell.mass * q;
      sum += weight;
      forceX += weight * q * dx;
      forceY += weight * q * dy;
      i = cell.next;
    }
  }

 private:
  void add(std::size_t from, std::size_t to, int level, double width) {
    const std::size_t own = cells_.size();
    cells_.push_back({});
    Cell cell;
    for (std::size_t i = from; i < to; ++i) {
      const auto point = static_cast<std::size_t>(points_[i].second);
      cell.x += places_[2 * point];
      cell.y += places_[2 * point + 1];
    }
    cell.mass = static_cast<double>(to - from);
    cell.x /= cell.mass;
    cell.y /= cell.mass;
    if (level < kLevels && points_[from].first != points_[to - 1].first) {
      cell.width = width;
      const int shift = 2 * (kLevels - 1 - level);
      while (from < to) {
        const std::uint64_t quarter = points_[from].first >> shift;
        std::size_t end = from + 1;
        while (end < to && points_[end].first >> shift == quarter) {
          ++end;
        }
        add(from, end, level + 1, width / 2);
        from = end;
      }
    }
    cell.next = static_cast<std::int32_t>(cells_.size());
    cells_[own] = cell;
  }

  const std::vector<double>& places_;
  std::vector<std::pair<std::uint64_t, std::int32_t>> points_;  // along a curve through the plane
  std::vector<Cell> cells_;
};

// The middle at the origin, and the standard deviation of x as small as scikit-learn begins with.
void scaleToBegin(std::vector<double>& places) {
  constexpr double kFirstDeviation = 1e-4;
  const std::size_t n = places.size() / 2;
  double mean[2] = {0, 0};
  for (std::size_t i = 0; i < places.size(); ++i) {
    mean[i % 2] += places[i] / static_cast<double>(n);
  }
  double variance = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] -= mean[i % 2];
    variance += i % 2 == 0 ? places[i] * places[i] / static_cast<double>(n) : 0;
  }
  const double scale = variance > 0 ? kFirstDeviation / std::sqrt(variance) : 0;
  for (double& place : places) {
    place *= scale;
  }
}

}  // namespace

std::vector<double> conditional(const float* distance, std::int64_t k, double perplexity) {
  const auto size = static_cast<std::size_t>(k);
  std::vector<double> p(size, 1.0 / static_cast<double>(k));
  if (static_cast<double>(k) <= perplexity) {
    return p;
  }
  // Seen from the nearest one: else all could vanish at once.
  std::vector<double> square(size);
  const double nearest = static_cast<double>(*std::min_element(distance, distance + k));
  for (std::size_t j = 0; j < size; ++j) {
    const auto d = static_cast<double>(distance[j]);
    square[j] = d * d - nearest * nearest;
  }
  const double mean = std::accumulate(square.begin(), square.end(), 0.0) / static_cast<double>(k);
  if (!(mean > 0)) {
    return p;  // all equally far
  }
  const double wanted = std::log(perplexity);
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double beta = 1 / mean;
  for (int i = 0; i < 100; ++i) {
    double sum = 0;
    double weighted = 0;
    for (std::size_t j = 0; j < size; ++j) {
      p[j] = std::exp(-beta * square[j]);
      sum += p[j];
      weighted += square[j] * p[j];
    }
    const double entropy = std::log(sum) + beta * weighted / sum;
    for (double& value : p) {
      value /= sum;
    }
    if (std::abs(entropy - wanted) < 1e-6) {
      break;
    }
    (entropy > wanted ? low : high) = beta;
    beta = std::isinf(high) ? beta * 2 : (low + high) / 2;
  }
  return p;
}

Affinities affinitiesOf(const NeighbourGraph& graph, double perplexity) {
  const auto n = static_cast<std::size_t>(graph.n);
  const auto k = static_cast<std::size_t>(graph.k);
  BARLOW_CHECK(graph.index.size() == n * k && graph.distance.size() == n * k && k > 0)
      << graph.n << " points with " << graph.k << " neighbours";
  using Entry = std::pair<std::int32_t, double>;
  std::vector<std::vector<Entry>> rows(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto p = conditional(graph.distance.data() + i * k, graph.k, perplexity);
    for (std::size_t j = 0; j < k; ++j) {
      const double half = p[j] / (2 * static_cast<double>(n));
      const std::int32_t other = graph.index[i * k + j];
      rows[i].emplace_back(other, half);
      rows[static_cast<std::size_t>(other)].emplace_back(static_cast<std::int32_t>(i), half);
    }
  }
  Affinities result;
  result.first.push_back(0);
  for (std::vector<Entry>& row : rows) {
    std::stable_sort(
        row.begin(), row.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
    for (const auto& [other, p] : row) {
      const bool isNew = static_cast<std::size_t>(result.first.back()) == result.index.size() ||
                         result.index.back() != other;
      if (isNew) {
        result.index.push_back(other);
        result.p.push_back(p);
      } else {
        result.p.back() += p;
      }
    }
    result.first.push_back(static_cast<std::int64_t>(result.index.size()));
    row = {};
  }
  return result;
}

double tsneGradient(const Affinities& affinities,
                    const std::vector<double>& places,
                    double theta,
                    double exaggeration,
                    std::vector<double>& gradient,
                    const JobControl& control) {
  const std::int64_t n = affinities.size();
  BARLOW_CHECK(n > 0 && places.size() == 2 * static_cast<std::size_t>(n))
      << n << " points at " << places.size() << " numbers";
  const QuadTree tree(places);
  std::vector<double> repulsion(places.size());
  std::vector<double> sums(static_cast<std::size_t>(n));
  std::vector<double> costs(static_cast<std::size_t>(n));
  gradient.assign(places.size(), 0);
  // Every point alone, and sums in the order of points: the same on any number of threads.
  JobControl own{.stop = {}, .progress = {}, .threads = control.threads, .yields = control.yields};
  forEachBand(n, kBand, own, [&](std::int64_t from, std::int64_t to, int) {
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const double x = places[2 * i];
      const double y = places[2 * i + 1];
      tree.act(x, y, theta, repulsion[2 * i], repulsion[2 * i + 1], sums[i]);
      sums[i] -= 1;  // itself
      double attractionX = 0;
      double attractionY = 0;
      double cost = 0;
      for (auto at = static_cast<std::size_t>(affinities.first[i]);
           at < static_cast<std::size_t>(affinities.first[i + 1]);
           ++at) {
        const auto j = static_cast<std::size_t>(affinities.index[at]);
        const double dx = x - places[2 * j];
        const double dy = y - places[2 * j + 1];
        const double q = 1 / (1 + dx * dx + dy * dy);
        attractionX += affinities.p[at] * q * dx;
        attractionY += affinities.p[at] * q * dy;
        cost += affinities.p[at] > 0 ? affinities.p[at] * std::log(affinities.p[at] / q) : 0;
      }
      gradient[2 * i] = 4 * exaggeration * attractionX;
      gradient[2 * i + 1] = 4 * exaggeration * attractionY;
      costs[i] = cost;
    }
  });
  const double z =
      std::max(std::accumulate(sums.begin(), sums.end(), 0.0), std::numeric_limits<double>::min());
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] -= 4 * repulsion[i] / z;
  }
  return std::accumulate(costs.begin(), costs.end(), 0.0) + std::log(z);
}

std::optional<std::vector<double>> tsne(
    const Affinities& affinities,
    std::vector<double> places,
    const TsneOptions& options,
    const JobControl& control,
    const std::function<void(const std::vector<double>& places)>& look) {
  scaleToBegin(places);
  Rng rng = Rng::keyed(static_cast<std::uint64_t>(options.seed), {Rng::kProbe, 2});
  for (double& place : places) {
    place += rng.uniform(-1e-6, 1e-6);
  }
  const double rate = std::max(50.0, static_cast<double>(affinities.size()) / 48);
  std::vector<double> gradient;
  std::vector<double> velocity(places.size(), 0);
  std::vector<double> gains(places.size(), 1);
  for (int i = 0; i < options.iterations; ++i) {
    if (control.stop.stop_requested()) {
      return std::nullopt;
    }
    const bool isExaggerated = i < options.exaggerated;
    const double momentum = isExaggerated ? 0.5 : 0.8;
    tsneGradient(affinities,
                 places,
                 options.theta,
                 isExaggerated ? options.exaggeration : 1,
                 gradient,
                 control);
    for (std::size_t j = 0; j < places.size(); ++j) {
      // Against its last step: less of it.
      const bool turns = (gradient[j] > 0) == (velocity[j] > 0);
      gains[j] = turns ? std::max(0.01, gains[j] * 0.8) : gains[j] + 0.2;
      velocity[j] = momentum * velocity[j] - rate * gains[j] * gradient[j];
      places[j] += velocity[j];
    }
    if (look && i % kLookEvery == 0) {
      look(places);
    }
    if (control.progress) {
      control.progress(static_cast<double>(i + 1) / options.iterations);
    }
  }
  return places;
}

}  // namespace barlow
