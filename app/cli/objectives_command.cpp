#include "app/cli/commands.h"
#include "core/base/json_text.h"
#include "core/params/objective_params.h"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace barlow::cli {

void addObjectives(CLI::App& app, int& exitCode) {
  CLI::App* command = app.add_subcommand("objectives", "What training can minimise");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand(
      "list", "What each does, what keeps it from collapsing, what is healthy, and its paper");
  auto output = std::make_shared<Output>();
  addOutputOptions(*list, *output);
  list->callback([output, &exitCode] {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const auto& objective : kEnumNames<ObjectiveName>) {
      const ObjectiveInfo& info = ObjectiveParams{.name = objective.value}.info();
      if (output->isJson) {
        json.push_back({{"name", objective.text},
                        {"title", objective.label},
                        {"does", info.does},
                        {"prevents", info.prevents},
                        {"healthy", info.healthy},
                        {"paper", info.paper}});
        continue;
      }
      fmt::print("{} ({})\n  {}\n  Against collapse: {}\n  Healthy: {}\n  {}\n",
                 objective.text,
                 objective.label,
                 info.does,
                 info.prevents,
                 info.healthy,
                 info.paper);
    }
    if (output->isJson) {
      fmt::print("{}\n", jsonText(nlohmann::ordered_json{{"objectives", json}}));
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
