#pragma once

#include "core/base/result.h"
#include "core/base/rgb_image.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

struct OpenedDataset;

/// The SPEC of what a person chose: "cifar10:DIR" for a folder that holds CIFAR-10's binary files,
/// CIFAR-100 likewise; anything else as it is. Looks at a few file names.
std::string recognizedSource(const std::string& source);

/// Why a path that a person chose names no picture ("notes.txt is not a picture: ..."), or empty
/// for one that is. Never waits for a pipe.
std::string whyNoPicture(const std::string& path);

/// The folder that a SPEC names where nothing is there any more, else empty.
std::string missingFolder(const std::string& source);

/// The images of a data set for looking at: training images first, then those held out, in the
/// order and with the indices that training uses. After open() every function may be called from
/// any number of threads at once.
class DatasetBrowser {
 public:
  /// Lists folders and reads image headers: blocks, call it on a worker. `seed` as in
  /// openDataset(). Throws Exception (what, which path, what to do), and Stopped.
  static std::shared_ptr<const DatasetBrowser> open(const DataParams& params,
                                                    std::int64_t seed,
                                                    const std::stop_token& stop = {});
  /// The same of data that are open already.
  static std::shared_ptr<const DatasetBrowser> of(OpenedDataset data);

  std::int64_t size() const;
  std::int64_t trainSize() const;  // images [0, trainSize) are trained on
  /// "train", "test", "val", or "held out" where the data has no split of its own.
  std::string split(std::int64_t index) const;
  /// The class, or -1 where there is none.
  int label(std::int64_t index) const;
  const std::vector<std::string>& classNames() const;  // empty without labels
  std::string name(std::int64_t index) const;          // a path, or "record 17 of ..."
  const std::vector<SampleProblem>& problems() const;  // images that cannot be used, and why
  const std::vector<LeftOut>& leftOut() const;         // what else lies in the folder
  const std::vector<SplitUse>& splits() const;         // all of the data, used or not

  /// Decodes the whole image; an unreadable one is an ordinary failure.
  Result<RgbImage> image(std::int64_t index) const;
  /// The image made to fit into side x side pixels, its aspect kept; never larger than the image.
  Result<RgbImage> thumbnail(std::int64_t index, int side) const;

  ~DatasetBrowser();

 private:
  struct Impl;
  explicit DatasetBrowser(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
