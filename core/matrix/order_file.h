#pragma once

#include "core/matrix/order.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace barlow {

/// An order with the name that a person gave it, as a file: {"format":1,"name":...,"order":[...]}.
struct NamedOrder {
  std::string name;
  Order order;
  bool operator==(const NamedOrder&) const = default;
};

/// One line of JSON.
std::string toJson(const NamedOrder& order);
/// Strict: these three keys and no others, every dimension of [0, size) once. Throws Exception
/// naming the path and what is wrong.
NamedOrder readOrderFile(const std::filesystem::path& path, std::int64_t size);

}  // namespace barlow
