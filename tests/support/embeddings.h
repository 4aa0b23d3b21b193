#pragma once

#include "core/base/rng.h"
#include "core/matrix/inspection.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace barlow {

/// Embeddings of two views that agree but for some noise: [n, d] each, rows 0 to n - 1 of a data
/// set.
inline std::shared_ptr<const EmbeddingBatch> randomEmbeddings(std::int64_t n,
                                                              std::int64_t d,
                                                              std::int64_t step,
                                                              std::uint64_t seed = 1) {
  Rng rng(seed);
  const MatrixOrigin origin{.n = n, .lambda = 0.0051, .name = "test", .step = step};
  const Matrix a = Matrix::generated(
      n, d, [&](auto, auto) { return static_cast<float>(rng.uniform(-1, 1)); }, origin);
  const Matrix b = Matrix::generated(
      n,
      d,
      [&](auto i, auto j) { return a.at(i, j) + static_cast<float>(rng.uniform(-0.2, 0.2)); },
      origin);
  auto pair = std::make_shared<EmbeddingBatch>(EmbeddingBatch{.a = a, .b = b, .samples = {}});
  for (std::int64_t i = 0; i < n; ++i) {
    pair->samples.push_back(i);
  }
  return pair;
}

/// The same with scores of `prototypes` prototypes: image n is nearest to prototype n % `used`.
inline std::shared_ptr<const EmbeddingBatch> withPrototypes(
    const std::shared_ptr<const EmbeddingBatch>& embeddings,
    std::int64_t prototypes,
    std::int64_t used) {
  auto batch = std::make_shared<EmbeddingBatch>(*embeddings);
  batch->temperature = 0.1;
  batch->scores = Matrix::generated(
      batch->a.rows(),
      prototypes,
      [&](std::int64_t n, std::int64_t k) {
        return n % used == k ? 0.5f + 0.001f * static_cast<float>(n) : 0.1f;
      },
      batch->a.origin());
  return batch;
}

/// RUN/matrices/step-N.safetensors without the library that the product writes it with.
inline void writeMoment(const std::filesystem::path& runFolder, const EmbeddingBatch& pair) {
  const auto entry =
      [](const char* type, const std::string& shape, std::uint64_t& at, std::uint64_t bytes) {
        const std::string text = std::string("{\"dtype\":\"") + type + "\",\"shape\":[" + shape +
                                 "],\"data_offsets\":[" + std::to_string(at) + "," +
                                 std::to_string(at + bytes) + "]}";
        at += bytes;
        return text;
      };
  const auto shapeOf = [](const Matrix& z) {
    return std::to_string(z.rows()) + "," + std::to_string(z.columns());
  };
  std::uint64_t at = 0;
  std::string header = "{\"z_a\":" + entry("F32", shapeOf(pair.a), at, pair.a.bytes());
  header += ",\"z_b\":" + entry("F32", shapeOf(pair.b), at, pair.b.bytes());
  header += ",\"samples\":" +
            entry("I64", std::to_string(pair.samples.size()), at, 8 * pair.samples.size());
  if (!pair.scores.isEmpty()) {
    header +=
        ",\"prototype_scores\":" + entry("F32", shapeOf(pair.scores), at, pair.scores.bytes());
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::filesystem::create_directories(runFolder / "matrices");
  std::string name = std::to_string(pair.a.origin().step);
  name.insert(0, 8 - std::min<std::size_t>(8, name.size()), '0');
  std::ofstream file(runFolder / "matrices" / ("step-" + name + ".safetensors"), std::ios::binary);
  const std::uint64_t length = header.size();
  const auto put = [&](const void* data, std::uint64_t bytes) {
    file.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  };
  put(&length, sizeof(length));
  put(header.data(), header.size());
  put(pair.a.values(), pair.a.bytes());
  put(pair.b.values(), pair.b.bytes());
  put(pair.samples.data(), 8 * pair.samples.size());
  put(pair.scores.values(), pair.scores.bytes());
}

}  // namespace barlow
