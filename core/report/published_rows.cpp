#include "core/report/published_rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

namespace barlow {
namespace {

constexpr const char* kOnline =
    "Learnt beside training on features of augmented views, not afterwards; the backbone's first "
    "convolution pads by two.";
constexpr const char* kLightly =
    "The best of all epochs, not the last; numbers of early 2023, before lightly mended its loss "
    "(unbiased deviations) and BYOL's views; images normalised as ImageNet's.";
constexpr const char* kHsic =
    "One user's log of a ResNet-50 with a projector of 128 dimensions and lambda 1/128; votes of "
    "200 neighbours.";
constexpr const char* kPaper =
    "ResNet-50 on ImageNet, 1000 epochs of batches of 2048; the best of the probe's epochs.";
constexpr const char* kTuned =
    "ResNet-50 on ImageNet, tuned as a whole with SimCLR's lists of labelled images.";

struct Other {
  const char* method;
  double top1;
  double top5;  // 0: not published
};

// The same row of other methods, behind that of Barlow Twins.
void addBehind(std::vector<PublishedRow>& rows,
               const char* data,
               const char* model,
               const std::vector<Other>& others) {
  auto place = std::find_if(rows.begin(), rows.end(), [&](const PublishedRow& row) {
    return row.data == data && row.model == model;
  });
  for (const Other& other : others) {
    PublishedRow row = *place;
    row.method = other.method;
    row.top1 = other.top1;
    row.top5 = other.top5 > 0 ? std::optional(other.top5) : std::nullopt;
    place = rows.insert(place + 1, std::move(row));
  }
}

// solo-learn's table (online linear; ImageNet-100: afterwards) and lightly's (kNN).
void addOthers(std::vector<PublishedRow>& rows) {
  addBehind(rows,
            "cifar10",
            "ResNet-18, 1000 epochs, batch 256",
            {{"VICReg", 0.9207, 0.9974},
             {"SimCLR", 0.9074, 0.9975},
             {"MoCo v2+", 0.9294, 0.9979},
             {"BYOL", 0.9258, 0.9979},
             {"SimSiam", 0.9051, 0.9972},
             {"SwAV", 0.8917, 0.9968},
             {"DeepCluster v2", 0.8885, 0.9958}});
  addBehind(rows,
            "cifar100",
            "ResNet-18, 1000 epochs, batch 256",
            {{"VICReg", 0.6854, 0},
             {"SimCLR", 0.6578, 0},
             {"MoCo v2+", 0.6989, 0},
             {"BYOL", 0.7046, 0},
             {"SimSiam", 0.6604, 0},
             {"SwAV", 0.6488, 0},
             {"DeepCluster v2", 0.6361, 0}});
  addBehind(rows,
            "imagenet100",
            "ResNet-18, 400 epochs, batch 256",
            {{"VICReg", 0.7940, 0},
             {"MoCo v2+", 0.7928, 0},
             {"BYOL", 0.8032, 0},
             {"SimSiam", 0.7872, 0},
             {"SwAV", 0.7428, 0},
             {"DeepCluster v2", 0.7540, 0}});
  const auto lightly = [&](const char* data, const char* model, std::vector<double> top1) {
    std::vector<Other> others = {{"BYOL", top1[0], 0},
                                 {"SimCLR", top1[1], 0},
                                 {"MoCo", top1[2], 0},
                                 {"SimSiam", top1[3], 0},
                                 {"SwAV", top1[4], 0}};
    if (top1.size() > 5) {
      others.push_back({"VICReg", top1[5], 0});
    }
    addBehind(rows, data, model, others);
  };
  lightly("cifar10", "ResNet-18, 200 epochs, batch 128", {0.869, 0.847, 0.838, 0.819, 0.812});
  lightly("cifar10", "ResNet-18, 200 epochs, batch 512", {0.868, 0.848, 0.847, 0.764, 0.842});
  lightly("cifar10", "ResNet-18, 800 epochs, batch 512", {0.910, 0.879, 0.899, 0.904, 0.884});
  lightly("imagenette",
          "ResNet-18, 200 epochs, batch 256, 128 px",
          {0.705, 0.835, 0.786, 0.752, 0.861, 0.763});
  lightly("imagenette",
          "ResNet-18, 800 epochs, batch 256, 128 px",
          {0.887, 0.889, 0.874, 0.872, 0.902, 0.845});
  lightly("imagenet100", "ResNet-18, 200 epochs, batch 256", {0.439, 0.469, 0.560, 0.534, 0.678});
}

std::vector<PublishedRow> makeRows() {
  std::vector<PublishedRow> rows = {
      {"cifar10",
       "linear",
       "solo-learn",
       "ResNet-18, 1000 epochs, batch 256",
       "online linear",
       0.9210,
       0.9973,
       1000,
       kOnline},
      {"cifar100",
       "linear",
       "solo-learn",
       "ResNet-18, 1000 epochs, batch 256",
       "online linear",
       0.7090,
       0.9191,
       1000,
       kOnline},
      {"imagenet100",
       "linear",
       "solo-learn",
       "ResNet-18, 400 epochs, batch 256",
       "linear, afterwards",
       0.8016,
       {},
       400,
       "Afterwards, with solo-learn's own settings; which hundred classes differs between papers."},
      {"cifar10",
       "knn",
       "lightly",
       "ResNet-18, 200 epochs, batch 128",
       "kNN, k 200, T 0.1",
       0.842,
       {},
       200,
       kLightly},
      {"cifar10",
       "knn",
       "lightly",
       "ResNet-18, 200 epochs, batch 512",
       "kNN, k 200, T 0.1",
       0.819,
       {},
       200,
       kLightly},
      {"cifar10",
       "knn",
       "lightly",
       "ResNet-18, 800 epochs, batch 512",
       "kNN, k 200, T 0.1",
       0.859,
       {},
       800,
       kLightly},
      {"imagenette",
       "knn",
       "lightly",
       "ResNet-18, 200 epochs, batch 256, 128 px",
       "kNN, k 200, T 0.1",
       0.651,
       {},
       200,
       kLightly},
      {"imagenette",
       "knn",
       "lightly",
       "ResNet-18, 800 epochs, batch 256, 128 px",
       "kNN, k 200, T 0.1",
       0.852,
       {},
       800,
       kLightly},
      {"imagenet100",
       "knn",
       "lightly",
       "ResNet-18, 200 epochs, batch 256",
       "kNN, k 200, T 0.1",
       0.465,
       {},
       200,
       kLightly},
  };
  addOthers(rows);
  constexpr std::array<double, 10> kCurve = {
      0.4733, 0.5380, 0.5844, 0.6311, 0.6555, 0.6659, 0.6885, 0.6917, 0.7124, 0.7238};
  for (std::size_t i = 0; i < kCurve.size(); ++i) {
    rows.push_back({"cifar10",
                    "knn",
                    "HSIC",
                    "ResNet-50, batch 128",
                    "kNN, k 200, T 0.5",
                    kCurve.at(i),
                    {},
                    5 * static_cast<int>(i + 1),
                    kHsic});
  }
  rows.insert(
      rows.end(),
      {{"cifar10",
        "linear",
        "HSIC",
        "ResNet-50, batch 128",
        "linear",
        0.785,
        {},
        50,
        "One user's log; the probe lets BatchNorm's statistics move, so that the features are not "
        "frozen."},
       {"imagenet",
        "linear",
        "paper, table 1",
        "ResNet-50",
        "linear, official",
        0.732,
        0.910,
        1000,
        kPaper},
       {"imagenet",
        "finetune",
        "paper, table 2",
        "ResNet-50",
        "fine-tuned, 1% of the labels",
        0.550,
        0.792,
        1000,
        kTuned},
       {"imagenet",
        "finetune",
        "paper, table 2",
        "ResNet-50",
        "fine-tuned, 10% of the labels",
        0.697,
        0.893,
        1000,
        kTuned},
       {"places205",
        "linear",
        "paper, table 3",
        "ResNet-50",
        "linear, transfer from ImageNet",
        0.541,
        {},
        1000,
        "A linear classifier on Places-205 over features learnt on ImageNet, 14 epochs."},
       {"inat18",
        "linear",
        "paper, table 3",
        "ResNet-50",
        "linear, transfer from ImageNet",
        0.465,
        {},
        1000,
        "A linear classifier on iNaturalist 2018 over features learnt on ImageNet, 84 epochs."},
       {"voc07",
        "linear",
        "paper, table 3",
        "ResNet-50",
        "linear SVMs, mAP, transfer from ImageNet",
        0.862,
        {},
        1000,
        "Mean average precision of support vector machines, not top-1."},
       {"voc-detection",
        "detection",
        "paper, table 4",
        "ResNet-50",
        "Faster R-CNN C4, AP50 on VOC07+12",
        0.826,
        {},
        1000,
        "Average precision of boxes after 24,000 iterations of detection training, not top-1."},
       {"coco-detection",
        "detection",
        "paper, table 4",
        "ResNet-50",
        "Mask R-CNN C4, 1x, box AP50 on COCO",
        0.590,
        {},
        1000,
        "Average precision of boxes after detection training, not top-1."}});
  return rows;
}

// Of a SPEC what stands before the colon; a folder by its name ("imagenette2-160").
std::string dataOf(const std::string& source) {
  const std::string kind = source.substr(0, source.find(':'));
  if (kind == "cifar10" || kind == "cifar100") {
    return kind;
  }
  std::filesystem::path folder = std::filesystem::path(source).lexically_normal();
  if (!folder.has_filename()) {  // "/data/imagenette2/"
    folder = folder.parent_path();
  }
  std::string name;
  for (const char c : folder.filename().string()) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  std::string best;
  for (const PublishedRow& row : publishedRows()) {
    if (name.starts_with(row.data) && row.data.size() > best.size()) {
      best = row.data;
    }
  }
  return best;
}

}  // namespace

const std::vector<PublishedRow>& publishedRows() {
  static const std::vector<PublishedRow> rows = makeRows();
  return rows;
}

std::vector<PublishedRow> publishedFor(const std::string& source, const std::string& probe) {
  const std::string data = dataOf(source);
  std::vector<PublishedRow> found;
  for (const PublishedRow& row : publishedRows()) {
    if (row.data == data && (probe.empty() || row.probe == probe)) {
      found.push_back(row);
    }
  }
  return found;
}

}  // namespace barlow
