// The table's insides: names that share a bucket, and chunks.
#include "lists/name_table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

// Names whose hashes end in the same bits, as somebody might choose them who writes a list for
// others: they all share a bucket.
std::vector<std::string> CollidingNames(std::size_t count) {
  constexpr std::size_t kSameBits = 0xff;
  std::vector<std::string> names;
  for (std::size_t i = 0; names.size() < count; ++i) {
    std::string name = 'n' + std::to_string(i);
    if ((std::hash<std::string_view>()(name) & kSameBits) == 0) names.push_back(std::move(name));
  }
  return names;
}

TEST(NameTableTest, FindsNamesThatCollide) {
  for (const std::size_t count : {2U, 16U, 17U, 500U}) {
    const std::vector<std::string> names = CollidingNames(count + 20);
    NameTable table;
    // Twice, from the last to the first: neither in order nor once.
    for (std::uint32_t line = 1; line <= 2 * count; ++line) {
      table.Add(names[(2 * count - line) % count], line);
    }
    table.Seal();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto want =
          i < count ? std::optional(static_cast<std::uint32_t>(count - i)) : std::nullopt;
      ASSERT_EQ(table.Find(names[i]), want) << names[i];
    }
  }
}

TEST(NameTableTest, FindsNamesOfEveryLengthInEveryChunk) {
  const auto name = [](std::uint32_t line) {
    std::string text = std::to_string(line);
    return text + std::string(line % (NameTable::kMaxNameOctets + 1 - text.size()), 'x');
  };
  constexpr std::uint32_t kLines = 30'000;  // Some 4 MB.
  NameTable table;
  for (std::uint32_t line = 1; line <= kLines; ++line) table.Add(name(line), line);
  table.Seal();
  for (std::uint32_t line = 1; line <= kLines; ++line) ASSERT_EQ(table.Find(name(line)), line);
  EXPECT_FALSE(table.Find(name(kLines + 1)).has_value());
}

TEST(NameTableTest, AnEmptyTableHasNothing) {
  NameTable table;
  table.Seal();
  EXPECT_TRUE(table.empty());
  EXPECT_FALSE(table.Find("a").has_value());
  EXPECT_FALSE(table.Find("").has_value());
}

}  // namespace
}  // namespace helovet
