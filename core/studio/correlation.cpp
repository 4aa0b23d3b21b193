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
#include "core/report/json_numbers.h"
#include "core/torch.h"
#include "core/training/kept_embeddings.h"
#include "core/training/pictures.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace barlow {
namespace {

torch::Tensor readFinite(const std::filesystem::path& path) {
  torch::Tensor z = readEmbeddingFile(path);
  if (!torch::isfinite(z).all().item<bool>()) {
    throw Exception(
        fmt::format("{} holds values that are not finite (NaN or infinity).", path.string()));
  }
  return z;
}

Matrix matrixOf(const torch::Tensor& z) { return embeddingPairOf(z, z, {}, {}, "", -1)->a; }

std::string shapeText(const torch::Tensor& z) {
  return fmt::format("[{}, {}]", z.size(0), z.size(1));
}

}  // namespace

CorrelationReport correlate(const CorrelationRequest& request) {
  torch::NoGradGuard noGrad;
  torch::Tensor zA = readFinite(request.a);
  torch::Tensor zB = readFinite(request.b);
  if (zA.sizes() != zB.sizes()) {
    throw Exception(fmt::format(
        "{} is {} and {} is {}; row i of both must be the same image, and the widths equal.",
        request.a.string(),
        shapeText(zA),
        request.b.string(),
        shapeText(zB)));
  }
  const auto type = zA.scalar_type() == zB.scalar_type() ? zA.scalar_type() : torch::kFloat64;
  zA = zA.to(type);
  zB = zB.to(type);
  const BarlowTwinsTerms terms = barlowTwinsLoss(zA, zB, request.lambda);
  const CollapseNumbers a = collapseNumbers(zA);
  const CollapseNumbers b = collapseNumbers(zB);
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
  if (request.matrixFile) {
    writeNpy(*request.matrixFile, crossCorrelation(zA, zB).to(torch::kFloat32));
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
  return jsonText(json);
}

}  // namespace barlow
