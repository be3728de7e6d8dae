#include "store/sqlite/version_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace kless {
namespace {

TEST(VersionCacheTest, TheLastVersionSetIsFound) {
  VersionCache cache;
  EXPECT_EQ(cache.Find(1, {"a", "b"}), std::nullopt);
  cache.Set(1, {"a", "b"}, 7);
  cache.Set(1, {"a", "b"}, 8);
  EXPECT_EQ(cache.Find(1, {"a", "b"}), 8u);
  cache.Set(1, {"a", "b"}, 0);  // records that the item does not exist
  EXPECT_EQ(cache.Find(1, {"a", "b"}), 0u);
}

TEST(VersionCacheTest, KeysAndTablesAreToldApart) {
  VersionCache cache;
  cache.Set(1, {"a", "b"}, 7);
  EXPECT_EQ(cache.Find(2, {"a", "b"}), std::nullopt);
  EXPECT_EQ(cache.Find(1, {"b", "a"}), std::nullopt);
  EXPECT_EQ(cache.Find(1, {"ab", ""}), std::nullopt);
}

TEST(VersionCacheTest, HoweverManyKeysWhatIsFoundIsRight) {
  VersionCache cache;
  std::uint64_t found = 0;
  for (std::uint64_t i = 1; i <= 100'000; ++i) cache.Set(1, {"p", std::to_string(i)}, i);
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    const auto version = cache.Find(1, {"p", std::to_string(i)});
    if (!version) continue;
    EXPECT_EQ(*version, i);
    ++found;
  }
  EXPECT_GT(found, 1000u);
  cache.Clear();
  EXPECT_EQ(cache.Find(1, {"p", "100000"}), std::nullopt);
}

}  // namespace
}  // namespace kless
