#include "tests/support/run_suites.h"

#include <QApplication>
#include <QStandardPaths>
#include <gtest/gtest.h>

/// One QApplication for all tests of an executable; settings and data of the person who runs them
/// stay untouched.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");  // also while the build lists the tests
  }
  QStandardPaths::setTestModeEnabled(true);
  const QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("barlow-studio-tests"));
  QApplication::setQuitOnLastWindowClosed(false);
  return barlow::runSuites();
}
