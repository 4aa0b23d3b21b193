#include "ui/inspector/matrix_arranger.h"

#include "core/base/error.h"
#include "core/matrix/correlate.h"
#include "core/matrix/derive.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>

#include <algorithm>
#include <utility>
#include <vector>

namespace barlow::ui {
namespace {

bool needsSecond(Derivation derivation) {
  return derivation == Derivation::Difference || derivation == Derivation::MagnitudeDifference;
}

// Only such can be compared.
bool isSameShape(const Inspection& a, const Inspection& b) {
  return a.origin().kind == b.origin().kind && a.matrix().rows() == b.matrix().rows() &&
         a.matrix().columns() == b.matrix().columns();
}

std::optional<Matrix> derived(const ShownMatrix& shown, const JobControl& control) {
  const Matrix& c = shown.first->matrix();
  switch (shown.derivation) {
    case Derivation::Difference:
      return difference(c, shown.second->matrix(), control);
    case Derivation::MagnitudeDifference:
      return magnitudeDifference(c, shown.second->matrix(), control);
    case Derivation::Asymmetry:
      return antisymmetricPart(c, control);
    case Derivation::Transposed:
      return transposed(c, control);
    case Derivation::None:
      break;
  }
  return c;
}

// The pyramid of `matrix` in this order, or the one there is where nothing changes. Null after a
// stop.
std::shared_ptr<const MatrixPyramid> ordered(const Matrix& matrix,
                                             const std::shared_ptr<const MatrixPyramid>& plain,
                                             const ArrangedOrder& order,
                                             const JobControl& control) {
  if (!order.order) {
    return plain ? plain : MatrixPyramid::build(matrix, control);
  }
  auto moved = arranged(matrix, *order.order, *order.order, control);
  return moved ? MatrixPyramid::build(std::move(*moved), control) : nullptr;
}

// Null after a stop.
std::shared_ptr<const ShownMatrix> made(ShownMatrix shown, const JobControl& control) {
  const bool isDerived = shown.derivation != Derivation::None;
  // Derived matrices have numbers of their own, others get theirs when they come.
  const auto matrix = derived(shown, control);
  if (!matrix) {
    return nullptr;
  }
  shown.statistics = isDerived ? computeStatistics(*matrix, {.topCount = 10'000}, control)
                               : shown.first->statistics;
  shown.pyramid =
      ordered(*matrix, isDerived ? nullptr : shown.first->pyramid, shown.order, control);
  if (!shown.pyramid || (isDerived && !shown.statistics)) {
    return nullptr;
  }
  if (shown.second && !isDerived) {
    shown.secondPyramid =
        ordered(shown.second->matrix(), shown.second->pyramid, shown.order, control);
    if (!shown.secondPyramid) {
      return nullptr;
    }
  }
  return std::make_shared<const ShownMatrix>(std::move(shown));
}

std::vector<float> diagonalOf(const Matrix& c) {
  std::vector<float> diagonal;
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    diagonal.push_back(c.at(i, i));
  }
  return diagonal;
}

// Null after a stop.
std::optional<ArrangedOrder> computed(const Inspection& inspection,
                                      const OrderRequest& request,
                                      const JobControl& control) {
  ArrangedOrder named;
  named.request = request;
  const auto keep = [&](Order order) {
    named.order = std::make_shared<const Order>(std::move(order));
  };
  const Matrix& c = inspection.matrix();
  switch (request.kind) {
    case OrderKind::Diagonal:
      keep(orderByKeys(diagonalOf(c)));
      break;
    case OrderKind::RowRms: {
      const auto statistics = inspection.statistics
                                  ? inspection.statistics
                                  : computeStatistics(c, {.topCount = 1}, control);
      if (!statistics) {
        return std::nullopt;
      }
      keep(orderByKeys(statistics->rowRms));
      break;
    }
    case OrderKind::Variance: {
      if (!inspection.embeddings) {
        throw Exception(
            "This matrix came without embeddings, so the variance of its dimensions is unknown.");
      }
      if (!isOfDimensions(inspection.origin().kind)) {
        throw Exception(
            "Rows of this matrix are images, which have no variance; take another order.");
      }
      const bool isOfB = inspection.origin().kind == MatrixKind::CovarianceB;
      const std::vector<double> variances =
          columnVariances(isOfB ? inspection.embeddings->b : inspection.embeddings->a);
      keep(orderByKeys(std::vector<float>(variances.begin(), variances.end())));
      break;
    }
    case OrderKind::OneRow:
      keep(orderByKeys(rowKeys(c, request.row)));
      break;
    case OrderKind::Spectral: {
      auto order = spectralOrder(c, control);
      if (!order) {
        return std::nullopt;
      }
      keep(std::move(*order));
      break;
    }
    case OrderKind::Clusters: {
      auto tree = clusterDimensions(c, control);
      if (!tree) {
        return std::nullopt;
      }
      keep(leafOrder(*tree));
      named.dendrogram = std::make_shared<const Dendrogram>(std::move(*tree));
      break;
    }
    case OrderKind::Original:
    case OrderKind::Saved:
      break;
  }
  return named;
}

}  // namespace

MatrixArranger::MatrixArranger(QObject* parent) : QObject(parent) {}

MatrixArranger::~MatrixArranger() = default;

bool MatrixArranger::fits(const ArrangedOrder& order) const {
  if (!order.order) {
    return true;
  }
  if (!first_ || !first_->matrix().isSquare()) {
    return false;
  }
  const std::int64_t size = first_->matrix().rows();
  if (!order.isCropped) {
    return isOrderOf(*order.order, size);
  }
  return isPartOrderOf(*order.order, size);
}

void MatrixArranger::setMatrices(std::shared_ptr<const Inspection> first,
                                 std::shared_ptr<const Inspection> second) {
  if (first == first_ && second == second_) {
    return;
  }
  // An order of dimensions is none of images, however many there are.
  const bool isOfOthers = first && !isOfSameThings(orderedKind_, first->origin().kind);
  first_ = std::move(first);
  second_ = first_ && second && isSameShape(*first_, *second) ? std::move(second) : nullptr;
  if (!first_) {
    arranging_.cancel();
    ordering_.cancel();
    isWaiting_ = false;
    shown_.reset();
    Q_EMIT shownChanged();
    return;
  }
  orderedKind_ = first_->origin().kind;
  const bool isLate = isOfOthers && (order_.order || ordering_.isBusy());
  if (!fits(order_) || isLate) {
    ordering_.cancel();
    order_ = {};
    Q_EMIT orderDropped();
  }
  arrange();
}

void MatrixArranger::setDerivation(Derivation derivation) {
  if (derivation != derivation_) {
    derivation_ = derivation;
    arrange();
  }
}

bool MatrixArranger::setOrder(ArrangedOrder order) {
  if (!fits(order)) {
    return false;
  }
  order_ = std::move(order);
  arrange();
  return true;
}

void MatrixArranger::cancelOrder() { ordering_.cancel(); }

void MatrixArranger::computeOrder(const OrderRequest& request) {
  if (!first_) {
    return;
  }
  if (!first_->matrix().isSquare()) {
    Q_EMIT failed(
        tr("Rows and columns of this matrix stand for different things; it has no other "
           "order."));
    return;
  }
  const QPointer<MatrixArranger> self(this);
  ordering_.run(
      [first = first_, request, self, yields = yields_](std::stop_token stop) {
        // The pointer is only looked at on the window's thread.
        const auto progress = [self](double done) {
          QMetaObject::invokeMethod(
              qApp,
              [self, done] {
                if (self && self->ordering_.isBusy()) {
                  Q_EMIT self->orderProgressed(done);
                }
              },
              Qt::QueuedConnection);
        };
        return computed(
            *first, request, {.stop = std::move(stop), .progress = progress, .yields = yields});
      },
      [this](JobResult<std::optional<ArrangedOrder>> result) {
        if (auto* order = std::get_if<std::optional<ArrangedOrder>>(&result)) {
          if (*order) {
            Q_EMIT orderReady(**order);
          }
        } else {
          Q_EMIT failed(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
      });
}

// Live matrices come faster than a slow machine arranges them: the one at work is finished, then
// the newest is taken.
void MatrixArranger::arrange() {
  if (!first_) {
    return;
  }
  if (arranging_.isBusy() && shown_ && shown_->derivation == derivation_ &&
      shown_->order.order == order_.order && shown_->first->pyramid != first_->pyramid) {
    isWaiting_ = true;
    return;
  }
  isWaiting_ = false;
  const bool hasPair = !needsSecond(derivation_) || second_;
  ShownMatrix next{.first = first_,
                   .second = second_,
                   .derivation = hasPair ? derivation_ : Derivation::None,
                   .order = order_,
                   .pyramid = nullptr,
                   .secondPyramid = nullptr,
                   .statistics = nullptr};
  const auto picture = [](const std::shared_ptr<const Inspection>& inspection) {
    return inspection ? inspection->pyramid : nullptr;
  };
  // The same pictures, which have got their numbers: nothing is arranged anew.
  if (shown_ && shown_->derivation == next.derivation && shown_->order.order == order_.order &&
      shown_->first->pyramid == first_->pyramid && picture(shown_->second) == picture(second_)) {
    arranging_.cancel();
    next.pyramid = shown_->pyramid;
    next.secondPyramid = shown_->secondPyramid;
    next.statistics = next.derivation == Derivation::None ? first_->statistics : shown_->statistics;
    next.order = shown_->order;
    shown_ = std::make_shared<const ShownMatrix>(std::move(next));
    Q_EMIT shownChanged();
    return;
  }
  if (next.derivation == Derivation::None && !order_.order) {
    arranging_.cancel();
    next.pyramid = first_->pyramid;
    next.secondPyramid = second_ ? second_->pyramid : nullptr;
    next.statistics = first_->statistics;
    shown_ = std::make_shared<const ShownMatrix>(std::move(next));
    Q_EMIT shownChanged();
    return;
  }
  arranging_.run(
      [next = std::move(next), yields = yields_](std::stop_token stop) {
        return made(next, {.stop = std::move(stop), .progress = {}, .yields = yields});
      },
      [this](JobResult<std::shared_ptr<const ShownMatrix>> result) {
        if (auto* shown = std::get_if<std::shared_ptr<const ShownMatrix>>(&result)) {
          if (*shown) {
            shown_ = std::move(*shown);
            Q_EMIT shownChanged();
          }
        } else {
          Q_EMIT failed(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
        if (isWaiting_) {
          arrange();
        }
      });
}

}  // namespace barlow::ui
