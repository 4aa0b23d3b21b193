#include "core/runs/run_folder.h"

#include "core/base/atomic_file.h"
#include "core/params/config_io.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <unistd.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

RunRecord someRecord() {
  RunRecord record;
  record.id = "id-1";
  record.name = "a \"name\"";
  record.notes = "two\nlines";
  record.tags = {"x", "y"};
  record.state = "paused";
  record.program = "Barlow Studio 0.1.0";
  record.libtorch = "2.13.0";
  record.device = "cpu";
  record.precision = "fp32";
  record.lossForm = "gram";
  record.threads = 2;
  record.loaderWorkers = 3;
  record.dataFingerprint = "abc";
  record.started = "2026-01-31T12:00:00.000Z";
  record.ended = "2026-01-31T12:00:01.000Z";
  record.error = "none";
  record.steps = 17;
  record.processId = 4711;
  record.metrics = barlowTwinsSchema(64, 32, 0.01);
  return record;
}

class RunFolderTest : public testing::Test {
 protected:
  RunFolder create() const { return RunFolder::create(path_, RunConfig{}, someRecord()); }
  void createWithRows(std::int64_t rows) const {
    RunFolder run = create();
    for (std::int64_t step = 1; step <= rows; ++step) {
      run.appendMetric({.step = step, .loss = 1.0 / static_cast<double>(step)});
    }
  }
  std::vector<std::int64_t> steps() const {
    std::vector<std::int64_t> steps;
    for (const MetricPoint& point : readMetrics(path_)) {
      steps.push_back(point.step);
    }
    return steps;
  }
  std::string text(const char* name) const { return readFileText(path_ / name, 1 << 20); }

  const TempDir dir_;
  const fs::path path_ = dir_ / "run";
};

TEST_F(RunFolderTest, KeepsConfigurationRecordAndRows) {
  RunConfig config;
  config.run.epochs = 7;
  {
    RunFolder run = RunFolder::create(path_, config, someRecord());
    for (std::int64_t step = 1; step <= 5; ++step) {
      run.appendMetric({.step = step, .loss = 1.0 / static_cast<double>(step)});
    }
    run.appendEvent({.kind = EventKind::Started});
    run.appendEvent({.kind = EventKind::Warning, .error = {"two\nlines", ""}});
    run.sync();
  }
  EXPECT_TRUE(isRunFolder(path_));
  EXPECT_TRUE(readRunConfig(path_) == config);
  EXPECT_EQ(readRunRecord(path_), someRecord());
  ASSERT_EQ(readMetrics(path_).size(), 5u);
  EXPECT_EQ(readMetrics(path_)[2].loss, 1.0 / 3.0);
  const std::string events = text("events.jsonl");
  EXPECT_EQ(std::count(events.begin(), events.end(), '\n'), 2);
  EXPECT_THAT(events, AllOf(HasSubstr(R"("event":"started")"), HasSubstr(R"("event":"warning")")));

  RunFolder run = RunFolder::open(path_);
  EXPECT_TRUE(run.config() == config);
  EXPECT_EQ(run.record(), someRecord());
}

TEST_F(RunFolderTest, UpdatesReachTheDisk) {
  RunFolder run = create();
  RunConfig config;
  config.run.epochs = 9;
  run.updateConfig(config);
  RunRecord record = someRecord();
  record.state = "finished";
  run.updateRecord(record);
  EXPECT_EQ(readRunConfig(path_).run.epochs, 9);
  EXPECT_EQ(readRunRecord(path_).state, "finished");
  EXPECT_EQ(run.config().run.epochs, 9);
  EXPECT_EQ(run.record().state, "finished");
}

TEST_F(RunFolderTest, NotANumberIsWrittenAsText) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  create().appendMetric({.step = 1, .loss = std::nan(""), .terms = {kInfinity, -kInfinity}});
  EXPECT_THAT(text("metrics.jsonl"),
              AllOf(HasSubstr(R"("loss":"nan")"),
                    HasSubstr(R"("on_diagonal":"inf")"),
                    HasSubstr(R"("off_diagonal":"-inf")")));
  const MetricPoint row = readMetrics(path_).at(0);
  EXPECT_TRUE(std::isnan(row.loss));
  EXPECT_EQ(row.terms.at(0), kInfinity);
  EXPECT_EQ(row.terms.at(1), -kInfinity);
}

// Issue 17: what a run measured stands in its record; before it did, there was Barlow Twins alone.
TEST_F(RunFolderTest, OfAnOlderProgramIsReadAsBarlowTwins) {
  create();
  RunConfig config;
  config.run.batchSize = 64;
  config.model.projector = {32};
  config.objective.barlowTwins.lambda = 0.25;
  writeFileAtomically(path_ / "config.json", toJson(config));
  writeFileAtomically(path_ / "run.json",
                      R"({"format":1,"id":"old","name":"","state":"finished"})");
  writeFileAtomically(
      path_ / "metrics.jsonl",
      R"({"step":1,"epoch":0,"loss":9.0,"on_diagonal":7.0,"off_diagonal":8.0,"floor":0.5,)"
      R"("mean_diagonal":0.75,"rms_off_diagonal":0.125,"learning_rate":0.1,)"
      R"("pairs_per_second":10.0,"data_wait_ms":0.5,"seconds":6.4})"
      "\n"
      R"({"step":2,"epoch":0,"loss":8.0,"on_diagonal":7.0})"
      "\n");
  EXPECT_FALSE(readRunRecord(path_).metrics);
  EXPECT_TRUE(metricsOf(readRunRecord(path_), readRunConfig(path_)) ==
              barlowTwinsSchema(64, 32, 0.25));
  const auto rows = readMetrics(path_);
  ASSERT_EQ(rows.size(), 2u) << "a row with a column less is a row";
  EXPECT_EQ(rows[0].terms, (std::vector<double>{7, 8, 0.5, 0.75, 0.125}));
  EXPECT_EQ(rows[1].terms.at(0), 7);
  EXPECT_TRUE(std::isnan(rows[1].terms.at(3)));

  RunFolder run = RunFolder::open(path_);
  run.appendMetric({.step = 3, .terms = {1, 2, 3, 4, 5}});
  run.cutMetricsAfter(3);
  run.sync();
  EXPECT_EQ(readMetrics(path_).at(2).terms.at(4), 5);
}

TEST_F(RunFolderTest, OfANewerProgramTellsOfItsOwnColumns) {
  RunRecord record = someRecord();
  record.metrics = MetricSchema{.terms = {{.key = "novelty", .label = "Novelty"}}};
  {
    RunFolder run = RunFolder::create(path_, RunConfig{}, record);
    run.appendMetric({.step = 1, .loss = 2, .terms = {0.5}});
    run.sync();
  }
  EXPECT_THAT(text("metrics.jsonl"), HasSubstr(R"("loss":2.0,"novelty":0.5,)"));
  EXPECT_EQ(readRunRecord(path_), record);
  EXPECT_EQ(readMetrics(path_).at(0).terms, std::vector{0.5});
}

TEST_F(RunFolderTest, ARowTornAtAnyByteIsDroppedAndTheNextOneIsWhole) {
  createWithRows(2);
  const std::string whole = text("metrics.jsonl");
  for (std::size_t length = whole.find('\n'); length <= whole.size(); ++length) {
    writeFileAtomically(path_ / "metrics.jsonl", std::string_view(whole).substr(0, length));
    const auto complete =
        std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length), '\n');
    ASSERT_EQ(std::ssize(steps()), complete) << length;
    RunFolder run = RunFolder::open(path_);
    run.appendMetric({.step = complete + 1});
    ASSERT_EQ(std::ssize(steps()), complete + 1) << length;
    EXPECT_EQ(steps().back(), complete + 1);
  }
}

TEST_F(RunFolderTest, ATornEventIsDroppedToo) {
  { create().appendEvent({.kind = EventKind::Started}); }
  const std::string whole = text("events.jsonl");
  writeFileAtomically(path_ / "events.jsonl", whole + R"({"event":"fini)");
  RunFolder::open(path_);
  EXPECT_EQ(text("events.jsonl"), whole);
}

TEST_F(RunFolderTest, CutsRowsAfterAStepAndGoesOnFromThere) {
  createWithRows(5);
  RunFolder run = RunFolder::open(path_);
  run.cutMetricsAfter(3);
  EXPECT_EQ(steps(), (std::vector<std::int64_t>{1, 2, 3}));
  run.appendMetric({.step = 4});
  EXPECT_EQ(steps(), (std::vector<std::int64_t>{1, 2, 3, 4}));
  run.cutMetricsAfter(0);
  EXPECT_TRUE(steps().empty());
  run.appendMetric({.step = 1});
  EXPECT_EQ(steps(), (std::vector<std::int64_t>{1}));
}

TEST_F(RunFolderTest, RewritesNothingWhenNothingHasToGo) {
  createWithRows(3);
  // A second name for the same file shows whether the first still is that file.
  fs::create_hard_link(path_ / "metrics.jsonl", dir_ / "second name");
  RunFolder run = RunFolder::open(path_);
  run.cutMetricsAfter(3);
  EXPECT_TRUE(fs::equivalent(path_ / "metrics.jsonl", dir_ / "second name"));
  run.cutMetricsAfter(2);
  EXPECT_FALSE(fs::equivalent(path_ / "metrics.jsonl", dir_ / "second name"));
}

TEST_F(RunFolderTest, AFullDiskIsReportedAndLeavesWholeRows) {
  RunFolder run = create();
  run.appendMetric({.step = 1});
  const std::uintmax_t oneRow = fs::file_size(path_ / "metrics.jsonl");
  {
    const FileSizeLimit limit(oneRow + oneRow / 2);
    EXPECT_THAT(messageOf([&] { run.appendMetric({.step = 2}); }), HasSubstr("metrics.jsonl"));
  }
  EXPECT_EQ(text("metrics.jsonl").size(), oneRow);
  run.appendMetric({.step = 2});
  EXPECT_EQ(steps(), (std::vector<std::int64_t>{1, 2}));
  {
    const FileSizeLimit limit(10);
    EXPECT_THAT(messageOf([&] { run.updateRecord(RunRecord{}); }), HasSubstr("run.json"));
    EXPECT_THAT(messageOf([&] { run.appendEvent({.kind = EventKind::Started}); }),
                HasSubstr("events.jsonl"));
  }
  EXPECT_EQ(readRunRecord(path_), someRecord());
  EXPECT_EQ(run.record(), someRecord());
}

TEST_F(RunFolderTest, AnAttemptThatFailedHalfwayCanBeRepeated) {
  {
    const FileSizeLimit limit(10);
    EXPECT_NE(messageOf([&] { create(); }), "");
  }
  EXPECT_FALSE(isRunFolder(path_));
  create();
  EXPECT_TRUE(isRunFolder(path_));
}

TEST_F(RunFolderTest, IsTrainedByOneAtATime) {
  const RunFolder run = create();
  EXPECT_THAT(messageOf([&] { RunFolder::open(path_); }),
              AllOf(HasSubstr("another process"), HasSubstr(path_.string())));
  EXPECT_EXIT(
      {
        const std::string message = messageOf([&] { RunFolder::open(path_); });
        std::_Exit(message.find("another process") == std::string::npos ? 1 : 0);
      },
      testing::ExitedWithCode(0),
      "");
  EXPECT_EQ(readRunRecord(path_), someRecord()) << "viewers need no lock";
}

TEST_F(RunFolderTest, ARunIsNeverOverwritten) {
  createWithRows(2);
  const std::string message = messageOf([&] { create(); });
  EXPECT_THAT(message,
              AllOf(HasSubstr(path_.string()), HasSubstr("--out"), HasSubstr("barlow resume")));
  EXPECT_EQ(steps().size(), 2u);
}

TEST_F(RunFolderTest, OtherFilesInTheFolderStayAndOurNamesAreFreed) {
  makeFolder(path_ / "checkpoints/step-00000001");
  writeFileAtomically(path_ / "metrics.jsonl", "of somebody else\n");
  writeFileAtomically(path_ / "run.json", "{}");
  writeFileAtomically(path_ / "notes.txt", "mine");
  { create().appendMetric({.step = 1}); }
  EXPECT_EQ(text("notes.txt"), "mine");
  EXPECT_EQ(text("metrics.jsonl.old-1"), "of somebody else\n");
  EXPECT_EQ(text("run.json.old-1"), "{}");
  EXPECT_TRUE(fs::exists(path_ / "checkpoints.old-1/step-00000001"));
  EXPECT_TRUE(fs::is_empty(path_ / "checkpoints"));
  EXPECT_EQ(steps(), (std::vector<std::int64_t>{1}));

  fs::remove(path_ / "config.json");
  { create(); }
  EXPECT_EQ(text("metrics.jsonl.old-1"), "of somebody else\n");
  EXPECT_TRUE(fs::exists(path_ / "metrics.jsonl.old-2"));
}

TEST_F(RunFolderTest, SaysWhereItCannotBeMade) {
  writeFileAtomically(path_, "a file");
  EXPECT_THAT(messageOf([&] { create(); }), AllOf(HasSubstr(path_.string()), HasSubstr("file")));
  // Nobody, not even root, makes folders there.
  EXPECT_THAT(messageOf([&] { RunFolder::create("/proc/run", RunConfig{}, someRecord()); }),
              HasSubstr("/proc/run"));
}

TEST_F(RunFolderTest, SaysWhenAFolderMayNotBeWritten) {
  makeFolder(path_);
  fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EXIT(
      {
        constexpr uid_t kNobody = 65534;
        if (geteuid() == 0 && setuid(kNobody) != 0) {  // root may write everywhere
          std::_Exit(2);
        }
        const std::string message = messageOf([&] { create(); });
        const bool isClear = message.find(path_.string()) != std::string::npos &&
                             message.find("permission") != std::string::npos;
        std::_Exit(isClear ? 0 : 1);
      },
      testing::ExitedWithCode(0),
      "");
  fs::permissions(path_, fs::perms::owner_all);
}

TEST_F(RunFolderTest, SaysWhatIsWrongWithDamagedFiles) {
  EXPECT_FALSE(isRunFolder(path_));
  EXPECT_THAT(messageOf([&] { RunFolder::open(path_); }),
              AllOf(HasSubstr(path_.string()), HasSubstr("config.json")));
  { create(); }
  const std::string sound = text("run.json");
  for (const char* damaged :
       {"", "{", "[]", R"({"id":"x"})", R"({"id":7,"name":"","state":"running"})"}) {
    writeFileAtomically(path_ / "run.json", damaged);
    EXPECT_THAT(messageOf([&] { readRunRecord(path_); }), HasSubstr("run.json is damaged"))
        << damaged;
  }
  writeFileAtomically(path_ / "run.json", R"({"format":2})");
  EXPECT_THAT(messageOf([&] { RunFolder::open(path_); }), HasSubstr("newer program"));
  writeFileAtomically(path_ / "run.json", sound);
  writeFileAtomically(path_ / "config.json", R"({"run":{"epochs":"x"}})");
  EXPECT_THAT(messageOf([&] { readRunConfig(path_); }),
              AllOf(HasSubstr("config.json"), HasSubstr("run.epochs")));
  fs::remove(path_ / "metrics.jsonl");
  EXPECT_THAT(messageOf([&] { readMetrics(path_); }), HasSubstr("metrics.jsonl"));
}

TEST_F(RunFolderTest, NoticesThatItsPlaceIsGoneAndWritesNothingThere) {
  const std::map<std::string, std::function<void()>> ways = {
      {"it was removed", [this] { fs::remove_all(path_); }},
      {"it was moved to", [this] { fs::rename(path_, path_.string() + "-moved"); }},
      {"it was moved to ",
       [this] {
         fs::rename(path_, path_.string() + "-moved-too");
         fs::create_directory(path_);  // somebody else's
       }},
      {"config.json was removed", [this] { fs::remove(path_ / "config.json"); }}};
  for (const auto& [reason, happen] : ways) {
    fs::remove_all(path_);
    RunFolder run = create();
    run.appendMetric(MetricPoint{.step = 1});
    EXPECT_FALSE(run.problem()) << reason;
    happen();
    ASSERT_TRUE(run.problem()) << reason;
    EXPECT_THAT(run.problem()->message, AllOf(HasSubstr(path_.string()), HasSubstr(reason)));
    EXPECT_THAT(messageOf([&] { run.updateRecord(someRecord()); }), HasSubstr("vanished"));
    EXPECT_NO_THROW(run.appendMetric(MetricPoint{.step = 2}));

    const fs::path other = freePath(path_.string() + "-saved");
    {
      RunFolder saved = run.copyTo(other);
      saved.appendMetric(MetricPoint{.step = 3});
      EXPECT_FALSE(saved.problem());
    }
    EXPECT_EQ(readRunRecord(other), someRecord());
    EXPECT_EQ(readRunConfig(other), RunConfig{});
    EXPECT_EQ(readMetrics(other).size(), 3u) << reason << ": no row is lost";
    EXPECT_FALSE(fs::exists(path_ / "metrics.jsonl") && reason != "config.json was removed");
  }
}

TEST_F(RunFolderTest, AFreeNameIsCounted) {
  const fs::path wanted = path_.parent_path() / "wanted";
  EXPECT_EQ(freePath(wanted), wanted);
  fs::create_directory(wanted);
  fs::create_symlink("nowhere", wanted.string() + "-2");
  EXPECT_EQ(freePath(wanted), wanted.string() + "-3");
}

TEST(RunIds, TellRunsApart) {
  EXPECT_THAT(newRunId(), testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}-[0-9a-f]{4}"));
  const fs::path folder = newRunFolder("a b/../c");
  EXPECT_EQ(folder.parent_path().filename(), "runs");
  EXPECT_THAT(folder.filename().string(), testing::EndsWith("-a-b----c"));
  EXPECT_LT(newRunFolder(std::string(1000, 'x')).filename().string().size(), 200u);
}

}  // namespace
}  // namespace barlow
