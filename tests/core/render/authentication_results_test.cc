#include "helovet/authentication_results.h"

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kOurs = "mx.example.net";

struct Case {
  std::string_view field;
  bool claims;
};

void ExpectEach(const std::vector<Case>& cases, std::string_view authserv_id = kOurs) {
  for (const Case& test : cases) {
    EXPECT_EQ(ClaimsAuthservId(test.field, authserv_id), test.claims) << EscapeForLog(test.field);
  }
}

// RFC 5322 §2.2, §3.6.8, §4.5 (white space before the colon).
TEST(ClaimsAuthservIdTest, FieldName) {
  ExpectEach({
      {"Authentication-Results: mx.example.net; none", true},
      {"AUTHENTICATION-results:mx.example.net; none", true},
      {"Authentication-Results \t: mx.example.net; none", true},
      {"ARC-Authentication-Results: i=1; mx.example.net; none", false},
      {"X-Authentication-Results: mx.example.net; none", false},
      {"Authentication-Results-Original: mx.example.net; none", false},
      {"Subject: Authentication-Results: mx.example.net; none", false},
      {"Authentication-Results mx.example.net; none", false},
      {"Authentication-Results", false},
      {":", false},
      {"", false},
  });
}

// RFC 8601 §2.2: [CFWS] authserv-id [CFWS version] ( no-result / 1*resinfo ); RFC 2045 §5.1: value.
TEST(ClaimsAuthservIdTest, AsTheGrammarHasIt) {
  ExpectEach({
      {"Authentication-Results: mx.example.net; spf=pass", true},
      {"Authentication-Results: MX.Example.NET; spf=pass", true},
      {"Authentication-Results: mx.example.net. ; spf=pass", true},
      {"Authentication-Results: mx.example.net 1; spf=pass", true},
      {"Authentication-Results:\r\n\tmx.example.net\r\n 1\r\n ; spf=pass\r\n", true},
      {"Authentication-Results: mx.example.net", true},
      {"Authentication-Results: \"mx.example.net\"; spf=pass", true},
      {"Authentication-Results: \"mx\\.example\\.net\" 1; spf=pass", true},
      {"Authentication-Results: (a (nested (one)) \\) \\\\) mx.example.net (b) 1 (c); none", true},
      {"Authentication-Results: other.example; spf=pass", false},
      {"Authentication-Results: other.example 1; spf=pass", false},
      {"Authentication-Results: \"other.example\"; spf=pass", false},
      {"Authentication-Results: \"other;example\"; spf=pass", false},
      {"Authentication-Results: (a comment) other.example (amavisd-new); dkim=pass", false},
      {"Authentication-Results: other.example", false},
  });
}

// Names that have ours in them, and fields that have it where no id stands.
TEST(ClaimsAuthservIdTest, Strangers) {
  ExpectEach({
      {"Authentication-Results: a.mx.example.net; spf=pass", false},
      {"Authentication-Results: mx.example.net.evil.example; spf=pass", false},
      {"Authentication-Results: mx.example.netz; spf=pass", false},
      {"Authentication-Results: amx.example.net; spf=pass", false},
      {"Authentication-Results: mx-example.net; spf=pass", false},
      {"Authentication-Results: \"amx.example.net\"; spf=pass", false},
      {"Authentication-Results: other.example; spf=pass smtp.helo=mx.example.net", false},
      {"Authentication-Results: other.example; spf=pass (mx.example.net; x)", false},
      {"Authentication-Results: other.example; (mx.example.net", false},
      {"Authentication-Results: other.example/4711; dkim=pass", false},
      {"Authentication-Results: other.example:25; dkim=pass", false},
      {"Authentication-Results: other.example dkim=pass; spf=pass", false},
      {"Authentication-Results: m\xc3\xbcller.example; spf=pass", false},
      {"Authentication-Results: spf=pass (sender IP is 192.0.2.1); dkim=none", false},
      {"Authentication-Results: spf = pass; dkim=none", false},
  });
}

// Nobody's field, and anybody's: RFC 8601 §5 lets a border server remove all that it is in doubt
// about.
TEST(ClaimsAuthservIdTest, WithoutAnIdThatCanBeRead) {
  ExpectEach({
      {"Authentication-Results:", true},
      {"Authentication-Results: \r\n ", true},
      {"Authentication-Results: ; spf=pass", true},
      {"Authentication-Results: (comment) ; spf=pass", true},
      {"Authentication-Results: \"\"; spf=pass", true},
      {"Authentication-Results: =; spf=pass", true},
      {"Authentication-Results: (other.example; spf=pass", true},
      {"Authentication-Results: other.example (; spf=pass", true},
      {"Authentication-Results: ((other.example); spf=pass", true},
      {"Authentication-Results: (other.example\\); spf=pass", true},
      {"Authentication-Results: \"other.example; spf=pass", true},
      {"Authentication-Results: \"other.example\\\"; spf=pass", true},
      {std::string_view("Authentication-Results: \0; spf=pass", 35), true},
  });
}

// What a reader with a rougher idea of the grammar takes for our id.
TEST(ClaimsAuthservIdTest, LenientReaders) {
  ExpectEach({
      {"Authentication-Results: (a (b) mx.example.net; spf=pass) other.example; none", true},
      {"Authentication-Results: (a \\) mx.example.net; spf=pass) other.example; none", true},
      {"Authentication-Results: (mx.example.net; spf=pass) other.example; none", true},
      {"Authentication-Results: \"other.example\" mx.example.net; none", true},
      {"Authentication-Results: \"other.example\\\" mx.example.net; spf=pass\"; none", true},
      {"Authentication-Results: other.example mx.example.net; none", true},
      {"Authentication-Results: mx.example.net other.example; none", true},
      {"Authentication-Results: mx.example.net spf=pass; none", true},
      {"Authentication-Results: mx(c).example(c).net; none", true},
      {"Authentication-Results: mx.\"example\".net; none", true},
      {"Authentication-Results: mx.exam\r\n ple.net; none", true},
      {"Authentication-Results: mx.\\example.net; none", true},
      {"Authentication-Results: <mx.example.net>; none", true},
      {"Authentication-Results: [mx.example.net]; none", true},
      {"Authentication-Results: mx.example.net, other.example; none", true},
      {"Authentication-Results: mx.example.net/4711; none", true},
      {"Authentication-Results: mx.example.net:25; none", true},
      {std::string_view("Authentication-Results: mx.example.net\0; none", 45), true},
      {std::string_view("Authentication-Results: mx.exam\0ple.net; none", 45), true},
      {"Authentication-Results: \x0b\x0cmx.example.net; none", true},
      {"Authentication-Results: ) mx.example.net; none", true},
  });
}

// RFC 8616 §4: ids in UTF-8.
TEST(ClaimsAuthservIdTest, Utf8) {
  constexpr std::string_view kUtf8 = "mx.b\xc3\xbc\x63her.example";
  ExpectEach(
      {
          {"Authentication-Results: mx.b\xc3\xbc\x63her.example; none", true},
          {"Authentication-Results: MX.B\xc3\xbc\x43HER.example; none", true},
          {"Authentication-Results: \"mx.b\xc3\xbc\x63her.example\" 1; none", true},
          {"Authentication-Results: mx.xn--bcher-kva.example; none", true},
          {"Authentication-Results: \"MX.XN--bcher-kva.example.\" 1; none", true},
          {"Authentication-Results: mx.xn--bcher-kvb.example; none", false},
          {"Authentication-Results: mx.bucher.example; none", false},
          {"Authentication-Results: mx.b\xc3; none", false},
          {"Authentication-Results: xmx.b\xc3\xbc\x63her.example; none", false},
          {"Authentication-Results: \"\xc3\xbcmx.b\xc3\xbc\x63her.example\"; none", false},
      },
      kUtf8);
  ExpectEach(
      {
          {"Authentication-Results: mx.b\xc3\xbc\x63her.example; none", true},
          {"Authentication-Results: (c) \"mx.B\xc3\x9c\x43HER.example\" 1; none", true},
          {"Authentication-Results: mx.b\xc3\xb6\x63her.example; none", false},
          {"Authentication-Results: mx.b\xc3.example; none", false},
      },
      "mx.xn--bcher-kva.example");
}

TEST(ClaimsAuthservIdTest, IdsThatAreNoToken) {
  ExpectEach(
      {
          {"Authentication-Results: \"mx/1 (main)\"; none", true},
          {"Authentication-Results: \"MX/1 (Main)\" 1; none", true},
          {"Authentication-Results: \"mx/2 (main)\"; none", false},
          {"Authentication-Results: other; none", false},
      },
      "mx/1 (main)");
}

// Our own fields claim our id, whatever it is.
TEST(ClaimsAuthservIdTest, FieldsOfOurOwn) {
  for (const char* id : {"mx.example.net", "MX", "mx/1 (main)\n", "a\"b\\c", "m\xc3\xbcller", ""}) {
    Config config = sample::Settings();
    config.authserv_id = id;
    for (const Verdict& verdict : {sample::Mismatch(), sample::Full(), sample::High()}) {
      std::string field;
      for (const std::string& line : RenderHeader(verdict, config)) field += line + "\r\n";
      EXPECT_TRUE(ClaimsAuthservId(field, AuthservIdOf(config))) << field;
      EXPECT_FALSE(ClaimsAuthservId(field, "stranger.example")) << field;
    }
  }
}

TEST(ForeignResultsTest, KeepsStrangersInOrder) {
  const std::vector<std::string_view> bodies = {" a.example; spf=pass", " mx.example.net; spf=pass",
                                                " b.example 1; none", " (unterminated", ""};
  const std::vector<std::string_view> wanted = {bodies[0], bodies[2]};
  EXPECT_EQ(ForeignResults(bodies, kOurs), wanted);
  EXPECT_TRUE(ForeignResults({}, kOurs).empty());
}

// Whatever stands around: a field that says our id in the way of the grammar is ours, and one that
// has no octet of it is not, unless it cannot be read.
TEST(ClaimsAuthservIdTest, AnyOctets) {
  constexpr std::string_view kSpecial = "\r\n\0\t \"\\;()=<>/:@1xz.\x80\xff";
  std::mt19937 random(8601);
  for (int round = 0; round < 20000; ++round) {
    std::string noise(random() % 30, '\0');
    for (char& octet : noise) octet = kSpecial[random() % kSpecial.size()];
    ASSERT_TRUE(ClaimsAuthservId("Authentication-Results: mx.example.net;" + noise, kOurs))
        << EscapeForLog(noise);
    ASSERT_FALSE(ClaimsAuthservId("Authentication-Results: other.example;" + noise, kOurs))
        << EscapeForLog(noise);
    static_cast<void>(ClaimsAuthservId("Authentication-Results:" + noise, kOurs));
    ASSERT_FALSE(ClaimsAuthservId(noise, kOurs)) << EscapeForLog(noise);
  }
}

TEST(ClaimsAuthservIdTest, HugeFields) {
  constexpr std::size_t kHuge = 1000000;
  const std::string name = "Authentication-Results: ";
  const auto start = std::chrono::steady_clock::now();
  for (const std::string_view part : {"(", "()", "\"", "\"\"", "\\", "mx.example.ne", " ", "a ",
                                      "=", "mx.example.netz ", "(mx.example.netz)"}) {
    std::string field = name;
    while (field.size() < kHuge) field += part;
    static_cast<void>(ClaimsAuthservId(field, kOurs));
    static_cast<void>(ClaimsAuthservId(field + "; none", kOurs));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace helovet
