#include "core/runs/run_folder.h"
#include "tests/end_to_end/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

// How a run ends where somebody else decides it: signals, outputs that cannot be written, a folder
// that goes away, a full disk.

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string textOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `script` is a shell's; "$@" in it is the command.
std::vector<std::string> inShell(const std::string& script, std::vector<std::string> command) {
  command.insert(command.begin(), {"/bin/sh", "-c", script, "sh"});
  return command;
}

// A run that goes on for some minutes unless it is ended.
std::vector<std::string> longTraining(const fs::path& out) {
  return barlowCommand(tinyTraining(out.string(),
                                    {"--set",
                                     "run.epochs=20000",
                                     "--set",
                                     "evaluate.every_epochs=0",
                                     "--set",
                                     "run.checkpoint_every_steps=1000000"}));
}

bool hasRows(const fs::path& run) {
  return fs::exists(run / "config.json") && textOf(run / "metrics.jsonl").size() > 1000;
}

std::int64_t newestCheckpoint(const fs::path& run) {
  std::int64_t newest = -1;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    newest = std::max<std::int64_t>(newest, std::stoll(entry.path().filename().string().substr(5)));
  }
  return newest;
}

// One of each kind; which signals there are is tested in core/base.
TEST(Ending, ASignalThatAsksForItSavesTheRun) {
  const TempDir dir;
  for (const int signal : {SIGTERM, SIGXCPU}) {
    SCOPED_TRACE(signal);
    const fs::path run = dir / ("run-" + std::to_string(signal));
    Process process(longTraining(run), dir.path());
    process.waitUntil([&] { return hasRows(run); });
    process.signal(SIGPIPE);
    process.signal(signal);
    const ProcessResult result = process.wait();
    EXPECT_EQ(result.exitCode, 130) << result.err;
    EXPECT_EQ(readRunRecord(run).state, "stopped");
    EXPECT_EQ(newestCheckpoint(run), readMetrics(run).back().step);
  }
}

TEST(Ending, AnIgnoredHangUpStaysIgnored) {
  const TempDir dir;
  const fs::path run = dir / "run";
  auto command = longTraining(run);
  command[1] = "--ignore-signal=HUP";
  Process process(command, dir.path());
  process.waitUntil([&] { return hasRows(run); });
  process.signal(SIGHUP);
  const std::size_t rows = readMetrics(run).size();
  process.waitUntil([&] { return readMetrics(run).size() > rows + 20; });
  EXPECT_TRUE(process.isRunning());
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().exitCode, 130);
}

TEST(Ending, ALogThatCannotBeWrittenStopsNothing) {
  const TempDir dir;
  for (const std::string log : {"2>&-", "2>/dev/full"}) {
    const fs::path run = dir / ("run" + std::to_string(log.size()));
    const ProcessResult result = runProcess(
        inShell("exec \"$@\" " + log, barlowCommand(tinyTraining(run, {"--json"}))), dir.path());
    EXPECT_EQ(result.exitCode, 0) << log;
    EXPECT_THAT(result.out, HasSubstr("\"finished\"")) << log;
    EXPECT_EQ(readMetrics(run).size(), 16u)
        << log << ": no line of ours went into a file of the run";
  }
}

TEST(Ending, AResultThatCannotBeWrittenIsAFailure) {
  const TempDir dir;
  for (const std::string out : {">&-", ">/dev/full"}) {
    for (const auto& arguments : {std::vector<std::string>{"presets", "list", "--json"},
                                  std::vector<std::string>{"data", "check", "shapes"},
                                  std::vector<std::string>{"--help"}}) {
      const ProcessResult result =
          runProcess(inShell("exec \"$@\" " + out, barlowCommand(arguments)), dir.path());
      EXPECT_EQ(result.exitCode, 1) << out << " " << arguments[0];
      EXPECT_THAT(result.err, HasSubstr("barlow: Standard output cannot be written")) << out;
      EXPECT_THAT(result.err, testing::Not(HasSubstr("should not"))) << out;
    }
  }
  const fs::path run = dir / "run";
  const ProcessResult result = runProcess(
      inShell("exec \"$@\" >/dev/full", barlowCommand(tinyTraining(run, {"--json"}))), dir.path());
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.err, HasSubstr("Standard output cannot be written"));
  EXPECT_EQ(readRunRecord(run).state, "finished") << "the run itself is whole";
}

// Issue 16, F12.
TEST(Ending, ARunWhoseFolderVanishesIsSavedBesideIt) {
  const TempDir dir;
  for (const bool isMoved : {false, true}) {
    SCOPED_TRACE(isMoved);
    const fs::path run = dir / (isMoved ? "moved" : "removed");
    Process process(longTraining(run), dir.path());
    process.waitUntil([&] { return hasRows(run); });
    if (isMoved) {
      fs::rename(run, dir / "elsewhere");
    } else {
      fs::rename(run, dir / "trash");
      fs::remove_all(dir / "trash");
    }
    const ProcessResult result = process.wait();
    EXPECT_EQ(result.exitCode, 1);
    const fs::path saved = run.string() + "-saved";
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("The run folder " + run.string() + " has vanished"),
                      HasSubstr("saved in " + saved.string())));
    EXPECT_FALSE(fs::exists(run)) << "it is not made again";
    ASSERT_TRUE(isRunFolder(saved));
    EXPECT_EQ(readRunRecord(saved).state, "stopped");
    const auto rows = readMetrics(saved);
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.front().step, 1);
    EXPECT_EQ(rows.back().step, static_cast<std::int64_t>(rows.size()));
    EXPECT_EQ(newestCheckpoint(saved), rows.back().step);
    const ProcessResult resumed = barlowCli(
        dir, {"resume", saved.string(), "--steps", std::to_string(rows.size() + 2), "--json"});
    EXPECT_EQ(resumed.exitCode, 0) << resumed.err;
  }
}

// A limit on the size of files stands in for the full disk.
TEST(Ending, ARunThatCannotBeSavedIsHeldUntilItIsGivenUp) {
  const TempDir dir;
  const fs::path run = dir / "run";
  const fs::path log = dir / "log";
  Process process(inShell("ulimit -f 16; exec \"$@\" 2>" + log.string(),  // 8 or 16 KiB
                          barlowCommand(tinyTraining(
                              run, {"--set", "run.epochs=1", "--set", "model.width=32"}))),
                  dir.path());
  process.waitUntil(
      [&] { return textOf(log).find("trying again every minute") != std::string::npos; });
  ASSERT_TRUE(process.isRunning()) << textOf(log);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().exitCode, 1);
  EXPECT_THAT(textOf(log),
              HasSubstr("All 4 steps of this run are lost, as they could not be saved"));
  EXPECT_EQ(readRunRecord(run).state, "failed");
}

TEST(Ending, NamesAreShownAsTheyAre) {
  const TempDir dir;
  const fs::path bad = dir / "bad\n\x1b[31m";
  const ProcessResult result = barlowCli(dir, {"resume", bad.string()});
  EXPECT_NE(result.exitCode, 0);
  EXPECT_THAT(result.err, HasSubstr("bad\\n\\x1b[31m"));
}

TEST(Ending, ThreadsAreThoseOfTheEnvironmentUnlessGiven) {
  const TempDir dir;
  auto arguments = tinyTraining(dir / "run", {"--set", "run.threads=0", "--steps", "1"});
  arguments.erase(std::find(arguments.begin(), arguments.end(), "--threads"));
  arguments.erase(std::find(arguments.begin(), arguments.end(), "1"));
  auto command = barlowCommand(arguments);
  command.insert(command.begin() + 2, "OMP_NUM_THREADS=3");
  ASSERT_EQ(runProcess(command, dir.path()).exitCode, 0);
  EXPECT_EQ(readRunRecord(dir / "run").threads, 3);
}

}  // namespace
}  // namespace barlow
