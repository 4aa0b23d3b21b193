#include "core/matrix/order_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace barlow {
namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kMostBytes = 1 << 20;  // kMaxMatrixSide numbers take a tenth of it

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Exception(fmt::format("{} is no order of dimensions: {}.", path.string(), reason));
}

}  // namespace

std::string toJson(const NamedOrder& order) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["name"] = order.name;
  if (order.of != 0) {
    json["of"] = order.of;
  }
  json["order"] = order.order;
  // A name that is no UTF-8 must not keep the order from being saved.
  return jsonText(json);
}

NamedOrder readOrderFile(const std::filesystem::path& path, std::int64_t size) {
  const auto json = parseJsonQuietly(readFileText(path, kMostBytes));
  const bool isPart = json.is_object() && json.contains("of");
  if (!json.is_object() || json.size() != (isPart ? 4 : 3) || !json.contains("format") ||
      !json.contains("name") || !json.contains("order")) {
    refuse(path, "it has to be an object of \"format\", \"name\" and \"order\"");
  }
  if (json["format"] != kFormat) {
    refuse(path, fmt::format("its format is not {}", kFormat));
  }
  if (!json["name"].is_string() || !json["order"].is_array()) {
    refuse(path, "its name has to be a text and its order a list of numbers");
  }
  NamedOrder result{.name = json["name"].get<std::string>(), .order = {}, .of = isPart ? size : 0};
  for (const auto& item : json["order"]) {
    if (!item.is_number_unsigned() ||
        item.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()) {
      refuse(path, "its order holds something that is no index");
    }
    result.order.push_back(item.get<std::int32_t>());
  }
  if (isPart) {
    if (json["of"] != size) {
      refuse(path, fmt::format("it orders a part of other dimensions than the {} here", size));
    }
    if (!isPartOrderOf(result.order, size)) {
      refuse(path,
             fmt::format("it has to hold dimensions of 0 to {}, each at most once", size - 1));
    }
    return result;
  }
  if (static_cast<std::int64_t>(result.order.size()) != size) {
    refuse(path,
           fmt::format("it orders {} dimensions, and there are {}", result.order.size(), size));
  }
  if (!isOrderOf(result.order, size)) {
    refuse(path, fmt::format("not every dimension of 0 to {} is in it once", size - 1));
  }
  return result;
}

}  // namespace barlow
