#include "tests/support/embeddings.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace barlow {
namespace {

// barlow-studio as on a machine without a screen.
ProcessResult studio(const TempDir& scratch, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/env",
                                      "-u",
                                      "DISPLAY",
                                      "-u",
                                      "WAYLAND_DISPLAY",
                                      "-u",
                                      "QT_QPA_PLATFORM",
                                      "XDG_DATA_HOME=" + (scratch / "data").string(),
                                      BARLOW_STUDIO_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return runProcess(command, scratch.path());
}

TEST(StudioProgram, AnswersWrongUseWithoutADisplay) {
  const TempDir dir;
  std::ofstream(dir / "notes.txt") << "words";
  for (const char* pipe : {"pipe.jpg", "pipe.json"}) {  // opening one would wait for ever
    ASSERT_EQ(mkfifo((dir / pipe).c_str(), 0600), 0);
  }
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--workspace", "nowhere"}, "start, data, augment, train, inspect and evaluate"},
      {{"--theme", "pink"}, "light, dark or system"},
      {{"--size", "big"}, "1280x800"},
      {{"--start", "nothing"}, "quick-shapes"},
      {{"--until-step", "0", "--start", "quick-shapes"}, "1 or more"},
      {{"--until-step", "5"}, "--start"},
      {{(dir / "missing").string()}, "does not exist"},
      {{(dir / "notes.txt").string()}, "is not a picture"},
      {{(dir / "pipe.jpg").string()}, "a pipe"},
      {{(dir / "pipe.json").string()}, "a pipe"},
      {{(dir / "a.npy").string(), (dir / "b.npy").string()}, "b.npy is no file"},
      {{"a", "b", "c"}, "not 3"},
      {{"--bogus"}, "bogus"},
  };
  for (const auto& [arguments, expected] : cases) {
    const ProcessResult result = studio(dir, arguments);
    EXPECT_EQ(result.exitCode, 2) << arguments.front();
    EXPECT_NE(result.err.find(expected), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("--help"), std::string::npos) << result.err;
  }
  EXPECT_EQ(studio(dir, {"--help"}).exitCode, 0);
  EXPECT_EQ(studio(dir, {"--version"}).exitCode, 0);
  const ProcessResult window = studio(dir, {});
  EXPECT_EQ(window.exitCode, 1);
  EXPECT_NE(window.err.find("no display"), std::string::npos) << window.err;
}

TEST(StudioProgram, MakesAPictureWithoutADisplay) {
  const TempDir dir;
  const std::string file = (dir / "picture.png").string();
  const ProcessResult result = studio(dir,
                                      {"--workspace",
                                       "data",
                                       "--theme",
                                       "dark",
                                       "--size",
                                       "1280x800",
                                       "--screenshot",
                                       file,
                                       "shapes"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  std::ifstream png(file, std::ios::binary);
  std::string head(24, '\0');
  png.read(head.data(), 24);
  ASSERT_EQ(head.substr(1, 3), "PNG");
  const auto number = [&](std::size_t at) {
    return (static_cast<unsigned char>(head[at + 2]) << 8) |
           static_cast<unsigned char>(head[at + 3]);
  };
  EXPECT_EQ(number(16), 1280);
  EXPECT_EQ(number(20), 800);
  const ProcessResult unwritable =
      studio(dir, {"--screenshot", (dir / "no" / "such" / "folder.png").string()});
  EXPECT_EQ(unwritable.exitCode, 1);
  EXPECT_NE(unwritable.err.find("cannot be written"), std::string::npos) << unwritable.err;
}

// What a stale forwarding of X11 leaves behind.
std::vector<std::string> withDisplay(const TempDir& scratch, const std::vector<std::string>& more) {
  std::vector<std::string> command = {"/usr/bin/env",
                                      "-u",
                                      "WAYLAND_DISPLAY",
                                      "-u",
                                      "QT_QPA_PLATFORM",
                                      "DISPLAY=localhost:99.0",
                                      "XDG_DATA_HOME=" + (scratch / "data").string(),
                                      BARLOW_STUDIO_PROGRAM};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

TEST(StudioProgram, SaysThatADisplayCannotBeReached) {
  const TempDir dir;
  const ProcessResult window = runProcess(withDisplay(dir, {}), dir.path());
  EXPECT_EQ(window.exitCode, 1);
  EXPECT_NE(window.err.find("DISPLAY=localhost:99.0"), std::string::npos) << window.err;
  EXPECT_EQ(std::count(window.err.begin(), window.err.end(), '\n'), 1) << window.err;
  const std::string file = (dir / "picture.png").string();
  const ProcessResult picture =
      runProcess(withDisplay(dir, {"--screenshot", file, "--workspace", "start"}), dir.path());
  EXPECT_EQ(picture.exitCode, 0) << picture.err;
  EXPECT_TRUE(std::filesystem::exists(file));
}

/// A window that trains, with its data in `data`.
class TrainingWindow {
 public:
  TrainingWindow(const TempDir& scratch, const std::vector<std::string>& environment)
      : data_(scratch / "data"), process_(command(environment), scratch.path()) {}

  // Until the run has a step behind it.
  void waitForAStep() {
    const auto hasRow = [this] {
      std::error_code ignored;  // not made yet
      return !run().empty() && std::filesystem::file_size(run() / "metrics.jsonl", ignored) > 0 &&
             !ignored;
    };
    process_.waitUntil(hasRow);
  }
  Process& process() { return process_; }
  std::filesystem::path run() const {
    std::error_code ignored;  // not made yet
    const std::filesystem::directory_iterator entries(data_ / "barlow-studio" / "runs", ignored);
    return entries == std::filesystem::directory_iterator() ? std::filesystem::path()
                                                            : entries->path();
  }

 private:
  std::vector<std::string> command(const std::vector<std::string>& environment) const {
    std::vector<std::string> all = {"/usr/bin/env", "--default-signal"};
    all.insert(all.end(), environment.begin(), environment.end());
    all.insert(
        all.end(),
        {"XDG_DATA_HOME=" + data_.string(), BARLOW_STUDIO_PROGRAM, "--start", "quick-shapes"});
    return all;
  }

  std::filesystem::path data_;
  Process process_;
};

// Which signals there are is tested in core/base.
TEST(StudioProgram, ASignalStopsTheRunAndKeepsIt) {
  const TempDir dir;
  TrainingWindow window(dir, {"QT_QPA_PLATFORM=offscreen"});
  window.waitForAStep();
  ASSERT_TRUE(window.process().isRunning());
  window.process().signal(SIGHUP);
  const ProcessResult result = window.process().wait();
  EXPECT_EQ(result.exitCode, 130) << result.err;
  EXPECT_FALSE(std::filesystem::is_empty(window.run() / "checkpoints"));
}

// An X server of the test's own, without a screen.
TEST(StudioProgram, ADisplayThatGoesAwayStopsTheRunAndKeepsIt) {
  if (!std::filesystem::exists("/usr/bin/Xvfb")) {
    GTEST_SKIP() << "no Xvfb";
  }
  const TempDir dir;
  const std::string numberFile = dir / "number";
  Process server({"/bin/sh", "-c", "exec /usr/bin/Xvfb -displayfd 3 3>" + numberFile}, dir.path());
  std::string number;
  server.waitUntil([&] {
    std::ifstream file(numberFile);
    return std::getline(file, number) && !file.eof();
  });
  ASSERT_TRUE(server.isRunning());
  TrainingWindow window(dir,
                        {"-u", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM=xcb", "DISPLAY=:" + number});
  window.waitForAStep();
  ASSERT_TRUE(window.process().isRunning()) << window.process().wait().err;
  server.signal(SIGKILL);
  const ProcessResult result = window.process().wait();
  EXPECT_EQ(result.exitCode, 1) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_NE(result.err.find("the display went away"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::is_empty(window.run() / "checkpoints"));
}

TEST(StudioProgram, InspectsEmbeddingsFromAFile) {
  const TempDir dir;
  writeMoment(dir.path(), *randomEmbeddings(64, 40, 3));
  const std::string picture = (dir / "inspect.png").string();
  const ProcessResult result = studio(dir,
                                      {"--screenshot",
                                       picture,
                                       "--size",
                                       "1280x800",
                                       (dir / "matrices" / "step-00000003.safetensors").string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_GT(std::filesystem::file_size(picture), 20'000u) << "a matrix is no plain area";
}

}  // namespace
}  // namespace barlow
