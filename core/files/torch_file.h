#pragma once

#include "core/files/array_file.h"
#include "core/files/tensor_files.h"

#include <filesystem>
#include <memory>

namespace barlow {

/// Files of torch.save() from PyTorch 1.6 on (.pth, .pt, .ckpt), as an archive with a pickle, of
/// which only tensors in dictionaries and lists are taken (pickle.h): nothing in them is run. Names
/// of nested dictionaries are joined with dots ("state_dict.conv1.weight").
std::unique_ptr<ArrayFile> openTorchFile(const std::filesystem::path& path);

/// An OrderedDict of tensors, as torch.save(model.state_dict()) writes it: torch.load() opens it
/// with its default weights_only=True. `notes` are a member of the archive (notes.json) that
/// PyTorch passes over, so that load_state_dict() takes the file as it is. Written atomically;
/// throws Exception naming the path.
void writeTorchFile(const std::filesystem::path& path,
                    const NamedTensors& tensors,
                    const Notes& notes = {});

}  // namespace barlow
