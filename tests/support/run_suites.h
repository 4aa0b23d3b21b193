#pragma once

namespace barlow {

/// What main() of a test program returns that ctest runs suite by suite.
inline constexpr int kSkipped = 77;  // SKIP_RETURN_CODE
/// RUN_ALL_TESTS(); kSkipped where every test was skipped.
int runSuites();

}  // namespace barlow
