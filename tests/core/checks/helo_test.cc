#include "checks/helo.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::Text;

struct HeloCase {
  std::string id;
  std::string source;
  std::string helo;
  std::string wanted;
  std::string client = "192.0.2.1";
  std::string wanted_address = "";  // Empty: none.
  bool allow_underscore = false;
  bool smtputf8 = false;
  std::string wanted_name = "";  // Empty: `helo` itself, where there is a name.
};
void PrintTo(const HeloCase& each, std::ostream* out) { *out << each.id; }

Config ConfigOfTests() {
  Config config;
  config.our_names =
      std::vector<std::string>{"mx.example.org", "mx", "mail.localhost", "xn--tda.example.org"};
  config.our_addresses = std::vector<IpAddress>{Address("203.0.113.25"), Address("2001:db8:25::1")};
  return config;
}

std::string Repeat(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// Labels of 49 octets and their dots, 250 octets.
std::string LongName() { return Repeat(std::string(49, 'a') + ".", 5); }

std::vector<HeloCase> Cases() {
  const std::string us = "203.0.113.25";
  const std::string label63(63, 'a');
  return {
      {"missing", "docs/rules.md §3; CBV", "", "fail/missing"},

      {"fqdn", "docs/rules.md §3", "mail.example.com", "pass/fqdn"},
      {"fqdn_upper_case", "docs/rules.md §1", "MAIL.Example.COM", "pass/fqdn"},
      {"fqdn_trailing_dot", "docs/rules.md §1", "mail.example.com.", "pass/fqdn"},
      {"two_trailing_dots", "docs/rules.md §1", "mail.example.com..", "fail/syntax"},
      {"two_labels", "docs/rules.md §3", "example.com", "pass/fqdn"},
      {"digits_in_labels", "RFC 1123 §2.1", "1.2.3.4.example.com", "pass/fqdn"},
      {"label_of_63", "docs/rules.md §1", label63 + ".example.com", "pass/fqdn"},
      {"label_of_64", "docs/rules.md §1", label63 + "a.example.com", "fail/syntax"},
      {"name_of_253", "docs/rules.md §1", LongName() + "com", "pass/fqdn"},
      {"name_of_253_and_dot", "docs/rules.md §1", LongName() + "com.", "pass/fqdn"},
      {"name_of_254", "docs/rules.md §1", LongName() + "coma", "fail/syntax"},
      {"three_hundred_octets", "docs/rules.md §1", std::string(300, 'a'), "fail/syntax"},
      {"many_octets", "docs/rules.md §1", std::string(100000, '.'), "fail/syntax"},

      {"only_a_dot", "docs/rules.md §1", ".", "fail/syntax"},
      {"leading_dot", "docs/rules.md §1", ".example.com", "fail/syntax"},
      {"empty_label", "docs/rules.md §1", "mail..example.com", "fail/syntax"},
      {"space", "docs/rules.md §1", "mail example.com", "fail/syntax"},
      {"leading_space", "docs/rules.md §1", " mail.example.com", "fail/syntax"},
      {"pipe", "docs/rules.md §1", "mail|x.example.com", "fail/syntax"},
      {"nul", "docs/rules.md §1", std::string("mail\0.example.com", 17), "fail/syntax"},
      {"only_nul", "docs/rules.md §1", std::string(1, '\0'), "fail/syntax"},
      {"eight_bit", "docs/rules.md §1", "m\xc3\xa4il.example.com", "fail/syntax"},
      {"octet_255", "docs/rules.md §1", "\xff.example.com", "fail/syntax"},
      {"line_feed", "docs/rules.md §1", "mail.example.com\n", "fail/syntax"},
      {"backslash", "docs/rules.md §1", "mail\\.example.com", "fail/syntax"},
      {"escape", "docs/rules.md §1", "\\097.example.com", "fail/syntax"},
      {"leading_hyphen", "RFC 1123 §2.1", "-mail.example.com", "fail/syntax"},
      {"trailing_hyphen", "RFC 1123 §2.1", "mail-.example.com", "fail/syntax"},
      {"inner_hyphens", "RFC 1123 §2.1", "xn--mil-ula.example.com", "pass/fqdn"},
      {"numeric_tld", "RFC 1123 §2.1", "mail.example.123", "fail/syntax"},
      {"numeric_single_label", "RFC 1123 §2.1", "12345", "fail/syntax"},
      {"too_large_for_an_address", "RFC 1123 §2.1", "192.0.2.256", "fail/syntax"},

      {"underscore", "docs/rules.md §1", "_mail.example.com", "fail/syntax"},
      {.id = "underscore_allowed",
       .source = "docs/rules.md §1",
       .helo = "_mail.example.com",
       .wanted = "pass/fqdn",
       .allow_underscore = true},
      {.id = "underscore_in_second_label",
       .source = "docs/rules.md §1",
       .helo = "mail._x.example.com",
       .wanted = "pass/fqdn",
       .allow_underscore = true},
      {.id = "two_underscores",
       .source = "docs/rules.md §1",
       .helo = "_a._b.example.com",
       .wanted = "fail/syntax",
       .allow_underscore = true},
      {.id = "inner_underscore",
       .source = "docs/rules.md §1",
       .helo = "ma_il.example.com",
       .wanted = "fail/syntax",
       .allow_underscore = true},
      {.id = "bare_underscore",
       .source = "docs/rules.md §1",
       .helo = "_.example.com",
       .wanted = "fail/syntax",
       .allow_underscore = true},
      {.id = "underscore_label_of_64",
       .source = "docs/rules.md §1",
       .helo = "_" + label63 + ".example.com",
       .wanted = "fail/syntax",
       .allow_underscore = true},

      {.id = "u_label",
       .source = "docs/rules.md §3",
       .helo = "B\xc3\x9c"
               "CHER.Example.",
       .wanted = "pass/fqdn",
       .smtputf8 = true,
       .wanted_name = "xn--bcher-kva.example"},
      {.id = "u_label_final_dot_of_another_script",
       .source = "docs/rules.md §1, §3; UTS #46 §4",
       .helo = "\xc3\xbc.example\xe3\x80\x82",
       .wanted = "pass/fqdn",
       .smtputf8 = true,
       .wanted_name = "xn--tda.example"},
      {.id = "u_label_not_announced",
       .source = "docs/rules.md §3",
       .helo = "\xc3\xbc.example",
       .wanted = "fail/syntax"},
      {.id = "u_label_forbidden",
       .source = "docs/rules.md §3; RFC 5892 §2.6",
       .helo = "\xe2\x98\x83.example",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_not_utf8",
       .source = "docs/rules.md §3; RFC 3629 §4",
       .helo = "\xff.example.com",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_too_long",
       .source = "docs/rules.md §1",
       .helo = Repeat("\xc3\xbc", 60) + ".example",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_makes_a_name_of_254",
       .source = "docs/rules.md §1",
       .helo = Repeat(std::string(60, 'a') + ".", 4) + "\xc3\xbc.c"
                                                       "d",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_beside_odd_octets",
       .source = "docs/rules.md §1",
       .helo = "mail|x.\xc3\xbc.example",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_beside_underscore",
       .source = "docs/rules.md §3",
       .helo = "_mail.\xc3\xbc.example",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "u_label_beside_allowed_underscore",
       .source = "docs/rules.md §3",
       .helo = "_mail.\xc3\xbc.example",
       .wanted = "pass/fqdn",
       .allow_underscore = true,
       .smtputf8 = true,
       .wanted_name = "_mail.xn--tda.example"},
      {.id = "u_label_of_ours",
       .source = "docs/rules.md §3",
       .helo = "\xc3\x9c.example.org",
       .wanted = "fail/forged-self",
       .smtputf8 = true},
      {.id = "u_label_special_use",
       .source = "docs/rules.md §3",
       .helo = "\xc3\xbc.local",
       .wanted = "neutral/special-use",
       .smtputf8 = true},
      {.id = "u_label_alone",
       .source = "docs/rules.md §3",
       .helo = "\xc3\xbc",
       .wanted = "neutral/not-fqdn",
       .smtputf8 = true},
      {.id = "address_in_wide_digits",
       .source = "docs/rules.md §3; UTS #46 §4",
       .helo = "\xef\xbc\x91"
               "92.0.2.9",
       .wanted = "fail/bare-ip",
       .wanted_address = "192.0.2.9",
       .smtputf8 = true},
      {.id = "literal_with_u_label",
       .source = "RFC 5321 §4.1.3",
       .helo = "[\xc3\xbc]",
       .wanted = "fail/syntax",
       .smtputf8 = true},
      {.id = "ascii_name_where_announced",
       .source = "docs/rules.md §3",
       .helo = "Mail.Example.com",
       .wanted = "pass/fqdn",
       .smtputf8 = true},

      {"bare_v4", "docs/rules.md §3", "192.0.2.1", "fail/bare-ip", "192.0.2.1", "192.0.2.1"},
      {"bare_v4_trailing_dot", "docs/rules.md §3", "192.0.2.1.", "fail/bare-ip", "192.0.2.1",
       "192.0.2.1"},
      {"bare_v6", "docs/rules.md §3", "2001:db8::1", "fail/bare-ip", "2001:db8::1", "2001:db8::1"},
      {"bare_of_another", "docs/rules.md §3", "192.0.2.9", "fail/bare-ip", "192.0.2.1",
       "192.0.2.9"},
      {"bare_ours", "docs/rules.md §3", us, "fail/bare-ip", "192.0.2.1", us},
      {"tag_without_brackets", "docs/rules.md §3", "IPv6:2001:db8::1", "fail/syntax",
       "2001:db8::1"},

      {"literal_v4", "RFC 5321 §4.1.3", "[192.0.2.1]", "pass/literal-match", "192.0.2.1",
       "192.0.2.1"},
      {"literal_v6", "RFC 5321 §4.1.3", "[IPv6:2001:db8::1]", "pass/literal-match", "2001:db8::1",
       "2001:db8::1"},
      {"literal_v6_long_form", "RFC 5321 §4.1.3", "[IPv6:2001:0DB8:0:0:0:0:0:1]",
       "pass/literal-match", "2001:db8::1", "2001:db8::1"},
      {"literal_tag_lower_case", "RFC 5321 §4.1.3", "[ipv6:2001:db8::1]", "pass/literal-match",
       "2001:db8::1", "2001:db8::1"},
      {"literal_tag_mixed_case", "RFC 5321 §4.1.3", "[iPV6:2001:db8::1]", "pass/literal-match",
       "2001:db8::1", "2001:db8::1"},
      {"literal_mapped", "docs/rules.md §1", "[IPv6:::ffff:192.0.2.1]", "pass/literal-match",
       "192.0.2.1", "192.0.2.1"},
      {"literal_mapped_client", "docs/rules.md §1", "[192.0.2.1]", "pass/literal-match",
       "::ffff:192.0.2.1", "192.0.2.1"},
      {"literal_mismatch_v4", "docs/rules.md §3", "[192.0.2.11]", "fail/literal-mismatch",
       "192.0.2.1", "192.0.2.11"},
      {"literal_prefix_is_no_match", "docs/rules.md §3", "[192.0.2.1]", "fail/literal-mismatch",
       "192.0.2.11", "192.0.2.1"},
      {"literal_mismatch_v6", "docs/rules.md §3", "[IPv6:2001:db8::2]", "fail/literal-mismatch",
       "2001:db8::1", "2001:db8::2"},
      {"literal_other_family", "docs/rules.md §3", "[192.0.2.1]", "fail/literal-mismatch",
       "2001:db8::1", "192.0.2.1"},
      {"literal_ours", "docs/rules.md §3", "[203.0.113.25]", "fail/forged-self", "192.0.2.1", us},
      {"literal_ours_v6", "docs/rules.md §3", "[IPv6:2001:db8:25::1]", "fail/forged-self",
       "192.0.2.1", "2001:db8:25::1"},
      {"literal_ours_from_us", "docs/rules.md §3", "[203.0.113.25]", "pass/literal-match", us, us},
      {"literal_ours_from_our_other", "docs/rules.md §3", "[203.0.113.25]", "fail/literal-mismatch",
       "2001:db8:25::1", us},
      {"literal_open", "RFC 5321 §4.1.3", "[192.0.2.1", "fail/syntax"},
      {"literal_bracket_alone", "RFC 5321 §4.1.3", "[", "fail/syntax"},
      {"literal_empty", "RFC 5321 §4.1.3", "[]", "fail/syntax"},
      {"literal_trailing_dot", "RFC 5321 §4.1.3", "[192.0.2.1].", "fail/syntax"},
      {"literal_v6_untagged", "RFC 5321 §4.1.3", "[2001:db8::1]", "fail/syntax", "2001:db8::1"},
      {"literal_v4_tagged", "RFC 5321 §4.1.3", "[IPv6:192.0.2.1]", "fail/syntax"},
      {"literal_tag_alone", "RFC 5321 §4.1.3", "[IPv6:]", "fail/syntax"},
      {"literal_name", "RFC 5321 §4.1.3", "[mail.example.com]", "fail/syntax"},
      {"literal_zone_id", "RFC 5321 §4.1.3", "[IPv6:fe80::1%eth0]", "fail/syntax"},
      {"literal_space", "RFC 5321 §4.1.3", "[ 192.0.2.1]", "fail/syntax"},
      {"literal_nul", "RFC 5321 §4.1.3", std::string("[192.0.2.1\0]", 12), "fail/syntax"},
      {"literal_short_v4", "RFC 5321 §4.1.3", "[192.0.2]", "fail/syntax"},
      {"literal_long", "RFC 5321 §4.1.3", "[" + std::string(400, '1') + "]", "fail/syntax"},

      {"localhost", "docs/rules.md §3", "localhost", "fail/localhost"},
      {"localhost_upper_case_dot", "docs/rules.md §3", "LOCALHOST.", "fail/localhost"},
      {"localhost_localdomain", "docs/rules.md §3", "localhost.localdomain", "fail/localhost"},
      {"below_localhost", "docs/rules.md §3", "foo.localhost", "fail/localhost"},
      {"localhost_from_us", "docs/rules.md §3", "localhost", "fail/localhost", us},
      {"localhost_before_forged_self", "docs/rules.md §3", "mail.localhost", "fail/localhost"},
      {"localhost_as_first_label", "docs/rules.md §3", "localhost.example.com", "pass/fqdn"},
      {"notlocalhost", "docs/rules.md §3", "notlocalhost", "neutral/not-fqdn"},
      {"below_localhost_localdomain", "docs/rules.md §3", "a.localhost.localdomain",
       "neutral/special-use"},

      {"our_name", "docs/rules.md §3", "mx.example.org", "fail/forged-self"},
      {"our_name_upper_case_dot", "docs/rules.md §3", "MX.EXAMPLE.ORG.", "fail/forged-self"},
      {"our_name_from_us", "docs/rules.md §3", "mx.example.org", "pass/fqdn", us},
      {"our_single_label", "docs/rules.md §3", "mx", "fail/forged-self"},
      {"our_single_label_from_us", "docs/rules.md §3", "mx", "neutral/not-fqdn", us},
      {"below_our_name", "docs/rules.md §3", "a.mx.example.org", "pass/fqdn"},

      {"single_label", "docs/rules.md §3", "mailhost", "neutral/not-fqdn"},
      {"single_label_dot", "docs/rules.md §3", "mailhost.", "neutral/not-fqdn"},
      {"single_special_label", "docs/rules.md §3", "lan", "neutral/not-fqdn"},

      {"local", "docs/rules.md §3", "mail.local", "neutral/special-use"},
      {"localdomain", "docs/rules.md §3", "mail.localdomain", "neutral/special-use"},
      {"lan", "docs/rules.md §3", "mail.LAN.", "neutral/special-use"},
      {"internal", "docs/rules.md §3", "mail.corp.internal", "neutral/special-use"},
      {"home_arpa", "docs/rules.md §3", "mail.home.arpa", "neutral/special-use"},
      {"home_arpa_itself", "docs/rules.md §3", "home.arpa", "neutral/special-use"},
      {"invalid", "docs/rules.md §3", "mail.invalid", "neutral/special-use"},
      {"onion", "docs/rules.md §3", "abc.onion", "neutral/special-use"},
      {"test_is_ordinary", "docs/rules.md §3", "mail.demo.test", "pass/fqdn"},
      {"example_is_ordinary", "docs/rules.md §3", "mail.demo.example", "pass/fqdn"},
      {"arpa_is_ordinary", "docs/rules.md §3", "mail.arpa", "pass/fqdn"},
      {"suffix_needs_its_dot", "docs/rules.md §3", "mail.notlocal", "pass/fqdn"},
  };
}

class HeloTest : public ::testing::TestWithParam<HeloCase> {};

TEST_P(HeloTest, IsJudged) {
  const HeloCase& wanted = GetParam();
  Config config = ConfigOfTests();
  config.helo.allow_underscore = wanted.allow_underscore;
  const Session session = {
      .client = Address(wanted.client), .helo = wanted.helo, .smtputf8 = wanted.smtputf8};

  const HeloFinding finding = CheckHelo(session, config);

  EXPECT_EQ(finding.result.check, CheckId::kHelo);
  EXPECT_EQ(Text(finding.result), wanted.wanted) << wanted.source;
  EXPECT_EQ(finding.address ? finding.address->ToString() : "", wanted.wanted_address);
  EXPECT_TRUE(finding.result.evidence.empty());
  // A name for fqdn alone, in lower case and without its trailing dot.
  EXPECT_EQ(finding.name.has_value(), finding.result.reason == Reason::kFqdn);
  if (finding.name) {
    EXPECT_EQ(*finding.name,
              testing::Name(wanted.wanted_name.empty() ? wanted.helo : wanted.wanted_name));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, HeloTest, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.id; });

// Whatever stands in any place of a name, the check ends with a result of its own.
TEST(HeloBytesTest, EveryOctetInEveryPlaceIsJudged) {
  const Config config = ConfigOfTests();
  for (int octet = 0; octet < 256; ++octet) {
    for (const std::string frame : {"a?.example.com", "?", "[?]", "[192.0.2.?]", "?.", ".?"}) {
      std::string helo = frame;
      helo[helo.find('?')] = static_cast<char>(octet);
      for (const bool smtputf8 : {false, true}) {
        const Session session = {
            .client = Address("192.0.2.1"), .helo = helo, .smtputf8 = smtputf8};
        const HeloFinding finding = CheckHelo(session, config);
        EXPECT_NE(finding.result.result, Result::kSkipped) << octet << " in " << frame;
        EXPECT_NE(finding.result.result, Result::kNone) << octet << " in " << frame;
      }
    }
  }
}

// docs/rules.md §3: until the host has been asked what it is, nothing is ours.
TEST(HeloSettingsTest, NothingIsOursWhereNothingIsSet) {
  for (const std::string helo : {"mx.example.org", "[203.0.113.25]"}) {
    const Session session = {.client = Address("203.0.113.25"), .helo = helo};
    EXPECT_EQ(CheckHelo(session, Config()).result.result, Result::kPass) << helo;
  }
}

}  // namespace
}  // namespace helovet
