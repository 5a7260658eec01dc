#include <string>
#include <vector>

#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

// RFC 5321 §4.2 (form), §4.5.3.1.5 (length); RFC 3463 §3.8 (X.7.1); CSA-02 §4 (550, enough text).
struct Case {
  std::string name;
  Verdict verdict;
  std::string explain_url;
  std::string wanted;
};

std::vector<Case> Cases() {
  Verdict tagged = sample::Mismatch();
  tagged.action = Action::kTag;
  Verdict without_check = sample::Mismatch();
  without_check.decided_by = {CheckId::kConfiguration, Reason::kInvalid};
  const std::string url = "https://mx.example.net/csv";
  return {
      {"reject", sample::Mismatch(), url,
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail address-mismatch (the "
       "client's address is not among the targets'); see https://mx.example.net/csv"},
      {"reject_without_pointer", sample::Mismatch(), "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail address-mismatch (the "
       "client's address is not among the targets')"},
      {"defer_ipv6", sample::Deferred(), url,
       "451 4.7.1 2001:db8::9 is not accepted for now as mail.example.com: csa temperror dns (the "
       "DNS gave no usable answer for now); see https://mx.example.net/csv"},
      {"tag", tagged, url, ""},
      {"accept", sample::High(), url, ""},
      {"exempt", sample::Exempt(), url, ""},
      {"no_helo", sample::Refused("", Reason::kMissing), "",
       "550 5.7.1 192.0.2.9 is not accepted without a HELO name: helo fail missing (the client "
       "gave no HELO name)"},
      {"literal", sample::Refused("[IPv6:2001:db8::1]", Reason::kLiteralMismatch), "",
       "550 5.7.1 192.0.2.9 is not accepted as [IPv6:2001:db8::1]: helo fail literal-mismatch (the "
       "address literal is not the client's address)"},
      {"second_line", sample::Refused("a\r\n250 OK", Reason::kSyntax), "",
       "550 5.7.1 192.0.2.9 is not accepted as a\\x0d\\x0a250\\x20OK: helo fail syntax (the HELO "
       "name is neither a domain name nor an address literal)"},
      {"forged_text",
       sample::Refused("x); see http://evil.example/?|${run{id}}\"\\", Reason::kSyntax), "",
       "550 5.7.1 192.0.2.9 is not accepted as x\\x29\\x3b\\x20see\\x20http:\\x2f\\x2fevil.example"
       "\\x2f\\x3f\\x7c\\x24\\x7brun\\x7bid\\x7d\\x7d\\x22\\x5c: helo fail syntax (the HELO name "
       "is "
       "neither a domain name nor an address literal)"},
      {"eight_bit", sample::Refused("m\xc3\xbcller\x1b[2J\x7f", Reason::kSyntax), "",
       "550 5.7.1 192.0.2.9 is not accepted as m\\xc3\\xbcller\\x1b[2J\\x7f: helo fail syntax (the "
       "HELO name is neither a domain name nor an address literal)"},
      {"decided_without_a_check", without_check, "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: configuration invalid (the "
       "configuration cannot be used)"},
  };
}

class ReplyTest : public testing::TestWithParam<Case> {};

TEST_P(ReplyTest, IsExactly) {
  Config config = sample::Settings();
  config.explain_url = GetParam().explain_url;
  EXPECT_EQ(RenderReply(GetParam().verdict, config), GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(Golden, ReplyTest, testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(ReplyLengthTest, LongNameIsCutAndTheRestIsWhole) {
  const std::string url = "https://mx.example.net/csv";
  for (std::size_t octets = 200; octets <= 600; ++octets) {
    const std::string helo(octets, 'a');
    const std::string reply =
        RenderReply(sample::Refused(helo, Reason::kSyntax), sample::Settings());
    ASSERT_LE(reply.size(), kMaxReplyOctets);
    ASSERT_TRUE(reply.ends_with(
        ": helo fail syntax (the HELO name is neither a domain name nor an address literal); see " +
        url))
        << reply;
    const bool whole = reply.find(helo + ":") != std::string::npos;
    ASSERT_NE(whole, reply.find("a...:") != std::string::npos) << reply;
    if (!whole) {
      ASSERT_EQ(reply.size(), kMaxReplyOctets);
    }
  }
}

TEST(ReplyLengthTest, EscapesAreNeverCutInTwo) {
  for (std::size_t octets = 60; octets <= 130; ++octets) {
    const std::string helo = "a" + std::string(octets, '\xff');
    const std::string reply =
        RenderReply(sample::Refused(helo, Reason::kSyntax), sample::Settings());
    ASSERT_LE(reply.size(), kMaxReplyOctets);
    const std::size_t end = reply.find(": helo");
    ASSERT_NE(end, std::string::npos) << reply;
    std::string name = reply.substr(0, end);
    if (name.ends_with("...")) name.resize(name.size() - 3);
    ASSERT_TRUE(name.ends_with("\\xff")) << reply;
  }
}

// The meaning goes first, then most of the name, and the pointer last and as a whole.
TEST(ReplyLengthTest, LongPointerIsNeverCut) {
  bool with_meaning = false;
  bool with_pointer_only = false;
  bool without_pointer = false;
  for (std::size_t octets = 20; octets <= 600; ++octets) {
    Config config = sample::Settings();
    config.explain_url = "https://" + std::string(octets - 9, 'u') + "/";
    Verdict verdict = sample::Mismatch();
    verdict.session.helo = std::string(300, 'h');
    const std::string reply = RenderReply(verdict, config);
    ASSERT_LE(reply.size(), kMaxReplyOctets);
    const bool pointer = reply.ends_with("; see " + config.explain_url);
    ASSERT_EQ(pointer, reply.find("https:") != std::string::npos) << reply;
    const bool meaning = reply.find(" (the client's address") != std::string::npos;
    with_meaning |= pointer && meaning;
    with_pointer_only |= pointer && !meaning;
    without_pointer |= !pointer;
    ASSERT_NE(reply.find("192.0.2.9 is not accepted as hhhhhhhhhhhhh"), std::string::npos) << reply;
    ASSERT_NE(reply.find(": csa fail address-mismatch"), std::string::npos) << reply;
  }
  EXPECT_TRUE(with_meaning);
  EXPECT_TRUE(with_pointer_only);
  EXPECT_TRUE(without_pointer);
}

}  // namespace
}  // namespace helovet
