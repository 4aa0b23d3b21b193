#include "core/studio/correlation.h"

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/evaluation/collapse.h"
#include "core/files/embedding_file.h"
#include "core/files/tensor_files.h"
#include "core/image/decode.h"
#include "core/matrix/correlate.h"
#include "core/matrix/pyramid.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/recording/embedding_snapshots.h"
#include "core/recording/pictures.h"
#include "core/report/json_numbers.h"
#include "core/torch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace barlow {
namespace {

// One view in double, and what messages call it.
struct View {
  torch::Tensor z;
  std::string name;
};

View viewOf(const torch::Tensor& z, std::string name) {
  if (z.size(0) < 2 || z.size(1) < 2) {
    throw Exception(
        fmt::format("{} is [{}, {}]; embeddings are [N, D], with N and D of 2 at least.",
                    name,
                    z.size(0),
                    z.size(1)));
  }
  if (!torch::isfinite(z).all().item<bool>()) {
    throw Exception(fmt::format("{} holds values that are not finite (NaN or infinity).", name));
  }
  return {z.to(torch::kFloat64), std::move(name)};
}

std::pair<View, View> viewsOf(const CorrelationRequest& request) {
  if (request.b) {
    return {viewOf(readEmbeddingFile(request.a), request.a.string()),
            viewOf(readEmbeddingFile(*request.b), request.b->string())};
  }
  const EmbeddingViews views = readEmbeddingViews(request.a);
  return {viewOf(views.a, fmt::format("The first view in {}", request.a.string())),
          viewOf(views.b, fmt::format("the second view in {}", request.a.string()))};
}

// The mean of a column says nothing about a correlation, and would take digits from what does.
torch::Tensor centered(const torch::Tensor& z) { return z - z.mean(0, /*keepdim=*/true); }

std::vector<double> columnVariances(const torch::Tensor& centered) {
  const torch::Tensor variances = centered.square().mean(0).contiguous();
  return {variances.const_data_ptr<double>(),
          variances.const_data_ptr<double>() + variances.numel()};
}

Matrix matrixOf(const torch::Tensor& z) { return embeddingBatchOf(z, z, {}, {}, "", -1)->a; }

std::string shapeText(const torch::Tensor& z) {
  return fmt::format("[{}, {}]", z.size(0), z.size(1));
}

}  // namespace

CorrelationReport correlate(const CorrelationRequest& request) {
  torch::NoGradGuard noGrad;
  const auto [viewA, viewB] = viewsOf(request);
  if (viewA.z.sizes() != viewB.z.sizes()) {
    throw Exception(fmt::format(
        "{} is {} and {} is {}; row i of both must be the same image, and the widths equal.",
        viewA.name,
        shapeText(viewA.z),
        viewB.name,
        shapeText(viewB.z)));
  }
  const torch::Tensor zA = centered(viewA.z);
  const torch::Tensor zB = centered(viewB.z);
  const BarlowTwinsTerms terms = barlowTwinsLoss(zA, zB, request.lambda);
  const CollapseNumbers a = collapseNumbers(viewA.z);
  const CollapseNumbers b = collapseNumbers(viewB.z);
  CorrelationReport report;
  report.n = zA.size(0);
  report.d = zA.size(1);
  report.lambda = request.lambda;
  report.loss = terms.loss.item<double>();
  report.onDiagonal = terms.onDiagonal.item<double>();
  report.offDiagonal = terms.offDiagonal.item<double>();
  report.floor = lossFloor(report.n, report.d, request.lambda);
  report.meanDiagonal = terms.diagonal.mean().item<double>();
  const auto d = static_cast<double>(report.d);
  report.rmsOffDiagonal = std::sqrt(std::max(0.0, report.offDiagonal) / (d * (d - 1)));
  report.effectiveRankA = a.effectiveRank;
  report.effectiveRankB = b.effectiveRank;
  report.deadA = a.deadDimensions;
  report.deadB = b.deadDimensions;
  if (const std::string note = smallVarianceNote(columnVariances(zA), columnVariances(zB));
      !note.empty()) {
    report.notes.push_back(note);
  }
  if (request.matrixFile) {
    const torch::Tensor c = torch::mm(terms.standardA.t(), terms.standardB) / zA.size(0);
    writeNpy(*request.matrixFile, c.to(torch::kFloat32));
  }
  if (request.pictureFile) {
    const auto matrix = crossCorrelation(matrixOf(terms.standardA), matrixOf(terms.standardB));
    writePng(*request.pictureFile, drawMatrix(*MatrixPyramid::build(*matrix), 768));
  }
  return report;
}

std::string toJson(const CorrelationReport& report) {
  nlohmann::ordered_json json;
  json["n"] = report.n;
  json["d"] = report.d;
  json["lambda"] = report.lambda;
  json["loss"] = numberToJson(report.loss);
  json["on_diagonal"] = numberToJson(report.onDiagonal);
  json["off_diagonal"] = numberToJson(report.offDiagonal);
  json["floor"] = numberToJson(report.floor);
  json["mean_diagonal"] = numberToJson(report.meanDiagonal);
  json["rms_off_diagonal"] = numberToJson(report.rmsOffDiagonal);
  json["effective_rank_a"] = numberToJson(report.effectiveRankA);
  json["effective_rank_b"] = numberToJson(report.effectiveRankB);
  json["dead_a"] = report.deadA;
  json["dead_b"] = report.deadB;
  json["notes"] = report.notes;
  return jsonText(json);
}

}  // namespace barlow
