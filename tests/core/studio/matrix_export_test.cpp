#include "core/studio/matrix_export.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/tensor_files.h"
#include "core/image/decode.h"
#include "core/matrix/order_file.h"
#include "tests/core/matrix/random_matrix.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::int64_t entriesIn(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

MatrixExport exportOf(const Matrix& matrix, ExportKind kind) {
  MatrixExport request;
  request.kind = kind;
  request.pyramid = MatrixPyramid::build(matrix);
  request.statistics = computeStatistics(matrix);
  request.picture.viewport = fittedViewport(matrix.rows(), matrix.columns(), 200, 150);
  return request;
}

constexpr ExportKind kAllKinds[] = {ExportKind::Picture,
                                    ExportKind::FullPicture,
                                    ExportKind::Npy,
                                    ExportKind::Csv,
                                    ExportKind::Pairs,
                                    ExportKind::OrderFile};

RgbImage imageIn(const fs::path& path) {
  const Result<RgbImage> image = readImage(path);
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  return image ? *image : RgbImage();
}

std::uint32_t colorAt(const RgbImage& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + 3 * x;
  return 0xff000000u | static_cast<std::uint32_t>(pixel[0] << 16 | pixel[1] << 8 | pixel[2]);
}

std::string messageOf(const MatrixExport& request, const fs::path& path) {
  try {
    exportMatrix(request, path);
  } catch (const Exception& error) {
    return error.info().message;
  }
  return "";
}

TEST(MatrixExport, ThePictureIsWhatIsShown) {
  const TempDir dir;
  MatrixExport request = exportOf(randomMatrix(300, 300, 2), ExportKind::Picture);
  request.picture.factor = 2;
  request.picture.isFramed = false;
  request.picture.settings.reduction = Reduction::Rms;
  ASSERT_TRUE(exportMatrix(request, dir / "c.png"));
  const RgbImage image = imageIn(dir / "c.png");
  ASSERT_EQ(image.width, 400);
  ASSERT_EQ(image.height, 300);
  std::vector<std::uint32_t> expected(400 * 300);
  renderViewport(*request.pyramid,
                 fittedViewport(300, 300, 400, 300),
                 request.picture.settings,
                 expected.data(),
                 400);
  for (int y = 0; y < 300; ++y) {
    for (int x = 0; x < 400; ++x) {
      ASSERT_EQ(colorAt(image, x, y), expected[static_cast<std::size_t>(y * 400 + x)])
          << x << ", " << y;
    }
  }
}

TEST(MatrixExport, TheFrameGetsItsTextsFromTheCaller) {
  const TempDir dir;
  MatrixExport request = exportOf(randomMatrix(30, 30, 2), ExportKind::Picture);
  std::size_t texts = 0;
  request.drawTexts = [&](FramedPicture& picture) {
    texts = picture.texts.size();
    picture.pixels.back() = 0xff123456;
  };
  ASSERT_TRUE(exportMatrix(request, dir / "c.png"));
  EXPECT_GE(texts, 3u) << "two limits and a caption at least";
  const RgbImage image = imageIn(dir / "c.png");
  EXPECT_EQ(colorAt(image, image.width - 1, image.height - 1), 0xff123456u);
}

TEST(MatrixExport, TheFullPictureHasAPixelPerCellThreeStepsFromItsColourAtMost) {
  const TempDir dir;
  const auto special = [](std::int64_t i, std::int64_t j) {
    if (i == 70 && j < 3) {
      constexpr float kSpecial[] = {NAN, 5, -5};
      return kSpecial[j];
    }
    return static_cast<float>(i * 131 + j - 9000) / 9000;
  };
  MatrixExport request = exportOf(Matrix::generated(140, 130, special), ExportKind::FullPicture);
  ASSERT_TRUE(exportMatrix(request, dir / "c.png"));
  const RgbImage image = imageIn(dir / "c.png");
  ASSERT_EQ(image.width, 130);
  ASSERT_EQ(image.height, 140);
  const ColorScale scale({});
  const float step = 2.0f / (kColorSteps - 1);
  for (int i = 0; i < 140; ++i) {
    for (int j = 0; j < 130; ++j) {
      const float value = request.pyramid->matrix().at(i, j);
      std::vector<std::uint32_t> allowed{scale.color(value)};
      for (int k = -3; k <= 3 && std::abs(value) <= 1; ++k) {
        allowed.push_back(scale.color(std::clamp(value + static_cast<float>(k) * step, -1.f, 1.f)));
      }
      ASSERT_NE(std::find(allowed.begin(), allowed.end(), colorAt(image, j, i)), allowed.end())
          << i << ", " << j << ": " << value;
    }
  }
}

TEST(MatrixExport, ADimmedDiagonalStaysDimInTheFullPicture) {
  const TempDir dir;
  MatrixExport request = exportOf(randomMatrix(200, 200, 2, 0.9), ExportKind::FullPicture);
  request.picture.settings.diagonal = DiagonalStyle::Dimmed;
  ASSERT_TRUE(exportMatrix(request, dir / "c.png"));
  const RgbImage image = imageIn(dir / "c.png");
  std::vector<std::uint32_t> exact(200 * 200);
  renderViewport(*request.pyramid,
                 {.cellsPerPixel = 1, .width = 200, .height = 200},
                 request.picture.settings,
                 exact.data(),
                 200);
  for (int i = 0; i < 200; ++i) {
    const std::uint32_t is = colorAt(image, i, i);
    const std::uint32_t due = exact[static_cast<std::size_t>(201 * i)];
    for (int shift = 0; shift < 24; shift += 8) {
      EXPECT_NEAR(
          static_cast<double>((is >> shift) & 0xff), static_cast<double>((due >> shift) & 0xff), 48)
          << "the nearest of the palette's colours, dimension " << i;
    }
  }
}

TEST(MatrixExport, NpyReadsBackWholeAndInPart) {
  const TempDir dir;
  const Matrix matrix = randomMatrix(50, 70, 3);
  MatrixExport request = exportOf(matrix, ExportKind::Npy);
  const auto bytes = exportMatrix(request, dir / "all.npy");
  EXPECT_EQ(bytes, fs::file_size(dir / "all.npy"));
  const torch::Tensor all = readNpy(dir / "all.npy");
  ASSERT_EQ(all.sizes(), (std::vector<std::int64_t>{50, 70}));
  EXPECT_TRUE(std::equal(matrix.values(), matrix.values() + 50 * 70, all.data_ptr<float>()));
  request.rows = {{49, 3}};
  request.columns = {{0, 69, 5}};
  ASSERT_TRUE(exportMatrix(request, dir / "part.npy"));
  const torch::Tensor part = readNpy(dir / "part.npy");
  ASSERT_EQ(part.sizes(), (std::vector<std::int64_t>{2, 3}));
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(part.data_ptr<float>()[3 * i + j],
                matrix.at((*request.rows)[i], (*request.columns)[j]));
    }
  }
}

TEST(MatrixExport, CsvAndPairsReadBack) {
  const TempDir dir;
  const Matrix matrix = randomMatrix(20, 20, 3);
  MatrixExport request = exportOf(matrix, ExportKind::Csv);
  request.order = originalOrder(20);
  std::reverse(request.order.begin(), request.order.end());
  request.rows = {{4, 5}};
  ASSERT_TRUE(exportMatrix(request, dir / "c.csv"));
  std::istringstream cells(readFileText(dir / "c.csv", 1 << 20));
  std::string line;
  std::getline(cells, line);
  EXPECT_TRUE(line.starts_with("dimension,19,18,")) << line;
  std::getline(cells, line);
  std::istringstream fields(line);
  std::string field;
  std::getline(fields, field, ',');
  EXPECT_EQ(field, "15") << "the dimension at place 4";
  for (std::int64_t j = 0; j < 20; ++j) {
    std::getline(fields, field, ',');
    EXPECT_EQ(std::stof(field), matrix.at(4, j));
  }

  request.kind = ExportKind::Pairs;
  request.pairCount = 7;
  ASSERT_TRUE(exportMatrix(request, dir / "pairs.csv"));
  std::istringstream pairs(readFileText(dir / "pairs.csv", 1 << 20));
  std::getline(pairs, line);
  EXPECT_EQ(line, "i,j,c_ij,c_ji");
  for (const RankedCell& pair : request.statistics->strongest(7)) {
    int i = 0;
    int j = 0;
    char comma = 0;
    float value = 0;
    pairs >> i >> comma >> j >> comma >> value;
    EXPECT_EQ(i, pair.cell.row);
    EXPECT_EQ(j, pair.cell.column);
    EXPECT_EQ(value, pair.value);
    std::getline(pairs, line);
  }
}

TEST(MatrixExport, TheOrderReadsBack) {
  const TempDir dir;
  MatrixExport request = exportOf(randomMatrix(3, 3, 3), ExportKind::OrderFile);
  request.order = {2, 0, 1};
  request.orderName = "spectral";
  ASSERT_TRUE(exportMatrix(request, dir / "order.json"));
  EXPECT_EQ(readOrderFile(dir / "order.json", 3),
            (NamedOrder{.name = "spectral", .order = {2, 0, 1}}));
  request.order.clear();
  ASSERT_TRUE(exportMatrix(request, dir / "order.json"));
  EXPECT_EQ(readOrderFile(dir / "order.json", 3).order, originalOrder(3));
  // Three dimensions of seven are shown.
  request.order = {6, 0, 4};
  request.orderOf = 7;
  ASSERT_TRUE(exportMatrix(request, dir / "order.json"));
  EXPECT_EQ(readOrderFile(dir / "order.json", 7),
            (NamedOrder{.name = "spectral", .order = {6, 0, 4}, .of = 7}));
}

TEST(MatrixExport, TheAnnouncedSizeIsWithinATenth) {
  const TempDir dir;
  const Matrix noise = randomMatrix(1300, 1300, 4, 0.1);
  const Matrix blocks = Matrix::generated(1300, 1300, [](std::int64_t i, std::int64_t j) {
    return i / 100 == j / 150 ? 0.5f : static_cast<float>((i * j) % 7) * 0.01f;
  });
  for (const Matrix& matrix : {noise, blocks}) {
    MatrixExport request = exportOf(matrix, ExportKind::Picture);
    request.picture.viewport = fittedViewport(1300, 1300, 700, 700);
    request.picture.factor = 4;
    for (const ExportKind kind : kAllKinds) {
      request.kind = kind;
      const auto estimate = estimatedBytes(request);
      const auto bytes = exportMatrix(request, dir / "file");
      ASSERT_TRUE(estimate && bytes);
      EXPECT_EQ(*bytes, fs::file_size(dir / "file"));
      EXPECT_NEAR(static_cast<double>(*estimate),
                  static_cast<double>(*bytes),
                  0.1 * static_cast<double>(*bytes))
          << "kind " << static_cast<int>(kind);
    }
  }
}

TEST(MatrixExport, AStopLeavesNoFileAndKeepsTheOldOne) {
  const TempDir dir;
  writeFileAtomically(dir / "file", "old");
  MatrixExport request = exportOf(randomMatrix(1000, 1000, 4), ExportKind::Csv);
  request.picture.viewport = fittedViewport(1000, 1000, 1000, 1000);
  for (const ExportKind kind :
       {ExportKind::Picture, ExportKind::FullPicture, ExportKind::Npy, ExportKind::Csv}) {
    request.kind = kind;
    std::stop_source stop;
    double last = 0;
    JobControl control{.stop = stop.get_token()};
    control.progress = [&](double share) {
      EXPECT_GE(share, last);
      last = share;
      stop.request_stop();
    };
    EXPECT_FALSE(exportMatrix(request, dir / "file", control));
    EXPECT_GT(last, 0) << "it was stopped before it began";
    EXPECT_EQ(entriesIn(dir.path()), 1);
    EXPECT_EQ(readFileText(dir / "file", 100), "old");
  }
}

TEST(MatrixExport, SaysWhatCannotBeWrittenAndLeavesNothing) {
  const TempDir dir;
  const MatrixExport request = exportOf(randomMatrix(200, 200, 4), ExportKind::FullPicture);
  const auto path = dir / "missing/c.png";
  EXPECT_EQ(messageOf(request, path), "Cannot write " + path.string() + ": it does not exist.");
  std::ofstream(dir / "file") << "text";
  EXPECT_NE(messageOf(request, dir / "file/c.png").find("not a folder"), std::string::npos);

  // A full disk in the middle of a PNG: the failure crosses the C library that packs it.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = messageOf(request, dir / "c.png");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(message.find((dir / "c.png").string()), std::string::npos) << message;
  EXPECT_EQ(entriesIn(dir.path()), 1) << "only the file that is no folder";
}

TEST(MatrixExport, RefusesAnEmptySelectionAndACsvAboveItsLimit) {
  const TempDir dir;
  MatrixExport request = exportOf(randomMatrix(64, 64, 4), ExportKind::Csv);
  request.rows.emplace();
  EXPECT_NE(messageOf(request, dir / "c.csv").find("no cell"), std::string::npos);
  request.kind = ExportKind::Npy;
  EXPECT_NE(messageOf(request, dir / "c.npy").find("no cell"), std::string::npos);

  request.kind = ExportKind::Csv;
  request.rows.reset();
  EXPECT_EQ(request.mostCsvBytes, kMostCsvBytes);
  request.mostCsvBytes = 20'000;
  const std::string message = messageOf(request, dir / "c.csv");
  EXPECT_NE(message.find("NPY with 16 KiB"), std::string::npos) << message;
  EXPECT_NE(message.find("c.csv"), std::string::npos) << message;
  EXPECT_EQ(entriesIn(dir.path()), 0);
  request.mostCsvBytes = 200'000;
  const auto bytes = exportMatrix(request, dir / "c.csv");
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 20'000u);
}

TEST(MatrixExport, TextForTheClipboardHasTabsAndALimit) {
  MatrixExport request = exportOf(
      Matrix::generated(2, 2, [](auto i, auto j) { return static_cast<float>(i + 2 * j); }),
      ExportKind::Csv);
  EXPECT_EQ(exportText(request, 1000), "dimension\t0\t1\n0\t0\t2\n1\t1\t3\n");
  EXPECT_THROW(exportText(request, 10), Exception);
}

TEST(MatrixExport, ExtremesHaveFilesToo) {
  const TempDir dir;
  for (const auto& [rows, columns] : {std::pair{1, 1}, std::pair{2, 2}, std::pair{5, 130}}) {
    MatrixExport request = exportOf(randomMatrix(rows, columns, 4), ExportKind::Picture);
    for (const ExportKind kind : kAllKinds) {
      request.kind = kind;
      const bool hasNone = (kind == ExportKind::Pairs && columns == 1) ||
                           (kind == ExportKind::OrderFile && rows != columns);
      if (hasNone) {
        EXPECT_NE(messageOf(request, dir / "file").find("has no"), std::string::npos);
      } else {
        EXPECT_TRUE(exportMatrix(request, dir / "file"));
      }
    }
  }
}

}  // namespace
}  // namespace barlow
