#include "checks/spf/macro.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "testing/scripted_dns.h"

namespace helovet::spf {
namespace {

using helovet::testing::Address;
using helovet::testing::Name;

// What RFC 7208 §7.4 supposes.
MacroValues Example(const std::string& client = "192.0.2.3") {
  MacroValues values = {.client = Address(client)};
  values.local_part = "strong-bad";
  values.sender_domain = "email.example.com";
  values.domain = "email.example.com";
  values.helo = "mx.example.org";
  return values;
}

std::string Expanded(const std::string& text, const MacroValues& values) {
  EXPECT_TRUE(IsMacroString(text, MacroPlace::kExplanation)) << text;
  return ExpandText(text, values, 10'000);
}

TEST(SpfMacroTest, ExpandsTheExamplesOfRfc7208) {
  const struct {
    std::string text;
    std::string want;
    std::string client = "192.0.2.3";
  } cases[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d}", "email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d3}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l}", "strong-bad"},
      {"%{l-}", "strong.bad"},
      {"%{lr}", "strong-bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
      {"%{ir}.%{v}._spf.%{d2}",
       "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
       "2001:db8::cb01"},
  };
  for (const auto& c : cases) {
    const MacroValues values = Example(c.client);
    EXPECT_EQ(Expanded(c.text, values), c.want) << "RFC 7208 §7.4: " << c.text;
    if (!IsDomainSpec(c.text)) continue;
    const std::optional<DnsName> name = ExpandName(c.text, values);
    // A mailbox is a name, too, as far as the DNS is concerned.
    ASSERT_TRUE(name) << c.text;
    EXPECT_EQ(name->ToString(), c.want) << c.text;
  }
}

TEST(SpfMacroTest, ExpandsEveryLetter) {
  MacroValues values = Example("2001:db8::1");
  values.domain = "included.example.net";
  values.local_part = "a.b+c";
  values.receiver = "mx.example.net";
  values.now = std::chrono::system_clock::time_point(std::chrono::seconds(1234567890));
  const struct {
    std::string source;
    std::string text;
    std::string want;
  } cases[] = {
      {"RFC 7208 §7.2", "%{s}|%{l}|%{o}", "a.b+c@email.example.com|a.b+c|email.example.com"},
      {"RFC 7208 §7.2", "%{d} %{h} %{v}", "included.example.net mx.example.org ip6"},
      {"RFC 7208 §7.2", "%{c} %{r} %{t}", "2001:db8::1 mx.example.net 1234567890"},
      {"RFC 7208 §7.3", "%{p}", "unknown"},
      {"RFC 7208 §7.3", "%{i}", "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1"},
      {"RFC 7208 §7.1: percent, space and the space of URLs", "%%%_%-", "% %20"},
      {"RFC 7208 §7.3: parts between any of the delimiters, joined by dots", "%{l.+}", "a.b.c"},
      {"RFC 7208 §7.3: the dot is a delimiter only where it is named", "%{l+}", "a.b.c"},
      {"RFC 7208 §7.3", "%{lr+}", "c.a.b"},
      {"RFC 7208 §7.3", "%{l1+}", "c"},
      {"RFC 7208 §7.3: more parts than there are", "%{l127}", "a.b+c"},
      {"RFC 7208 §7.3: no matter how many", "%{l99999999999999999999}", "a.b+c"},
      {"RFC 7208 §7.3: capitals escape as in a URL", "%{S}", "a.b%2Bc%40email.example.com"},
      {"RFC 7208 §7.3: the rest stays as it is", "+%{L1R+}+", "+a.b+"},
      {"RFC 3986 §2.3: what need not be escaped", "%{D}-._~", "included.example.net-._~"},
  };
  for (const auto& c : cases) EXPECT_EQ(Expanded(c.text, values), c.want) << c.source;
}

TEST(SpfMacroTest, SplitsEmptyParts) {
  MacroValues values = Example();
  values.local_part = "..a..b.";  // RFC 7208 §7.3: leading, trailing and double delimiters count.
  EXPECT_EQ(Expanded("%{lr}", values), ".b..a..");
  EXPECT_EQ(Expanded("%{l1}", values), "");
  EXPECT_EQ(Expanded("%{l2}", values), "b.");
}

TEST(SpfMacroTest, KnowsTheSyntax) {
  const struct {
    std::string text;
    bool domain_spec;
    bool modifier;
    bool explanation;
  } cases[] = {
      // RFC 7208 §7.1: a domain-spec ends in a top label or in a macro.
      {"example.com", true, true, true},
      {"example.com.", true, true, true},
      {"_spf.example.com", true, true, true},
      {"a:b/c.example.com", true, true, true},
      {"example.xn--zckzah", true, true, true},
      {"example.c0m", true, true, true},
      {"%{d}", true, true, true},
      {"%%", true, true, true},
      {"%{d}.example.com", true, true, true},
      {"com", false, true, true},
      {"com.", false, true, true},
      {"example.123", false, true, true},
      {"example.-com", false, true, true},
      {"example.com-", false, true, true},
      {"example.c_m", false, true, true},
      {"example..", false, true, true},
      {"192.0.2.1", false, true, true},
      {"%{d}com", false, true, true},
      {"x.%{d}com", false, true, true},
      {"%{d.}com", false, true, true},
      {"", false, true, true},
      // RFC 7208 §7.2: only in explanations.
      {"%{c}", false, true, true},
      {"%{R}", false, true, true},
      {"%{t}.example.com", false, true, true},
      // RFC 7208 §6.2: a space, and no other octet that cannot be seen.
      {"a b", false, false, true},
      {"a\tb", false, false, false},
      {std::string("a\0.com", 6), false, false, false},
      {"b\xc3\xbc"
       "cher.example",
       false, false, false},
      {"a\x7f.com", false, false, false},
      // RFC 7208 §7.1: macros.
      {"%{d2r.-+,/_=}", true, true, true},
      {"%{d2R}", true, true, true},
      {"%{d0}", false, false, false},
      {"%{d00}", false, false, false},
      {"%{d-1}", false, false, false},
      {"%{dr2}", false, false, false},
      {"%{d.r}", false, false, false},
      {"%{d:}", false, false, false},
      {"%{x}", false, false, false},
      {"%{}", false, false, false},
      {"%{", false, false, false},
      {"%{d", false, false, false},
      {"%{dd}", false, false, false},
      {"%(d)", false, false, false},
      {"%", false, false, false},
      {"a%.example.com", false, false, false},
      {"%{d}.example.com%", false, false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsDomainSpec(c.text), c.domain_spec) << c.text;
    EXPECT_EQ(IsMacroString(c.text, MacroPlace::kModifier), c.modifier) << c.text;
    EXPECT_EQ(IsMacroString(c.text, MacroPlace::kExplanation), c.explanation) << c.text;
  }
}

TEST(SpfMacroTest, SeesWhetherTheValidatedNameIsNeeded) {
  EXPECT_TRUE(NeedsValidatedName("x.%{p}"));
  EXPECT_TRUE(NeedsValidatedName("%{P2r-}"));
  EXPECT_FALSE(NeedsValidatedName("p%%{p.%{d}"));
}

// `count` labels of 9 octets, each with its dot.
std::string Labels(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "label-" + std::to_string(100 + i) + ".";
  return text;
}

TEST(SpfMacroTest, ShortensNamesFromTheLeft) {
  const std::string end(23, 'e');
  const struct {
    std::string what;
    std::string text;
    std::string want;
  } cases[] = {
      {"253 octets", Labels(23) + end, Labels(23) + end},
      {"254 octets", Labels(23) + end + "x", Labels(23).substr(10) + end + "x"},
      {"a trailing dot does not count", Labels(23) + end + ".", Labels(23) + end},
      {"one label too many", "x." + Labels(23) + end, Labels(23) + end},
      {"a label that would be too long goes as well",
       std::string(500, 'x') + "." + Labels(23) + end, Labels(23) + end},
      {"an empty label that goes", "x.." + Labels(23) + end, Labels(23) + end},
  };
  for (const auto& c : cases) {
    const std::optional<DnsName> name = ExpandName(c.text, Example());
    ASSERT_TRUE(name) << "RFC 7208 §7.3: " << c.what;
    EXPECT_EQ(name->ToString(), c.want) << "RFC 7208 §7.3: " << c.what;
  }
}

std::string Repeated(const std::string& text, int count) {
  std::string repeated;
  for (int i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(SpfMacroTest, ShortensNamesOfManyMacros) {
  MacroValues values = Example();
  values.local_part = "ab";
  const std::optional<DnsName> name = ExpandName(Repeated("%{l}.", 300) + "example.com", values);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->ToString(), Repeated("ab.", 80) + "example.com") << "RFC 7208 §7.3";
}

TEST(SpfMacroTest, MakesNoNameOfWhatNoQuestionFits) {
  MacroValues values = Example();
  for (const std::string& text :
       {std::string("a..example.com"), std::string(".example.com"), std::string(64, 'x') + ".com",
        std::string(300, 'x'), std::string("."), std::string("..")}) {
    EXPECT_FALSE(ExpandName(text, values)) << text;
  }
  values.helo = "";
  EXPECT_FALSE(ExpandName("%{h}", values));
}

// RFC 1035 §5.1 is for master files: in a record a backslash is an octet as any other.
TEST(SpfMacroTest, TakesOctetsAsTheyAre) {
  const std::optional<DnsName> name = ExpandName("a\\046b%_c.example.com", Example());
  ASSERT_TRUE(name);
  EXPECT_EQ(name->ToString(), "a\\\\046b\\032c.example.com");
  EXPECT_EQ(TextOfName(*name), "a\\046b c.example.com");
  EXPECT_EQ(NameOfText(TextOfName(*name)), name);
  EXPECT_EQ(NameOfText("Example.COM."), Name("example.com"));
}

TEST(SpfMacroTest, CutsTextsAndWhatClientsSend) {
  MacroValues values = Example();
  values.local_part = std::string(100'000, 'l');
  values.helo = std::string(100'000, 'h');
  EXPECT_EQ(ExpandText("%{l}", values, 200), std::string(200, 'l'));
  EXPECT_EQ(ExpandText("%{l1}", values, 100'000), std::string(kMaxMacroValueOctets, 'l'));
  EXPECT_EQ(ExpandText("%{h}", values, 100'000), std::string(kMaxMacroValueOctets, 'h'));
}

}  // namespace
}  // namespace helovet::spf
