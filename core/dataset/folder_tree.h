#pragma once

#include "core/report/scan_report.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// A folder with what could be pictures below it.
struct FolderTree {
  std::string name;                   // in its parent
  std::vector<std::string> pictures;  // files with the ending of a picture, sorted
  std::vector<FolderTree> folders;    // sorted by name
  std::int64_t count = 0;             // pictures in it and below
};

/// Looks at the kind of every entry below `root` and opens nothing but folders. Links are followed,
/// each real folder is taken once: where it lies before where a link leads to it, and as training
/// data before anything else. Hidden entries, what other programs leave behind, files with another
/// ending, pipes, sockets, devices, links to nothing and folders that may not be looked into are
/// added to `leftOut`. Throws Exception when `root` itself may not be looked into, and Stopped.
FolderTree readFolderTree(const std::filesystem::path& root,
                          std::vector<LeftOut>& leftOut,
                          const std::stop_token& stop = {});

/// "train", "val" or "test" for the name of such a folder (also training, testing, valid,
/// validation, and as in val2017, testA or train_images, in any letter case), else empty.
std::string splitOf(const std::string& folderName);

}  // namespace barlow
