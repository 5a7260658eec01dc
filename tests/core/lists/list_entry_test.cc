// What an entry of the local lists is (docs/rules.md §7.1).
#include "base/list_entry.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

const std::string kLabel63(63, 'a');
// 253 octets, the longest name there is (RFC 1035 §2.3.4).
const std::string kName253 =
    kLabel63 + '.' + kLabel63 + '.' + kLabel63 + '.' + std::string(61, 'a');

// The entry in its normal form, or "OFFSET: MESSAGE".
std::string Parsed(std::string_view text) {
  const auto entry = ParseListEntry(text);
  if (!entry) return std::to_string(entry.error().offset) + ": " + entry.error().message;
  return entry->network ? "network " + entry->network->ToString() : "name " + entry->name;
}

TEST(ListEntryTest, HasANormalForm) {
  struct Case {
    std::string text;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"192.0.2.0/24", "network 192.0.2.0/24"},
      {"192.0.2.7", "network 192.0.2.7/32"},
      {"0.0.0.0/0", "network 0.0.0.0/0"},
      {"2001:DB8::/32", "network 2001:db8::/32"},
      {"2001:db8::1", "network 2001:db8::1/128"},
      {"::/0", "network ::/0"},
      // docs/rules.md §1: an IPv4-mapped address is the IPv4 address inside.
      {"::ffff:192.0.2.0/120", "network 192.0.2.0/24"},
      {"mail.example.com", "name mail.example.com"},
      {"Mail.EXAMPLE.com.", "name mail.example.com"},
      {"example", "name example"},
      {"_mta.example.com", "name _mta.example.com"},
      {"1.2.3.example", "name 1.2.3.example"},
      {"192.0.2.7.x", "name 192.0.2.7.x"},
      {"xn--bcher-kva.example", "name xn--bcher-kva.example"},
      {".Example.com", "name .example.com"},
      {".com.", "name .com"},
      {"@Example.org.", "name @example.org"},
      {"@.Example.org", "name @.example.org"},
      {kName253, "name " + kName253},
      {"@." + kName253 + '.', "name @." + kName253},
  };
  for (const Case& c : cases) EXPECT_EQ(Parsed(c.text), c.want) << c.text;
}

TEST(ListEntryTest, SaysWhereTheMistakeIs) {
  struct Case {
    std::string text;
    std::size_t offset;
  };
  const std::vector<Case> cases = {
      {"", 0},
      {".", 1},
      {"@", 1},
      {"@.", 2},
      {"..example.com", 1},
      {"example..com", 8},
      {"example.com..", 12},
      {"@@example.org", 1},
      {"user@example.org", 0},
      {"*.example.com", 0},
      {"mail.-example.com", 5},
      {"mail.example-.com", 5},
      {"mail.__x.com", 5},
      {"a.example.com b.example.com", 10},
      {" example.com", 0},
      {"b\xc3\xbc"
       "cher.example",
       0},  // U-labels are written as A-labels (RFC 5890 §2.3.2.1).
      {std::string("a.b\0c", 5), 2},
      {kLabel63 + "a.example", 0},
      {"[192.0.2.7]", 0},
      {"[2001:db8::1]", 0},
      // Slips of addresses are no names.
      {"192.0.2", 0},
      {"192.0.2.256", 0},
      {"192.0.2.07", 0},
      {"192.0.2.7.", 0},
      {"25", 0},
      {"@192.0.2.7", 9},
      {".0.2.7", 5},
      {"2001:db8::g", 0},
      {"fe80::1%eth0", 0},
      {"192.0.2.7:25", 0},
      {"example.com/24", 0},
      {"/24", 0},
      {"192.0.2.0/33", 10},
      {"192.0.2.0/", 10},
      {"192.0.2.0/024", 10},
      {"192.0.2.0/255.255.255.0", 10},
      {"192.0.2.1/24", 10},
      {"2001:db8::1/32", 12},
      {"2001:db8::/129", 11},
      {"::ffff:0:0/95", 11},
  };
  for (const Case& c : cases) {
    const auto entry = ParseListEntry(c.text);
    ASSERT_FALSE(entry) << c.text;
    EXPECT_EQ(entry.error().offset, c.offset) << c.text;
    EXPECT_EQ(entry.error().message.substr(0, c.text.size() + 3), '"' + c.text + "\" ");
  }
}

TEST(ListEntryTest, SaysWhatIsWrong) {
  EXPECT_EQ(Parsed("a b"),
            "0: \"a b\" is not an address, a network, a host name, \".suffix\", \"@domain\" or "
            "\"@.suffix\"");
  EXPECT_EQ(Parsed("192.0.2.1/24"),
            "10: \"192.0.2.1/24\" has no prefix length of its kind of address, or has bits beyond "
            "it");
  EXPECT_EQ(Parsed('.' + kName253 + 'a'),
            "254: \"." + kName253.substr(0, 99) + "...\" is a name of more than 253 octets");
}

}  // namespace
}  // namespace helovet
