#include "core/base/rng.h"
#include "core/matrix/order.h"
#include "core/matrix/order_kernels.h"
#include "core/matrix/similarity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

using Vector = std::vector<double>;

constexpr int kMostSteps = 160;
constexpr int kCheckEvery = 20;
constexpr double kTolerance = 1e-4;  // of the residual, against eigenvalues of at most 1

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    sum += a[k] * b[k];
  }
  return sum;
}

void addScaled(Vector& a, double factor, const Vector& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    a[k] += factor * b[k];
  }
}

// To length 1; false, and untouched, when there is nothing left.
bool normalize(Vector& a) {
  const double length = std::sqrt(dot(a, a));
  if (length < 1e-12) {
    return false;
  }
  for (double& value : a) {
    value /= length;
  }
  return true;
}

// The eigenvector of the largest eigenvalue of the tridiagonal matrix with this diagonal and
// off-diagonal, by Jacobi rotations: it is small.
Vector topEigenvector(const Vector& diagonal, const Vector& beside) {
  const std::size_t m = diagonal.size();
  std::vector<Vector> t(m, Vector(m, 0));
  std::vector<Vector> vectors(m, Vector(m, 0));  // rows
  for (std::size_t i = 0; i < m; ++i) {
    t[i][i] = diagonal[i];
    vectors[i][i] = 1;
    if (i + 1 < m) {
      t[i][i + 1] = t[i + 1][i] = beside[i];
    }
  }
  for (int sweep = 0; sweep < 30; ++sweep) {
    double rest = 0;
    for (std::size_t p = 0; p < m; ++p) {
      for (std::size_t q = p + 1; q < m; ++q) {
        rest += t[p][q] * t[p][q];
        if (std::abs(t[p][q]) < 1e-15) {
          continue;
        }
        const double theta = (t[q][q] - t[p][p]) / (2 * t[p][q]);
        const double tangent =
            (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double cosine = 1 / std::sqrt(tangent * tangent + 1);
        const double sine = tangent * cosine;
        for (std::size_t k = 0; k < m; ++k) {
          const double kp = t[k][p];
          const double kq = t[k][q];
          t[k][p] = cosine * kp - sine * kq;
          t[k][q] = sine * kp + cosine * kq;
        }
        for (std::size_t k = 0; k < m; ++k) {
          const double pk = t[p][k];
          const double qk = t[q][k];
          t[p][k] = cosine * pk - sine * qk;
          t[q][k] = sine * pk + cosine * qk;
          const double vp = vectors[p][k];
          const double vq = vectors[q][k];
          vectors[p][k] = cosine * vp - sine * vq;
          vectors[q][k] = sine * vp + cosine * vq;
        }
      }
    }
    if (rest < 1e-24) {
      break;
    }
  }
  std::size_t top = 0;
  for (std::size_t i = 1; i < m; ++i) {
    top = t[i][i] > t[top][top] ? i : top;
  }
  return vectors[top];
}

// B = G^-1/2 S G^-1/2 with the degrees G: its largest eigenvalue 1 belongs to G^1/2 1, the next one
// to the Fiedler vector of the normalised Laplacian I - B, times G^1/2.
class NormalizedGraph {
 public:
  NormalizedGraph(std::shared_ptr<const float[]> s, std::int64_t size, const JobControl& control)
      : s_(std::move(s)), size_(size), control_(control), scale_(static_cast<std::size_t>(size)) {
    const Vector ones(scale_.size(), 1.0);
    for (std::int64_t i = 0; i < size_; ++i) {
      const double degree = dotProduct(s_.get() + i * size_, ones.data(), size_);
      scale_[static_cast<std::size_t>(i)] = degree > 0 ? 1 / std::sqrt(degree) : 0;
    }
  }

  // G^-1/2; 0 where a dimension resembles no other.
  const Vector& scale() const { return scale_; }

  // y = B x; false after a stop.
  bool multiply(const Vector& x, Vector& y, ProgressShare share) const {
    Vector scaled(x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      scaled[k] = scale_[k] * x[k];
    }
    return forEachBand(
        size_,
        128,
        control_,
        [&](std::int64_t first, std::int64_t last, int) {
          for (std::int64_t i = first; i < last; ++i) {
            y[static_cast<std::size_t>(i)] = scale_[static_cast<std::size_t>(i)] *
                                             dotProduct(s_.get() + i * size_, scaled.data(), size_);
          }
        },
        share);
  }

 private:
  std::shared_ptr<const float[]> s_;
  std::int64_t size_;
  const JobControl& control_;
  Vector scale_;
};

// Nothing after a stop; empty when there is no second direction.
std::optional<Vector> fiedlerVector(const NormalizedGraph& graph) {
  const Vector& scale = graph.scale();
  const std::size_t n = scale.size();
  Vector first(n, 0.0);
  Vector v(n, 0.0);
  Rng rng = Rng::keyed(n, {Rng::kProbe});
  for (std::size_t k = 0; k < n; ++k) {
    const double draw = rng.uniform(-1, 1);
    first[k] = scale[k] > 0 ? 1 / scale[k] : 0;
    v[k] = scale[k] > 0 ? draw : 0;
  }
  if (!normalize(first)) {
    return Vector();
  }
  addScaled(v, -dot(first, v), first);
  if (!normalize(v)) {
    return Vector();
  }
  std::vector<Vector> basis = {v};
  Vector alphas;
  Vector betas;
  Vector weights = {1.0};
  Vector w(n);
  for (int step = 0; step < kMostSteps; ++step) {
    const double from = 0.1 + 0.9 * step / kMostSteps;
    if (!graph.multiply(basis.back(), w, {from, from + 0.9 / kMostSteps})) {
      return std::nullopt;
    }
    alphas.push_back(dot(w, basis.back()));
    // Against everything before, twice: what rounding brings back would be found again.
    for (int pass = 0; pass < 2; ++pass) {
      addScaled(w, -dot(first, w), first);
      for (const Vector& other : basis) {
        addScaled(w, -dot(other, w), other);
      }
    }
    const double beta = std::sqrt(dot(w, w));
    const bool isExhausted = beta < 1e-10;
    if (isExhausted || (step + 1) % kCheckEvery == 0 || step + 1 == kMostSteps) {
      weights = topEigenvector(alphas, betas);
      if (isExhausted || beta * std::abs(weights.back()) < kTolerance) {
        break;
      }
    }
    if (step + 1 < kMostSteps) {
      betas.push_back(beta);
      for (double& value : w) {
        value /= beta;
      }
      basis.push_back(w);
    }
  }
  Vector result(n, 0.0);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    addScaled(result, weights[k], basis[k]);
  }
  return result;
}

}  // namespace

std::optional<Order> spectralOrder(const Matrix& c, const JobControl& control) {
  const std::shared_ptr<float[]> s = similarity(c, control, {0, 0.1});
  if (s == nullptr) {
    return std::nullopt;
  }
  const NormalizedGraph graph(s, c.rows(), control);
  const std::optional<Vector> fiedler = fiedlerVector(graph);
  if (!fiedler) {
    return std::nullopt;
  }
  if (fiedler->empty()) {
    return originalOrder(c.rows());
  }
  std::vector<float> keys;
  for (std::size_t k = 0; k < fiedler->size(); ++k) {
    keys.push_back(graph.scale()[k] > 0 ? static_cast<float>(graph.scale()[k] * (*fiedler)[k])
                                        : std::numeric_limits<float>::quiet_NaN());
  }
  // An eigenvector has no sign of its own: the strongest dimension stands in the first half.
  const auto strongest = std::max_element(fiedler->begin(), fiedler->end(), [](double a, double b) {
    return std::abs(a) < std::abs(b);
  });
  if (*strongest < 0) {
    for (float& key : keys) {
      key = -key;
    }
  }
  return orderByKeys(keys);
}

}  // namespace barlow
