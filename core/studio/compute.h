#pragma once

namespace barlow {

/// Once, first thing in main: OpenCV stays on the calling thread (the loader's workers are the
/// parallelism), its limits for hostile pictures are set, numbers in files use the C locale; what
/// LibTorch reads from the environment is there.
void configureProcess();

}  // namespace barlow
