#include "core/matrix/order_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(OrderFile, ReadsBackWhatWasWritten) {
  const TempDir dir;
  const NamedOrder order{.name = "average linkage, \"step 12\"", .order = {2, 0, 3, 1}};
  writeFileAtomically(dir / "order.json", toJson(order));
  EXPECT_EQ(readOrderFile(dir / "order.json", 4), order);
  EXPECT_EQ(toJson({.name = "a", .order = {1, 0}}), R"({"format":1,"name":"a","order":[1,0]})");
}

TEST(OrderFile, OfAPartOfTheDimensionsSaysOfHowMany) {
  const TempDir dir;
  const NamedOrder part{.name = "head", .order = {3, 1}, .of = 5};
  EXPECT_EQ(toJson(part), R"({"format":1,"name":"head","of":5,"order":[3,1]})");
  writeFileAtomically(dir / "order.json", toJson(part));
  EXPECT_EQ(readOrderFile(dir / "order.json", 5), part);
  EXPECT_THROW(readOrderFile(dir / "order.json", 6), Exception) << "of another matrix";
}

TEST(OrderFile, ANameThatIsNoUtf8IsStillWritten) {
  const TempDir dir;
  writeFileAtomically(dir / "order.json", toJson({.name = "run \xff", .order = {0}}));
  EXPECT_EQ(readOrderFile(dir / "order.json", 1).order, Order{0});
}

TEST(OrderFile, RefusesEverythingElse) {
  const TempDir dir;
  const auto path = dir / "order.json";
  const auto fails = [&](const char* content, const char* part) {
    writeFileAtomically(path, content);
    try {
      readOrderFile(path, 3);
      ADD_FAILURE() << "accepted: " << content;
    } catch (const Exception& error) {
      const std::string& message = error.info().message;
      EXPECT_NE(message.find(part), std::string::npos) << message;
      EXPECT_NE(message.find(path.string()), std::string::npos) << message;
    }
  };
  fails("", "object");
  fails("[0,1,2]", "object");
  fails(R"({"format":1,"name":"a","order":[0,1,2]} x)", "object");
  fails(R"({"format":1,"order":[0,1,2]})", "object");
  fails(R"({"format":1,"name":"a","order":[0,1,2],"more":1})", "object");
  fails(R"({"format":2,"name":"a","order":[0,1,2]})", "format");
  fails(R"({"format":1,"name":7,"order":[0,1,2]})", "name");
  fails(R"({"format":1,"name":"a","order":{}})", "list");
  fails(R"({"format":1,"name":"a","order":[0,1,-2]})", "index");
  fails(R"({"format":1,"name":"a","order":[0,1.0,2]})", "index");
  fails(R"({"format":1,"name":"a","order":[0,1,4294967298]})", "index");
  fails(R"({"format":1,"name":"a","order":[0,1]})", "2 dimensions, and there are 3");
  fails(R"({"format":1,"name":"a","order":[0,1,1]})", "once");
  fails(R"({"format":1,"name":"a","order":[1,2,3]})", "once");
  fails(R"({"format":1,"name":"a","of":4,"order":[1,2]})", "part");
  fails(R"({"format":1,"name":"a","of":"3","order":[1,2]})", "part");
  fails(R"({"format":1,"name":"a","of":3,"order":[1,1]})", "most once");
  fails(R"({"format":1,"name":"a","of":3,"order":[1,3]})", "most once");
  fails(R"({"format":1,"name":"a","of":3,"order":[]})", "most once");
}

}  // namespace
}  // namespace barlow
