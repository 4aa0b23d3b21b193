#include "core/dataset/folder_tree.h"

#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/base/text.h"
#include "core/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// Files and folders of systems and programs that never belong to the data; most are hidden.
bool isLeftBehind(const std::string& name) {
  static constexpr std::array<std::string_view, 13> kNames = {"__macosx",
                                                              "@eadir",
                                                              "@recycle",
                                                              "#recycle",
                                                              "#snapshot",
                                                              "$recycle.bin",
                                                              "__pycache__",
                                                              "desktop.ini",
                                                              "ehthumbs.db",
                                                              "icon\r",
                                                              "lost+found",
                                                              "system volume information",
                                                              "thumbs.db"};
  return std::find(kNames.begin(), kNames.end(), lowerCase(name)) != kNames.end();
}

// Why an entry that is neither file nor folder is left out.
std::string specialReason(fs::file_type type) {
  switch (type) {
    case fs::file_type::fifo:
      return "a named pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::block:
    case fs::file_type::character:
      return "a device";
    default:
      return "neither a file nor a folder";
  }
}

std::string linkReason(const std::error_code& error) {
  if (error == std::errc::too_many_symbolic_link_levels) {
    return "a link that leads in a circle";
  }
  return error && error != std::errc::no_such_file_or_directory &&
                 error != std::errc::not_a_directory
             ? "a link that cannot be followed: " + error.message()
             : "a link to something that is not there";
}

/// A tree, and the links to folders in it that have not been followed yet.
struct Branch {
  FolderTree tree;
  std::vector<std::string> links;  // names
  std::vector<Branch> folders;
};

class Reader {
 public:
  Reader(std::vector<LeftOut>& leftOut, const std::stop_token& stop)
      : leftOut_(leftOut), stop_(stop) {}

  Branch readRoot(const fs::path& root) {
    std::error_code error;
    Branch branch = readReal(root, error);
    if (error) {
      throw Exception(fmt::format("Cannot look into {}: {}.", root.string(), error.message()));
    }
    return branch;
  }

  // After everything that is really there was seen, so that a link never takes its place.
  void followLinks(Branch& branch, const fs::path& path) {
    for (const std::string& link : branch.links) {
      std::error_code error;
      const fs::path target = fs::canonical(path / link, error);
      if (!error && seen_.contains(target.string())) {
        leaveOut(path / link, kReadAlready);
        continue;
      }
      if (Branch found = readReal(path / link, error); !error) {
        found.tree.name = link;
        branch.folders.push_back(std::move(found));
      } else {
        leaveOut(path / link, notLookedInto(error));
      }
    }
    std::sort(branch.folders.begin(), branch.folders.end(), [](const Branch& a, const Branch& b) {
      return a.tree.name < b.tree.name;
    });
    for (const bool isTraining : {true, false}) {
      for (Branch& folder : branch.folders) {
        if ((splitOf(folder.tree.name) == "train") == isTraining) {
          followLinks(folder, path / folder.tree.name);
        }
      }
    }
  }

 private:
  static constexpr const char* kReadAlready = "a link to a folder that is read already";

  static std::string notLookedInto(const std::error_code& error) {
    return "a folder that cannot be looked into: " + error.message();
  }

  void leaveOut(const fs::path& path, const std::string& reason) {
    addLeftOut(leftOut_, reason, path.string());
  }

  void leaveOutByEnding(const fs::path& path) {
    constexpr std::size_t kMostEndings = 40;
    constexpr std::size_t kLongestEnding = 9;
    const std::string ending = lowerCase(path.extension().string());
    const bool isNamed = ending.size() > 1 && ending.size() <= kLongestEnding &&
                         (endings_.contains(ending) || endings_.size() < kMostEndings);
    if (isNamed) {
      endings_.insert(ending);
    }
    leaveOut(path,
             ending.size() < 2 ? "not read: it has no ending of a picture"
             : isNamed         ? fmt::format("not read: it ends in {}", ending)
                               : "not read: its ending is another one");
  }

  // Without following links. On an error what was found until then.
  Branch readReal(const fs::path& path, std::error_code& error) {
    Branch branch;
    fs::directory_iterator entry(path, error);
    if (error) {
      return branch;
    }
    const fs::path real = fs::canonical(path, error);
    if (error) {
      return branch;
    }
    seen_.insert(real.string());
    std::vector<std::string> folders;
    for (; entry != fs::directory_iterator(); entry.increment(error)) {
      throwIfStopped(stop_);
      take(*entry, branch, folders);
    }
    std::sort(branch.tree.pictures.begin(), branch.tree.pictures.end());
    std::sort(branch.links.begin(), branch.links.end());
    std::sort(folders.begin(), folders.end());
    for (const std::string& name : folders) {
      std::error_code below;
      if (const fs::path target = fs::canonical(path / name, below);
          !below && seen_.contains(target.string())) {
        leaveOut(path / name, "a folder that is read already, where a link leads to it");
        continue;
      }
      Branch folder = readReal(path / name, below);
      if (below) {
        leaveOut(path / name, notLookedInto(below));
        continue;
      }
      folder.tree.name = name;
      branch.folders.push_back(std::move(folder));
    }
    return branch;
  }

  void take(const fs::directory_entry& entry, Branch& branch, std::vector<std::string>& folders) {
    const fs::path& path = entry.path();
    const std::string name = path.filename().string();
    if (name.starts_with(".")) {
      return leaveOut(path, "hidden: its name begins with a dot");
    }
    if (isLeftBehind(name)) {
      return leaveOut(path, "left there by another program");
    }
    std::error_code ignored;  // then it is no link
    const bool isLink = entry.is_symlink(ignored);
    std::error_code error;
    // In this order: for most entries the folder's own listing knows it.
    const fs::file_type type = entry.is_regular_file(error) ? fs::file_type::regular
                               : entry.is_directory(error)  ? fs::file_type::directory
                                                            : entry.status(error).type();
    if (type == fs::file_type::directory) {
      (isLink ? branch.links : folders).push_back(name);
    } else if (type == fs::file_type::regular) {
      if (hasPictureEnding(path)) {
        branch.tree.pictures.push_back(name);
      } else {
        leaveOutByEnding(path);
      }
    } else if (isLink && (type == fs::file_type::not_found || type == fs::file_type::none)) {
      leaveOut(path, linkReason(error));
    } else if (type == fs::file_type::none) {
      leaveOut(path, "an entry that cannot be looked at: " + error.message());
    } else if (type != fs::file_type::not_found) {  // what has vanished meanwhile is no loss
      leaveOut(path, specialReason(type));
    }
  }

  std::vector<LeftOut>& leftOut_;
  const std::stop_token& stop_;
  std::set<std::string> seen_;  // real folders
  std::set<std::string> endings_;
};

// What may follow the word in a split's name: nothing, or as in val2017, test1, testA,
// train_images.
bool isPartOfSplit(std::string_view rest) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "", "set", "data", "images", "imgs", "img", "split"};
  rest.remove_prefix(std::min(rest.find_first_not_of("_- ."), rest.size()));
  const bool isNumber =
      std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return isNumber || rest.size() == 1 ||
         std::find(kWords.begin(), kWords.end(), rest) != kWords.end();
}

FolderTree treeOf(Branch branch) {
  FolderTree tree = std::move(branch.tree);
  tree.count = static_cast<std::int64_t>(tree.pictures.size());
  for (Branch& folder : branch.folders) {
    tree.folders.push_back(treeOf(std::move(folder)));
    tree.count += tree.folders.back().count;
  }
  return tree;
}

}  // namespace

FolderTree readFolderTree(const fs::path& root,
                          std::vector<LeftOut>& leftOut,
                          const std::stop_token& stop) {
  Reader reader(leftOut, stop);
  Branch branch = reader.readRoot(root);
  reader.followLinks(branch, root);
  return treeOf(std::move(branch));
}

std::string splitOf(const std::string& folderName) {
  const std::string name = lowerCase(folderName);
  for (const auto& [word, split] : {std::pair<std::string_view, const char*>{"training", "train"},
                                    std::pair<std::string_view, const char*>{"train", "train"},
                                    std::pair<std::string_view, const char*>{"validation", "val"},
                                    std::pair<std::string_view, const char*>{"valid", "val"},
                                    std::pair<std::string_view, const char*>{"val", "val"},
                                    std::pair<std::string_view, const char*>{"testing", "test"},
                                    std::pair<std::string_view, const char*>{"test", "test"}}) {
    if (name.starts_with(word) && isPartOfSplit(name.substr(word.size()))) {
      return split;
    }
  }
  return "";
}

}  // namespace barlow
