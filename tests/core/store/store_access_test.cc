// What `helovet cache` shows and forgets (docs/rules.md §13).
#include "helovet/store_access.h"

#include <string>
#include <vector>

#include "core/store/awaited_store.h"
#include "core/store/lmdb_place.h"
#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

class StoreAccessTest : public DirectoryTest {
 protected:
  [[nodiscard]] Config TheConfig() const { return ConfigOfStore(directory()); }
};

TEST_F(StoreAccessTest, ShowsAndForgetsWhatAnotherUserPut) {
  Loop loop;
  AwaitedStore store(loop, MakeLmdbStore(TheConfig()));
  store.Put("cbv address b", "accepted");
  store.Put("cbv address a", "refused", hours(2));
  store.Put("other", "x");
  const auto facts = ListRemembered(TheConfig(), "cbv ");
  ASSERT_TRUE(facts) << facts.error();
  ASSERT_EQ(facts->size(), 2U);
  EXPECT_EQ(facts->at(0).key + "=" + facts->at(0).value, "cbv address a=refused");
  EXPECT_GT(facts->at(0).left, hours(1));
  EXPECT_EQ(FindRemembered(TheConfig(), "other")->value().value, "x");
  EXPECT_FALSE(FindRemembered(TheConfig(), "nothing")->has_value());
  EXPECT_EQ(ForgetRemembered(TheConfig(), "cbv ").value(), 2U);
  EXPECT_EQ(ForgetRemembered(TheConfig(), "").value(), 1U);
  EXPECT_EQ(store.Value("other"), "nothing");
}

TEST_F(StoreAccessTest, ReadsCounters) {
  Loop loop;
  AwaitedStore store(loop, MakeLmdbStore(TheConfig()));
  store.Count({{.counter = 1, .by = 7}});
  EXPECT_EQ(ReadCounters(TheConfig(), Month::Now())->values.at(1), 7U);
}

TEST_F(StoreAccessTest, RendersFactsOfAnyOctets) {
  const std::vector<RememberedFact> facts = {
      {.key = "a", .value = "1 \"2\"", .left = milliseconds(1)},
      {.key = "b\n", .value = "\xff", .left = milliseconds(60000)}};
  EXPECT_EQ(RenderRemembered(facts), "1 a 1 \"2\"\n60 b\\x0a \\xff\n");
  EXPECT_EQ(RenderRememberedJson(facts), R"([{"key":"a","value":"1 \"2\"","seconds_left":1},)"
                                         R"({"key":"b\\x0a","value":"\\xff","seconds_left":60}])"
                                         "\n");
  EXPECT_EQ(RenderRememberedJson({}), "[]\n");
}

TEST_F(StoreAccessTest, WithoutAStoreThereIsAnError) {
  Config config = TheConfig();
  config.store.kind = Config::StoreKind::kNone;
  EXPECT_EQ(ListRemembered(config, "").error(), "store.kind is \"none\"");
}

}  // namespace
}  // namespace helovet::testing
