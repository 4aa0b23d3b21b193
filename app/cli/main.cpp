#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "core/base/console.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/studio/process_setup.h"

#include <CLI/CLI.hpp>  // all of it once: the others need its App alone
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace barlow::cli {
namespace {

constexpr const char* kAbout =
    "Barlow Studio on the command line: self-supervised training with Barlow Twins that can be "
    "seen and steered.";

int usageError(const std::string& message) {
  say("barlow: {}\nSee `barlow --help` or `barlow COMMAND --help`.\n", message);
  return kBadUsage;
}

int run(int argc, char** argv) {
  CLI::App app(kAbout, "barlow");
  app.set_version_flag("--version", "Barlow Studio " BARLOW_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  int exitCode = kDone;
  addTrain(app, exitCode);
  addResume(app, exitCode);
  addEvaluate(app, exitCode);
  addEmbed(app, exitCode);
  addExport(app, exitCode);
  addCorrelate(app, exitCode);
  addAugment(app, exitCode);
  addData(app, exitCode);
  addObjectives(app, exitCode);
  addPresets(app, exitCode);
  addBench(app, exitCode);
  addCheckDevice(app, exitCode);
  // CLI11 would only say that a command is required.
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  if (argc > 1 && argv[1][0] != '-' &&
      std::find(names.begin(), names.end(), argv[1]) == names.end()) {
    return usageError(unknownName("command", argv[1], names));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return usageError(error.what());
  }
  return exitCode;
}

}  // namespace

void addOutputOptions(CLI::App& command, Output& output) {
  command.add_flag(
      "--json", output.isJson, "Print one JSON object to standard output and nothing else there");
  command.add_flag("--quiet", output.isQuiet, "No progress on standard error");
}

}  // namespace barlow::cli

int main(int argc, char** argv) {
  using namespace barlow;
  prepareStandardStreams();
  int exitCode = cli::kFailed;
  try {
    configureProcess();
    exitCode = cli::run(argc, argv);
  } catch (const cli::UsageError& error) {
    exitCode = cli::usageError(error.what());
  } catch (const Exception& error) {
    cli::say("barlow: {}\n", plainLine(error.info().message));
  } catch (const std::exception& error) {
    if (std::ferror(stdout) == 0) {  // that has its own sentence
      cli::say("barlow: something went wrong that should not: {}\n", plainLine(error.what()));
    }
  }
  try {
    finishStandardOutput();
  } catch (const Exception& error) {
    cli::say("barlow: {}\n", error.info().message);
    exitCode = exitCode == cli::kDone ? cli::kFailed : exitCode;
  }
  return exitCode;
}
