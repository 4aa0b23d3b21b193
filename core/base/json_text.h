#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace barlow {

/// JSON from and to text, compiled here once: the library's parser and writer are templates, which
/// cost every file that calls them some seconds to build. Internal to .cpp files.

/// Throws nlohmann::json::exception, which names the byte, where the text is no JSON.
[[nodiscard]] nlohmann::json parseJson(std::string_view text);

/// The same with the names of objects in the order of the text.
[[nodiscard]] nlohmann::ordered_json parseOrderedJson(std::string_view text);

/// A discarded value, which is neither object nor array, where the text is no JSON.
[[nodiscard]] nlohmann::json parseJsonQuietly(std::string_view text);

/// As parseJson; the callback sees every event, and what it throws ends the parsing.
[[nodiscard]] nlohmann::json parseJsonWatched(std::string_view text,
                                              const nlohmann::json::parser_callback_t& watch);

/// On one line, or indented. Names of files may hold bytes that are no UTF-8: they are replaced
/// rather than refused.
[[nodiscard]] std::string jsonText(const nlohmann::json& value, int indent = -1);
[[nodiscard]] std::string jsonText(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace barlow
