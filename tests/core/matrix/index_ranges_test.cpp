#include "core/matrix/index_ranges.h"

#include <gtest/gtest.h>

#include <string>

namespace barlow {
namespace {

using Indices = std::vector<std::int32_t>;

TEST(IndexRanges, ReadsWhatAPersonWrites) {
  EXPECT_EQ(*parseIndexRanges("0-3, 8", 10), (Indices{0, 1, 2, 3, 8}));
  EXPECT_EQ(*parseIndexRanges(" 9 ,0 - 1", 10), (Indices{9, 0, 1}));
  EXPECT_EQ(*parseIndexRanges("5", 6), (Indices{5}));
  EXPECT_EQ(*parseIndexRanges("4-4", 6), (Indices{4}));
  EXPECT_EQ(*parseIndexRanges("0007", 8), (Indices{7}));
}

TEST(IndexRanges, NothingMeansAll) {
  EXPECT_EQ(*parseIndexRanges("", 3), (Indices{0, 1, 2}));
  EXPECT_EQ(*parseIndexRanges(" \t ", 3), (Indices{0, 1, 2}));
}

TEST(IndexRanges, NamesEachIndexOnceWhereItStandsFirst) {
  EXPECT_EQ(*parseIndexRanges("3, 1-4, 2, 3", 10), (Indices{3, 1, 2, 4}));
}

TEST(IndexRanges, SaysWhatIsWrong) {
  const auto fails = [](const char* text, const char* part) {
    const auto indices = parseIndexRanges(text, 100);
    ASSERT_FALSE(indices) << text;
    EXPECT_NE(indices.error().message.find(part), std::string::npos) << indices.error().message;
  };
  fails("100", "0 to 99");
  fails("0-100", "0 to 99");
  fails("9-3", "3-9");
  fails("1,,2", "''");
  fails("1,", "''");
  fails("-5", "'-5'");
  fails("3-", "'3-'");
  fails("1-2-3", "'1-2-3'");
  fails("1 2", "'1 2'");
  fails("1.5", "'1.5'");
  fails("+1", "'+1'");
  fails("a", "'a'");
  fails("99999999999999999999", "'99999999999999999999'");
}

}  // namespace
}  // namespace barlow
