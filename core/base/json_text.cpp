#include "core/base/json_text.h"

namespace barlow {

nlohmann::json parseJson(std::string_view text) { return nlohmann::json::parse(text); }

nlohmann::ordered_json parseOrderedJson(std::string_view text) {
  return nlohmann::ordered_json::parse(text);
}

nlohmann::json parseJsonQuietly(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

nlohmann::json parseJsonWatched(std::string_view text,
                                const nlohmann::json::parser_callback_t& watch) {
  return nlohmann::json::parse(text, watch);
}

std::string jsonText(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string jsonText(const nlohmann::ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace barlow
