// Random lists, and questions near their entries, against the rules of docs/rules.md §7.1 written
// out as loops over all entries.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/list_entry.h"
#include "core/lists/list_fixture.h"
#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

struct Placed {
  Listing listing;
  std::string place;
  ListEntry entry;
};

// The best of `all` by `rank`, -1 for no match; of equals a denial, then the first.
ListMatch Best(const std::vector<Placed>& all, const std::function<int(const ListEntry&)>& rank) {
  const Placed* best = nullptr;
  for (const Placed& placed : all) {
    const int value = rank(placed.entry);
    if (value < 0) continue;
    const int known = best == nullptr ? -1 : rank(best->entry);
    if (value > known ||
        (value == known && placed.listing == Listing::kDeny && best->listing == Listing::kAllow)) {
      best = &placed;
    }
  }
  if (best == nullptr) return {};
  std::string entry = best->entry.name;
  if (const auto& network = best->entry.network) {
    const int all_bits = network->base().is_v4() ? 32 : 128;
    entry = network->prefix_bits() == all_bits ? network->base().ToString() : network->ToString();
  }
  return {best->listing, entry, best->place};
}

ListMatch NaiveAddress(const std::vector<Placed>& all, const IpAddress& client) {
  return Best(all, [&](const ListEntry& entry) {
    return entry.network && entry.network->Contains(client) ? entry.network->prefix_bits() : -1;
  });
}

// `kind` is "" for HELO names and "@" for senders' domains.
ListMatch NaiveName(const std::vector<Placed>& all, const std::string& kind,
                    const std::string& name) {
  return Best(all, [&](const ListEntry& entry) {
    if (entry.network || entry.name.starts_with('@') != (kind == "@")) return -1;
    const std::string pattern = entry.name.substr(kind.size());
    if (pattern == name) return 1000;
    const bool below =
        pattern.starts_with('.') && name.size() > pattern.size() && name.ends_with(pattern);
    return below ? static_cast<int>(pattern.size()) : -1;
  });
}

class LocalListsOracleTest : public ListTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::size_t Below(std::size_t bound) { return random_() % bound; }

  // Few bits and few labels, so that entries meet.
  IpAddress Address() {
    if (Below(2) == 0) {
      return IpAddress::FromV4(
          {192, static_cast<std::uint8_t>(Below(2)), 0, static_cast<std::uint8_t>(Below(256))});
    }
    IpAddress::V6Bytes bytes{0x20, 0x01, 0x0d, 0xb8};
    bytes[7] = static_cast<std::uint8_t>(Below(4));
    bytes[15] = static_cast<std::uint8_t>(Below(256));
    return IpAddress::FromV6(bytes);
  }
  std::string Network() {
    const IpAddress address = Address();
    const int bits = address.is_v4() ? 32 : 128;
    for (;;) {  // Until the prefix has all the bits that are set.
      const int prefix = bits - static_cast<int>(Below(Below(4) == 0 ? bits + 1 : 9));
      const std::string text = address.ToString() + '/' + std::to_string(prefix);
      if (IpNetwork::Parse(text)) return text;
    }
  }
  std::string Name() {
    static constexpr std::string_view kLabels[] = {"a", "b", "c", "mail", "x-1"};
    std::string name = "z";
    for (std::size_t labels = Below(5); labels > 0; --labels) {
      name = std::string(kLabels[Below(std::size(kLabels))]) + '.' + name;
    }
    return name;
  }
  std::string Entry() {
    switch (Below(6)) {
      case 0:
        return Name();
      case 1:
        return '.' + Name();
      case 2:
        return '@' + Name();
      case 3:
        return "@." + Name();
      default:
        return Network();
    }
  }

  // `count` entries for one list, in a file or in the configuration.
  std::vector<std::string> Items(Listing listing, const std::string& setting, std::size_t count) {
    std::vector<std::string> items;
    std::vector<Placed> inline_entries;
    for (const char* file : {"one", "two"}) {
      const std::string path = Path(setting + file);
      std::string text;
      for (std::size_t line = 1; line <= count; ++line) {
        const std::string entry = Entry();
        text += entry + '\n';
        all_.push_back({listing, path + ':' + std::to_string(line), *ParseListEntry(entry)});
      }
      items.push_back(Write(setting + file, text));
    }
    for (std::size_t i = Below(4); i > 0; --i) {
      items.push_back(Entry());
      all_.push_back({listing, setting, *ParseListEntry(items.back())});
    }
    return items;
  }

  std::mt19937 random_{GetParam()};
  std::vector<Placed> all_;
};

TEST_P(LocalListsOracleTest, FindsWhatTheRulesSay) {
  const std::size_t count = 1 + Below(60);
  const std::vector<std::string> deny = Items(Listing::kDeny, "lists.deny", count);
  const std::vector<std::string> allow = Items(Listing::kAllow, "lists.allow", count);
  LocalLists lists(allow, deny);
  ASSERT_EQ(Text(lists.TakeComplaints()), "");
  std::size_t matches = 0;
  for (int i = 0; i < 300; ++i) {
    const IpAddress client = Address();
    const ListMatch got = lists.FindAddress(client);
    ASSERT_EQ(got, NaiveAddress(all_, client)) << client.ToString();
    matches += got.listing != Listing::kNone ? 1 : 0;
    const std::string name = Name();
    ASSERT_EQ(lists.FindName(name), NaiveName(all_, "", name)) << name;
    ASSERT_EQ(lists.FindSenderDomain(name), NaiveName(all_, "@", name)) << name;
  }
  EXPECT_GT(matches, 0U) << "the questions miss every entry";
}

INSTANTIATE_TEST_SUITE_P(Seeds, LocalListsOracleTest, ::testing::Range(1U, 41U));

}  // namespace
}  // namespace helovet::testing
