#pragma once

#include "core/matrix/order.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace barlow {

/// An order with the name that a person gave it, as a file: {"format":1,"name":...,"order":[...]};
/// of a part of the dimensions: {"format":1,"name":...,"of":2048,"order":[...]}.
struct NamedOrder {
  std::string name;
  Order order;
  std::int64_t of = 0;  // dimensions of which these are a part; 0: all are there
  bool operator==(const NamedOrder&) const = default;
};

/// One line of JSON.
std::string toJson(const NamedOrder& order);
/// Strict: these keys and no others, every dimension of [0, size) once, or at most once where "of"
/// is size. Throws Exception naming the path and what is wrong.
NamedOrder readOrderFile(const std::filesystem::path& path, std::int64_t size);

}  // namespace barlow
