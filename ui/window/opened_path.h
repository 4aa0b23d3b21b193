#pragma once

#include "core/params/run_config.h"

#include <QString>

#include <optional>

namespace barlow::ui {

/// What a path is that was dropped, chosen or given on the command line, by its name and kind.
enum class PathKind {
  Unknown,        // refusalOf() says why
  Run,            // a folder
  Folder,         // of images
  Weights,        // of a network: .pth, .safetensors
  Matrix,         // or embeddings: .npy, .npz, .safetensors, FILE:NAME
  Configuration,  // .json
  Image
};
PathKind pathKind(const QString& path);

/// Why it cannot be opened, in a sentence, or empty.
QString refusalOf(const QString& path);

/// Nothing where the file is none, with a sentence in `problem`.
std::optional<RunConfig> readConfiguration(const QString& path, QString& problem);

}  // namespace barlow::ui
