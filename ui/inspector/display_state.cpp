#include "ui/inspector/display_state.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "ui/plots/matrix_words.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace barlow::ui {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 16;
// Until 2026-11 "place" was written also where nobody had zoomed, as what filled the window then.
constexpr const char* kPlace = "zoomed_place";
constexpr std::array kReductions = {"peak", "mean", "rms"};
constexpr std::array kTransforms = {"value", "absolute", "square", "loss_contribution"};
constexpr std::array kDiagonals = {"shown", "dimmed", "hidden"};
constexpr std::array kScales = {"linear", "symmetric_log", "gamma"};
constexpr std::array kOrders = {
    "original", "diagonal", "row_rms", "variance", "clusters", "spectral", "row", "saved"};

template <std::size_t N, class Enum>
QString nameOf(const std::array<const char*, N>& names, Enum value) {
  return QLatin1String(names.at(static_cast<std::size_t>(value)));
}

template <std::size_t N, class Enum>
void read(const QJsonObject& json,
          const char* key,
          const std::array<const char*, N>& names,
          Enum& out) {
  const QString text = json.value(QLatin1String(key)).toString();
  for (std::size_t i = 0; i < N; ++i) {
    if (text == QLatin1String(names[i])) {
      out = static_cast<Enum>(i);
    }
  }
}

void readNumber(const QJsonObject& json, const char* key, float& out) {
  const double value = json.value(QLatin1String(key)).toDouble(out);
  if (std::isfinite(value)) {
    out = static_cast<float>(value);
  }
}

QJsonObject colorsOf(const ColorSettings& color) {
  const std::string_view map = toText(color.map);
  return {
      {QStringLiteral("map"), QString::fromUtf8(map.data(), static_cast<qsizetype>(map.size()))},
      {QStringLiteral("reversed"), color.isReversed},
      {QStringLiteral("low"), color.low},
      {QStringLiteral("high"), color.high},
      {QStringLiteral("scale"), nameOf(kScales, color.scale)},
      {QStringLiteral("linear_threshold"), color.linearThreshold},
      {QStringLiteral("gamma"), color.gamma}};
}

ColorSettings colorsFrom(const QJsonObject& json) {
  ColorSettings color;
  const std::string map = json.value(QLatin1String("map")).toString().toStdString();
  for (const ColorMapName name : colorMapNames()) {
    if (map == toText(name)) {
      color.map = name;
    }
  }
  color.isReversed = json.value(QLatin1String("reversed")).toBool();
  readNumber(json, "low", color.low);
  readNumber(json, "high", color.high);
  read(json, "scale", kScales, color.scale);
  readNumber(json, "linear_threshold", color.linearThreshold);
  readNumber(json, "gamma", color.gamma);
  try {
    const ColorScale valid(color);
  } catch (const Exception&) {
    return {};  // limits that no scale takes: the default ones
  }
  return color;
}

}  // namespace

QByteArray toJson(const DisplayState& state) {
  QJsonObject json = {{QStringLiteral("format"), 1},
                      {QStringLiteral("matrix"), textOf(toText(state.kind))},
                      {QStringLiteral("reduction"), nameOf(kReductions, state.settings.reduction)},
                      {QStringLiteral("show"), nameOf(kTransforms, state.settings.transform)},
                      {QStringLiteral("diagonal"), nameOf(kDiagonals, state.settings.diagonal)},
                      {QStringLiteral("coarsest_level"), state.settings.coarsestLevel},
                      {QStringLiteral("color"), colorsOf(state.settings.color)},
                      {QStringLiteral("order"), nameOf(kOrders, state.order.kind)},
                      {QStringLiteral("order_row"), static_cast<qint64>(state.order.row)}};
  if (state.place && !state.place->isAll) {
    json.insert(QLatin1String(kPlace),
                QJsonObject{{QStringLiteral("row"), state.place->row},
                            {QStringLiteral("column"), state.place->column},
                            {QStringLiteral("cells_per_pixel"), state.place->cellsPerPixel}});
  }
  return QJsonDocument(json).toJson(QJsonDocument::Indented);
}

std::optional<DisplayState> displayStateFromJson(const QByteArray& text) {
  const QJsonObject json = QJsonDocument::fromJson(text).object();
  if (json.value(QLatin1String("format")).toInt() != 1) {
    return std::nullopt;
  }
  DisplayState state;
  const QString matrix = json.value(QLatin1String("matrix")).toString();
  for (const auto& name : kEnumNames<MatrixKind>) {
    if (matrix == textOf(name.text)) {
      state.kind = name.value;
    }
  }
  read(json, "reduction", kReductions, state.settings.reduction);
  read(json, "show", kTransforms, state.settings.transform);
  read(json, "diagonal", kDiagonals, state.settings.diagonal);
  state.settings.coarsestLevel =
      std::clamp(json.value(QLatin1String("coarsest_level")).toInt(), 0, 14);
  state.settings.color = colorsFrom(json.value(QLatin1String("color")).toObject());
  read(json, "order", kOrders, state.order.kind);
  if (state.order.kind == OrderKind::Saved) {
    state.order.kind = OrderKind::Original;
  }
  state.order.row = std::max(0, json.value(QLatin1String("order_row")).toInt());
  const QJsonObject place = json.value(QLatin1String(kPlace)).toObject();
  const double scale = place.value(QLatin1String("cells_per_pixel")).toDouble();
  if (std::isfinite(scale) && scale > 0) {
    state.place = MatrixPlace{.row = place.value(QLatin1String("row")).toDouble(),
                              .column = place.value(QLatin1String("column")).toDouble(),
                              .cellsPerPixel = scale};
  }
  return state;
}

void writeViewState(const std::filesystem::path& runFolder, const DisplayState& state) {
  try {
    writeFileAtomically(runFolder / "view.json", toJson(state).toStdString());
  } catch (const Exception&) {
    // A full disk or a folder that is gone: the view begins anew next time.
  }
}

std::optional<DisplayState> readViewState(const std::filesystem::path& runFolder) {
  try {
    return displayStateFromJson(
        QByteArray::fromStdString(readFileText(runFolder / "view.json", kMaxBytes)));
  } catch (const Exception&) {
    return std::nullopt;  // there is none
  }
}

}  // namespace barlow::ui
