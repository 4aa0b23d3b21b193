#include "tests/support/run_suites.h"

#include <gmock/gmock.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return barlow::runSuites();
}
