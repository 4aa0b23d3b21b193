#include "ui/inspector/inspected_numbers.h"

#include "core/matrix/correlate.h"
#include "ui/inspector/number_text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

constexpr double kGoodStrongest = 0.5;
constexpr double kBadStrongest = 0.9;
constexpr double kGoodSpreadShare = 0.8;  // of 1 / sqrt(D)
constexpr double kBadSpreadShare = 0.5;
constexpr double kMostSpreadShare = 1.5;  // sqrt(2) for two images

// Gives these texts a context of their own for translators.
class Words {
  Q_DECLARE_TR_FUNCTIONS(InspectedNumbers)
};

Verdict judged(bool isGood, bool isBad) {
  return isGood ? Verdict::Good : isBad ? Verdict::Poor : Verdict::Fair;
}

// Neither NaN nor beyond what a correlation can be.
bool isCorrelation(double value) { return std::abs(value) <= kOneWithRounding; }

InspectedNumber missing(const QString& reason) { return {.missing = reason}; }

InspectedNumber number(double value, Verdict verdict = Verdict::None) {
  if (!std::isfinite(value)) {
    return {.text = Words::tr("not finite"), .verdict = Verdict::Poor};
  }
  return {.text = shortNumber(value), .verdict = verdict, .value = value};
}

QString notSquare() {
  return Words::tr("The matrix is not square, so that it has no diagonal and no loss.");
}
QString noLoss() {
  return Words::tr(
      "What is off the diagonal has no weight in the run's loss: it asks for something else than "
      "this matrix.");
}
QString unknownSamples() {
  return Words::tr("It is not known how many samples the matrix comes from.");
}
InspectedNumber notYet() {
  return {.text = QStringLiteral("…"), .missing = Words::tr("It is being worked out.")};
}
QString noEmbeddings() {
  return Words::tr("There are no embeddings beside this matrix; open both to see it.");
}

class Teller {
 public:
  explicit Teller(const Inspection& inspection)
      : inspection_(inspection), statistics_(*inspection.statistics) {}

  std::array<InspectedNumber, kNumberCount> all() {
    const MatrixKind kind = inspection_.origin().kind;
    if (kind == MatrixKind::CrossCorrelation) {
      tellLoss();
    }
    if (kind == MatrixKind::Assignments) {
      tellPrototypes();
    } else {
      tellDiagonal();
      tellOffDiagonal();
    }
    const auto widthOf = [&](const Matrix EmbeddingBatch::*view, std::int64_t otherwise) {
      return inspection_.embeddings ? ((*inspection_.embeddings).*view).columns() : otherwise;
    };
    tellView(inspection_.health ? &inspection_.health->a : nullptr,
             widthOf(&EmbeddingBatch::a, inspection_.matrix().rows()),
             {NumberKey::RankA, NumberKey::DeadA, NumberKey::DuplicatesA, NumberKey::SpreadA});
    tellView(inspection_.health ? &inspection_.health->b : nullptr,
             widthOf(&EmbeddingBatch::b, inspection_.matrix().columns()),
             {NumberKey::RankB, NumberKey::DeadB, NumberKey::DuplicatesB, NumberKey::SpreadB});
    if (kind == MatrixKind::CrossCorrelation && !statistics_.diagonal.empty()) {
      for (InspectedNumber& number : numbers_) {
        number.verdict = judgedWith(statistics_.meanDiagonal, number.verdict);
      }
    }
    for (std::size_t i = 0; i < kNumberCount; ++i) {
      if (!hasNumber(static_cast<NumberKey>(i), kind)) {
        numbers_[i] = missing(Words::tr("A matrix of this kind has no such number."));
      }
    }
    return numbers_;
  }

 private:
  InspectedNumber& at(NumberKey key) { return numbers_[static_cast<std::size_t>(key)]; }

  void tellLoss() {
    if (!statistics_.loss) {
      for (const NumberKey key :
           {NumberKey::Loss, NumberKey::OnDiagonal, NumberKey::OffDiagonal, NumberKey::Floor}) {
        at(key) = missing(notSquare());
      }
      return;
    }
    const LossNumbers& loss = *statistics_.loss;
    if (statistics_.origin.lambda <= 0) {
      at(NumberKey::Loss) = at(NumberKey::OffDiagonal) = at(NumberKey::Floor) = missing(noLoss());
      at(NumberKey::OnDiagonal) =
          number(loss.onDiagonal, loss.onDiagonal < 0 ? Verdict::Poor : Verdict::None);
      return;
    }
    const auto sum = [](double value) {
      return number(value, value < 0 ? Verdict::Poor : Verdict::None);
    };
    at(NumberKey::Loss) =
        number(loss.loss,
               loss.floor      ? judgeLoss(loss.loss, loss.floor->loss, statistics_.rows)
               : loss.loss < 0 ? Verdict::Poor
                               : Verdict::None);
    at(NumberKey::OnDiagonal) = sum(loss.onDiagonal);
    at(NumberKey::OffDiagonal) = sum(statistics_.origin.lambda * loss.offDiagonal);
    at(NumberKey::Floor) = loss.floor ? number(loss.floor->loss) : missing(unknownSamples());
  }

  void tellPrototypes() {
    const auto used = static_cast<std::int64_t>(statistics_.prototypes.size());
    at(NumberKey::PrototypesInUse) = number(static_cast<double>(used));
    at(NumberKey::PrototypesInUse).text =
        Words::tr("%1 of %2").arg(wholeNumber(used), wholeNumber(statistics_.columns));
    if (statistics_.prototypes.empty()) {
      at(NumberKey::LargestPrototype) = missing(Words::tr("No image is at any prototype."));
      return;
    }
    const PrototypeUse& most = statistics_.prototypes.front();
    const double share = static_cast<double>(most.images) /
                         static_cast<double>(std::max<std::int64_t>(1, statistics_.rows));
    at(NumberKey::LargestPrototype) = number(share);
    at(NumberKey::LargestPrototype).text =
        Words::tr("%1 % at %2").arg(fixedNumber(100 * share, 1), wholeNumber(most.prototype));
  }

  // Good and poor are said of correlations alone: the others are as large as the method has them.
  bool isJudged() const { return inspection_.origin().kind == MatrixKind::CrossCorrelation; }

  void tellDiagonal() {
    if (statistics_.diagonal.empty()) {
      at(NumberKey::MeanDiagonal) = at(NumberKey::MinDiagonal) = missing(notSquare());
      return;
    }
    const double mean = statistics_.meanDiagonal;
    at(NumberKey::MeanDiagonal) = number(mean, judgedDiagonal(mean));
    const double least = statistics_.minDiagonal;
    if (statistics_.minDiagonalIndex < 0) {
      at(NumberKey::MinDiagonal) = missing(Words::tr("No entry of the diagonal is a number."));
      return;
    }
    InspectedNumber& text = at(NumberKey::MinDiagonal);
    text = number(least, judgedDiagonal(least));
    text.text = Words::tr("%1 at %2").arg(text.text, wholeNumber(statistics_.minDiagonalIndex));
  }

  // Statistics pass over what is no number; a matrix that has such is not good.
  bool isSound(double value) const { return statistics_.nanCells == 0 && isCorrelation(value); }
  Verdict judgedDiagonal(double value) const {
    if (!isJudged()) {
      return Verdict::None;
    }
    return isSound(value) ? judgeDiagonal(value) : Verdict::Poor;
  }

  void tellOffDiagonal() {
    const auto& noise = statistics_.noiseLevel;
    at(NumberKey::NoiseLevel) = noise ? number(*noise) : missing(unknownSamples());
    const auto strongest = strongestCell(statistics_);
    if (!strongest) {
      at(NumberKey::RmsOffDiagonal) = at(NumberKey::MaxOffDiagonal) =
          missing(Words::tr("The matrix has no number beside the diagonal."));
      return;
    }
    const double rms = statistics_.rmsOffDiagonal;
    at(NumberKey::RmsOffDiagonal) =
        number(rms,
               !isJudged()    ? Verdict::None
               : isSound(rms) ? judgeOffDiagonal(rms, noise ? inspection_.origin().n : 0)
                              : Verdict::Poor);
    const double most = statistics_.maxOffDiagonal;
    InspectedNumber& text = at(NumberKey::MaxOffDiagonal);
    text = number(most,
                  !isJudged() ? Verdict::None
                              : judged(isSound(most) && most < kGoodStrongest,
                                       !isSound(most) || most >= kBadStrongest));
    text.text = Words::tr("%1 at %2, %3")
                    .arg(text.text, wholeNumber(strongest->row), wholeNumber(strongest->column));
  }

  struct ViewKeys {
    NumberKey rank;
    NumberKey dead;
    NumberKey duplicates;
    NumberKey spread;
  };
  void tellView(const ViewHealth* health, std::int64_t dimensions, const ViewKeys& keys) {
    if (health == nullptr) {
      for (const NumberKey key : {keys.rank, keys.dead, keys.duplicates, keys.spread}) {
        at(key) = inspection_.embeddings ? notYet() : missing(noEmbeddings());
      }
      return;
    }
    if (!std::ranges::all_of(health->variances, [](float v) { return std::isfinite(v); })) {
      for (const NumberKey key : {keys.rank, keys.dead, keys.duplicates, keys.spread}) {
        at(key) = {.text = Words::tr("not finite"),
                   .verdict = Verdict::Poor,
                   .missing = Words::tr("The embeddings hold values that are not finite.")};
      }
      return;
    }
    const std::int64_t n = inspection_.origin().n;
    const auto most = static_cast<double>(n > 1 ? std::min(n - 1, dimensions) : dimensions);
    const double rank = health->effectiveRank;
    InspectedNumber& rankText = at(keys.rank);
    rankText = number(rank, judgeRank(rank, n, dimensions));
    if (std::isfinite(rank)) {
      rankText.text = Words::tr("%1 of %2")
                          .arg(fixedNumber(rank, rank < 100 ? 1 : 0),
                               wholeNumber(static_cast<std::int64_t>(most)));
    }
    const auto count = [](std::int64_t found) -> InspectedNumber {
      return {.text = wholeNumber(found),
              .verdict = judged(found == 0, found > 0),
              .value = static_cast<double>(found)};
    };
    at(keys.dead) = count(static_cast<std::int64_t>(health->dead.size()));
    at(keys.duplicates) = count(health->duplicateCount);
    const double ideal = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, dimensions)));
    const double spread = health->embeddingStd;
    const bool isPossible = spread <= kMostSpreadShare * ideal;
    at(keys.spread) = number(spread,
                             judged(isPossible && spread >= kGoodSpreadShare * ideal,
                                    !isPossible || spread < kBadSpreadShare * ideal));
  }

  const Inspection& inspection_;
  const MatrixStatistics& statistics_;
  std::array<InspectedNumber, kNumberCount> numbers_;
};

}  // namespace

std::array<InspectedNumber, kNumberCount> inspectedNumbers(const Inspection& inspection) {
  if (!inspection.statistics) {
    std::array<InspectedNumber, kNumberCount> numbers;
    numbers.fill(notYet());
    return numbers;
  }
  return Teller(inspection).all();
}

QString floorSentence(const Inspection& inspection) {
  if (!inspection.statistics || inspection.origin().kind != MatrixKind::CrossCorrelation) {
    return {};
  }
  const MatrixStatistics& statistics = *inspection.statistics;
  if (!statistics.loss) {
    return notSquare();
  }
  if (statistics.origin.lambda <= 0) {
    return noLoss();
  }
  if (!statistics.loss->floor) {
    return unknownSamples();
  }
  const std::int64_t n = inspection.origin().n;
  const QString samples = wholeNumber(n);
  const QString dimensions = wholeNumber(statistics.rows);
  if (statistics.loss->floor->loss > 0) {
    return Words::tr(
               "Not zero, as %1 samples span at most %2 directions: %3 dimensions cannot all be "
               "uncorrelated.")
        .arg(samples, wholeNumber(n - 1), dimensions);
  }
  return Words::tr("Zero, as %1 samples are enough for %2 uncorrelated dimensions.")
      .arg(samples, dimensions);
}

QString varianceNote(const Inspection& inspection) {
  if (inspection.origin().kind != MatrixKind::CrossCorrelation || !inspection.health ||
      !inspection.embeddings ||
      inspection.embeddings->standardization != Standardization::BatchNorm) {
    return {};
  }
  const auto exact = [](const std::vector<float>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  return QString::fromStdString(smallVarianceNote(exact(inspection.health->a.variances),
                                                  exact(inspection.health->b.variances)));
}

bool hasNumber(NumberKey key, MatrixKind kind) {
  switch (key) {
    case NumberKey::Loss:
    case NumberKey::OnDiagonal:
    case NumberKey::OffDiagonal:
    case NumberKey::Floor:
    case NumberKey::NoiseLevel:
      return kind == MatrixKind::CrossCorrelation;
    case NumberKey::MeanDiagonal:
    case NumberKey::MinDiagonal:
    case NumberKey::RmsOffDiagonal:
    case NumberKey::MaxOffDiagonal:
      return kind != MatrixKind::Assignments;
    case NumberKey::PrototypesInUse:
    case NumberKey::LargestPrototype:
      return kind == MatrixKind::Assignments;
    default:
      return true;
  }
}

namespace {

// What is called by another name, and means something else, than in a cross-correlation.
struct KindText {
  QString name;
  QString help;
};
std::optional<KindText> textOfKind(NumberKey key, MatrixKind kind) {
  if (isCovariance(kind)) {
    switch (key) {
      case NumberKey::MeanDiagonal:
        return KindText{Words::tr("Mean variance"),
                        Words::tr("Mean over the dimensions of their variance. VICReg keeps it at "
                                  "1 or above; near 0 the embeddings have collapsed.")};
      case NumberKey::MinDiagonal:
        return KindText{Words::tr("Smallest variance"),
                        Words::tr("The dimension that changes least from image to image. With "
                                  "VICReg it nears 1; 0 is a dead dimension. Click to see it.")};
      case NumberKey::RmsOffDiagonal:
        return KindText{Words::tr("Off-diagonal RMS"),
                        Words::tr("Root mean square of the covariances of different dimensions: "
                                  "what VICReg's covariance term draws to 0. Compare it with the "
                                  "mean variance.")};
      case NumberKey::MaxOffDiagonal:
        return KindText{Words::tr("Off-diagonal maximum"),
                        Words::tr("The largest covariance, by size, of two different dimensions. "
                                  "Click to see the pair.")};
      default:
        return std::nullopt;
    }
  }
  if (kind == MatrixKind::SampleSimilarity) {
    switch (key) {
      case NumberKey::MeanDiagonal:
        return KindText{Words::tr("Same image"),
                        Words::tr("Mean cosine of the two views of an image. It should rise "
                                  "towards 1, while different images stay apart.")};
      case NumberKey::MinDiagonal:
        return KindText{Words::tr("Same image, least"),
                        Words::tr("The image whose two views are least alike. Click to see it.")};
      case NumberKey::RmsOffDiagonal:
        return KindText{Words::tr("Different images, RMS"),
                        Words::tr("Root mean square of the cosines of different images. Random "
                                  "directions have 1/√D; near the value of same images, the "
                                  "network tells nothing apart.")};
      case NumberKey::MaxOffDiagonal:
        return KindText{Words::tr("Different images, most"),
                        Words::tr("The two different images that are most alike, or most "
                                  "opposed, to the network. Click to see them.")};
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

QString nameOf(NumberKey key, MatrixKind kind) {
  if (const auto own = textOfKind(key, kind)) {
    return own->name;
  }
  switch (key) {
    case NumberKey::Loss:
      return Words::tr("Loss");
    case NumberKey::OnDiagonal:
      return Words::tr("On-diagonal term");
    case NumberKey::OffDiagonal:
      return Words::tr("Off-diagonal term");
    case NumberKey::Floor:
      return Words::tr("Floor L*");
    case NumberKey::NoiseLevel:
      return Words::tr("Noise level 1/√N");
    case NumberKey::MeanDiagonal:
      return Words::tr("Mean diagonal");
    case NumberKey::MinDiagonal:
      return Words::tr("Minimum diagonal");
    case NumberKey::RmsOffDiagonal:
      return Words::tr("Off-diagonal RMS");
    case NumberKey::MaxOffDiagonal:
      return Words::tr("Off-diagonal maximum");
    case NumberKey::PrototypesInUse:
      return Words::tr("Prototypes in use");
    case NumberKey::LargestPrototype:
      return Words::tr("Most used");
    case NumberKey::RankA:
    case NumberKey::RankB:
      return Words::tr("Effective rank");
    case NumberKey::DeadA:
    case NumberKey::DeadB:
      return Words::tr("Dead dimensions");
    case NumberKey::DuplicatesA:
    case NumberKey::DuplicatesB:
      return Words::tr("Duplicate pairs");
    case NumberKey::SpreadA:
    case NumberKey::SpreadB:
      return Words::tr("Spread");
    case NumberKey::Count:
      break;
  }
  return {};
}

QString viewOf(NumberKey key) {
  switch (key) {
    case NumberKey::RankA:
    case NumberKey::DeadA:
    case NumberKey::DuplicatesA:
    case NumberKey::SpreadA:
      return Words::tr("view A");
    case NumberKey::RankB:
    case NumberKey::DeadB:
    case NumberKey::DuplicatesB:
    case NumberKey::SpreadB:
      return Words::tr("view B");
    default:
      return {};
  }
}

QString helpOf(NumberKey key, MatrixKind kind) {
  if (const auto own = textOfKind(key, kind)) {
    return own->help;
  }
  switch (key) {
    case NumberKey::Loss:
      return Words::tr(
          "How far the matrix is from the identity: the two terms below, added. Good is close "
          "to the floor. If it stays far above, see which of the two terms is large.");
    case NumberKey::OnDiagonal:
      return Words::tr(
          "Sum of (1 - C_ii)²: how much the two views of an image disagree. Good is near 0. If "
          "it stays large, train longer or weaken the distortions.");
    case NumberKey::OffDiagonal:
      return Words::tr(
          "Lambda times the sum of C_ij² with i different from j: how much dimensions repeat "
          "each other. Good is near the floor. If it stays large, raise lambda or the batch "
          "size.");
    case NumberKey::Floor:
      return Words::tr(
          "The lowest loss that any network can reach with this N, D and lambda. Good training "
          "comes near it. Only a larger batch or a smaller D lowers it.");
    case NumberKey::NoiseLevel:
      return Words::tr(
          "The off-diagonal RMS of dimensions that have nothing in common, seen through N "
          "samples. Compare the off-diagonal RMS with it. More samples make it smaller.");
    case NumberKey::MeanDiagonal:
      return Words::tr(
          "Mean of C_ii: how well the two views of an image agree, 1 is perfect. Good is 0.8 "
          "or more. If it stays below 0.5, train longer or weaken the distortions.");
    case NumberKey::MinDiagonal:
      return Words::tr(
          "The smallest C_ii and its dimension: where the two views agree least. Good is 0.8 "
          "or more. Click to see it; if many are low, train longer.");
    case NumberKey::RmsOffDiagonal:
      return Words::tr(
          "Root mean square of C_ij with i different from j: how much dimensions repeat each "
          "other. Good is at most 2 times the noise level. If it stays above 4 times, train "
          "longer or, with Barlow Twins, raise lambda.");
    case NumberKey::MaxOffDiagonal:
      return Words::tr(
          "The strongest |C_ij| with i different from j: the two dimensions that repeat each "
          "other most. Good is below 0.5; from 0.9 one of the two is superfluous. Click to see "
          "the pair.");
    case NumberKey::PrototypesInUse:
      return Words::tr(
          "How many prototypes are the nearest one of any image of this batch. Good is half or "
          "more of what can be, the lesser of images and prototypes. If only a few are left, lower "
          "the learning rate.");
    case NumberKey::LargestPrototype:
      return Words::tr(
          "The share of the images whose nearest one is the most used prototype, and its number. "
          "Good is a few per cent; near 100 % all images are at one, which is collapse. Its bar "
          "under Values shows its images.");
    case NumberKey::RankA:
    case NumberKey::RankB:
      return Words::tr(
          "How many directions the embeddings really use, of the min(N - 1, D) that are "
          "possible. Good is two fifths of them or more. Near 1 the network has collapsed: lower "
          "the "
          "learning rate and check the distortions.");
    case NumberKey::DeadA:
    case NumberKey::DeadB:
      return Words::tr(
          "Dimensions that hardly change from image to image. Good is none. Click to list "
          "them; if there are many, lower the learning rate.");
    case NumberKey::DuplicatesA:
    case NumberKey::DuplicatesB:
      return Words::tr(
          "Pairs of dimensions of one view with a correlation of 0.99 or more: they say the "
          "same. Good is none. Click to list them; if there are many, train longer or, with "
          "Barlow Twins, raise lambda.");
    case NumberKey::SpreadA:
    case NumberKey::SpreadB:
      return Words::tr(
          "Mean standard deviation of the embeddings, each scaled to length 1. Good is near "
          "1/√D; near 0 all images look alike to the network. If it falls, lower the learning "
          "rate.");
    case NumberKey::Count:
      break;
  }
  return {};
}

std::optional<CellIndex> strongestCell(const MatrixStatistics& statistics) {
  const auto strongest = statistics.strongest(1);
  return strongest.empty() ? std::nullopt : std::optional(strongest.front().cell);
}

}  // namespace barlow::ui
