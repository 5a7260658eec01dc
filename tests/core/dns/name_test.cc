#include "dns/name.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

std::string Labels(std::size_t count, std::size_t octets) {
  std::string name;
  for (std::size_t i = 0; i < count; ++i) name += (i == 0 ? "" : ".") + std::string(octets, 'a');
  return name;
}

DnsName Name(const std::string& text) {
  const auto name = DnsName::Parse(text);
  EXPECT_TRUE(name) << text;
  return name.value_or(DnsName());
}

std::optional<DnsName> FromWire(const std::string& octets) {
  return DnsName::FromWire(std::vector<std::uint8_t>(octets.begin(), octets.end()));
}

TEST(DnsNameTest, ParsesAndPrints) {
  struct Case {
    std::string text;
    std::string want;  // ToString(); empty: it does not parse.
  };
  const std::string longest = Labels(3, 63) + '.' + std::string(61, 'a');
  const std::vector<Case> cases = {
      {"example.com", "example.com"},
      {"example.com.", "example.com"},
      {"Mail.EXAMPLE.Com", "mail.example.com"},  // RFC 4343 §3
      {".", "."},
      {"a", "a"},
      {"_client._smtp.example.com", "_client._smtp.example.com"},
      {"*.example.com", "*.example.com"},
      {"0-9.example", "0-9.example"},
      // RFC 1035 §5.1: escapes.
      {"a\\.b.example", "a\\.b.example"},
      {"a\\.", "a\\."},
      {"a\\\\.", "a\\\\"},
      {"\\097.example", "a.example"},
      {"\\065.example", "a.example"},  // Folded after it is decoded.
      {"\\A.example", "a.example"},
      {"\\000.example", "\\000.example"},
      {"\\255.example", "\\255.example"},
      {"\\046.example", "\\..example"},
      {"\\032", "\\032"},
      {"a b", "a\\032b"},
      {"\xc3\xa9.example", "\\195\\169.example"},
      {std::string("a\0b", 3), "a\\000b"},
      {"\x7f", "\\127"},
      {"\\256.example", ""},
      {"\\999", ""},
      {"\\1", ""},
      {"\\12", ""},
      {"\\12x", ""},
      {"\\1x2", ""},
      {"a\\", ""},
      // Empty labels.
      {"", ""},
      {"..", ""},
      {".a", ""},
      {"a..b", ""},
      {"a..", ""},
      // RFC 1035 §2.3.4: 63 octets a label, 255 a name with its length octets.
      {std::string(63, 'a'), std::string(63, 'a')},
      {std::string(64, 'a'), ""},
      {"a." + std::string(64, 'a'), ""},
      {longest, longest},
      {longest + '.', longest},
      {Labels(3, 63) + '.' + std::string(62, 'a'), ""},
      {Labels(127, 1), Labels(127, 1)},
      {Labels(128, 1), ""},
      {"aa." + Labels(126, 1), ""},
      {std::string(1 << 20, 'a'), ""},
      {Labels(1 << 18, 1), ""},
  };
  for (const Case& c : cases) {
    const auto name = DnsName::Parse(c.text);
    ASSERT_EQ(name ? name->ToString() : "", c.want) << c.text.substr(0, 300);
    if (!name) continue;
    EXPECT_EQ(DnsName::Parse(name->ToString()), name) << c.text;
    EXPECT_EQ(FromWire(std::string(name->wire())), name) << c.text;
    EXPECT_LE(name->wire().size(), kMaxNameWireOctets) << c.text;
  }
}

TEST(DnsNameTest, ReadsWireForm) {
  struct Case {
    std::string what;
    std::string wire;
    std::string want;  // ToString(); empty: no name.
  };
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "\1a";
  const std::vector<Case> cases = {
      {"root", std::string("\0", 1), "."},
      {"folded", std::string("\4MAIL\7Example\0", 14), "mail.example"},
      // A length octet is no letter, however long the label.
      {"63 octets", '\77' + std::string(63, 'A') + '\0', std::string(63, 'a')},
      {"any octet", std::string("\3\0.\xff\0", 5), "\\000\\.\\255"},
      {"255 octets", longest + '\0', Labels(127, 1)},
      {"empty", "", ""},
      {"no closing zero", "\1a", ""},
      {"octets after it", std::string("\1a\0\0", 4), ""},
      {"name after it", std::string("\1a\0\1b\0", 6), ""},
      {"label beyond the end", std::string("\5ab\0", 4), ""},
      {"label over the end", std::string("\3ab\0", 4), ""},
      {"64 octets", '\100' + std::string(64, 'a') + '\0', ""},
      {"pointer", "\xc0\x00", ""},
      {"256 octets", longest + "\1" + '\0', ""},
  };
  for (const Case& c : cases) {
    const auto name = FromWire(c.wire);
    EXPECT_EQ(name ? name->ToString() : "", c.want) << c.what;
  }
}

TEST(DnsNameTest, TakesAPrefix) {
  const DnsName example = Name("example.com");
  EXPECT_EQ(example.WithPrefix("_client._smtp"), Name("_client._smtp.example.com"));
  EXPECT_EQ(example.WithPrefix("A\\.b"), Name("a\\.b.example.com"));
  EXPECT_EQ(DnsName().WithPrefix("com"), Name("com"));
  EXPECT_FALSE(example.WithPrefix(""));
  EXPECT_FALSE(example.WithPrefix("a..b"));
  EXPECT_FALSE(example.WithPrefix(std::string(64, 'a')));
  // CSA-02 §4 adds 14 octets; RFC 1035 §2.3.4 leaves 255.
  const DnsName fits = Name(Labels(3, 63) + '.' + std::string(61 - 14, 'a'));
  ASSERT_TRUE(fits.WithPrefix("_client._smtp"));
  EXPECT_EQ(fits.WithPrefix("_client._smtp")->wire().size(), kMaxNameWireOctets);
  EXPECT_FALSE(Name(Labels(3, 63) + '.' + std::string(62 - 14, 'a')).WithPrefix("_client._smtp"));
}

TEST(DnsNameTest, CountsAndCutsLabels) {
  const DnsName name = Name("a\\.b.c.example.com");
  EXPECT_EQ(name.label_count(), 4u);
  EXPECT_EQ(DnsName().label_count(), 0u);
  EXPECT_TRUE(DnsName().is_root());
  EXPECT_FALSE(name.is_root());
  const std::vector<std::string> want = {
      ".", "com", "example.com", "c.example.com", "a\\.b.c.example.com", "a\\.b.c.example.com"};
  for (std::size_t labels = 0; labels < want.size(); ++labels) {
    EXPECT_EQ(name.LastLabels(labels).ToString(), want[labels]) << labels;
  }
  EXPECT_EQ(name.LastLabels(SIZE_MAX), name);
  EXPECT_EQ(Name(Labels(127, 1)).label_count(), 127u);
  EXPECT_EQ(Name(Labels(127, 1)).LastLabels(126), Name(Labels(126, 1)));
}

TEST(DnsNameTest, IsWithinByLabels) {
  struct Case {
    std::string name;
    std::string ancestor;
    bool want;
  };
  const std::vector<Case> cases = {
      {"example.com", "example.com", true},
      {"mail.example.com", "example.com", true},
      {"a.b.mail.EXAMPLE.com", "Example.COM", true},
      {"example.com", ".", true},
      {".", ".", true},
      {".", "com", false},
      {"example.com", "mail.example.com", false},
      {"example.org", "example.com", false},
      {"xample.com", "example.com", false},
      {"notexample.com", "example.com", false},
      {"example.com.net", "example.com", false},
      {"com", "m", false},
      // The octet 7 in a label looks like the length octet of "example".
      {"mail\\007example.com", "example.com", false},
      {"\\007example\\003com", "example.com", false},
      // 'a' is 97: no label is so long, but octets after it can fit a name's.
      {"x\\001a", "a", false},
      {"x\\001a.com", "a.com", false},
      {"y.x\\001a.com", "x\\001a.com", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Name(c.name).IsWithin(Name(c.ancestor)), c.want) << c.name << " in " << c.ancestor;
  }
}

// The list of RFC 4034 §6.1.
TEST(DnsNameTest, HasCanonicalOrder) {
  const std::vector<std::string> ordered = {
      "example",   "a.example",       "yljkjljk.a.example", "Z.a.example",     "zABC.a.EXAMPLE",
      "z.example", "\\001.z.example", "*.z.example",        "\\200.z.example",
  };
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(Name(ordered[i]) <=> Name(ordered[j]), i <=> j) << ordered[i] << ' ' << ordered[j];
      EXPECT_EQ(Name(ordered[i]) == Name(ordered[j]), i == j) << ordered[i] << ' ' << ordered[j];
    }
  }
}

TEST(DnsNameTest, OrdersEdges) {
  struct Case {
    std::string less;
    std::string greater;
  };
  const std::vector<Case> cases = {
      {".", "a"},       {".", "\\000"}, {"a", "\\000.a"},  // A missing label comes before any.
      {"a", "a\\000"},                // A missing octet comes before a zero octet.
      {"a\\000", "ab"}, {"ab", "b"},  // Not by the length octet.
      {"z.a", "a.b"},                 // The last label first.
      {"~", "\\128"},                 // Octets are unsigned.
  };
  for (const Case& c : cases) {
    EXPECT_LT(Name(c.less), Name(c.greater)) << c.less << ' ' << c.greater;
    EXPECT_GT(Name(c.greater), Name(c.less)) << c.less << ' ' << c.greater;
  }
}

}  // namespace
}  // namespace helovet
