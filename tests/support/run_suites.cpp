#include "tests/support/run_suites.h"

#include <gtest/gtest.h>

namespace barlow {

int runSuites() {
  const int result = RUN_ALL_TESTS();
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  const bool isSkipped = all.skipped_test_count() > 0 && all.successful_test_count() == 0;
  return result == 0 && isSkipped ? kSkipped : result;
}

}  // namespace barlow
