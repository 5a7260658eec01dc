#include <string>
#include <utility>
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

// Refused for the word of `check` with mail from jo@example.org.
Verdict FromSender(CheckResult check) {
  Verdict verdict = sample::RefusedBy(std::move(check));
  verdict.session.mail_from = "jo@example.org";
  return verdict;
}

std::vector<Case> Cases() {
  const Verdict spf = FromSender(sample::SpfFailure());
  Verdict unexplained = spf;
  unexplained.checks.back().explanation.clear();
  Verdict null_sender = spf;
  null_sender.session.mail_from = "";
  Verdict spf_helo = FromSender({.check = CheckId::kSpfHelo,
                                 .result = Result::kFail,
                                 .reason = Reason::kNotDesignated,
                                 .explanation = "no mail"});
  Verdict forged = spf;
  forged.checks.back().explanation = "ok); see http://evil.example/\r\n250 OK${run}\"\\\xff";
  Verdict odd_sender = unexplained;
  odd_sender.session.mail_from = "\"jo@x\"@a: x.example";
  Verdict tagged = sample::Mismatch();
  tagged.action = Action::kTag;
  Verdict without_check = sample::Mismatch();
  without_check.decided_by = {CheckId::kConfiguration, Reason::kInvalid};
  Verdict by_override = sample::RefusedBy(
      {.check = CheckId::kIprev, .result = Result::kPermerror, .reason = Reason::kNoPtr});
  by_override.action = Action::kDefer;
  Verdict without_contact = sample::RefusedBy(sample::DnaFailure());
  without_contact.checks.back().contact.clear();
  Verdict deferred_dna = sample::RefusedBy(sample::DnaFailure());
  deferred_dna.action = Action::kDefer;
  const std::string url = "https://mx.example.net/csv";
  return {
      // DNA-02 §5
      {"accreditor", sample::RefusedBy(sample::DnaFailure()), url,
       "550 5.7.1 Access denied based on judge.example report: 192.0.2.9 is not accepted as "
       "mail.example.com: dna fail not-recommended (a trusted accreditor does not recommend the "
       "name); contact ask.judge.example:587; see https://mx.example.net/csv"},
      {"accreditor_without_contact", without_contact, "",
       "550 5.7.1 Access denied based on judge.example report: 192.0.2.9 is not accepted as "
       "mail.example.com: dna fail not-recommended (a trusted accreditor does not recommend the "
       "name)"},
      {"accreditor_overridden", deferred_dna, "",
       "451 4.7.1 Access denied based on judge.example report: 192.0.2.9 is not accepted for now "
       "as "
       "mail.example.com: dna fail not-recommended (a trusted accreditor does not recommend the "
       "name); contact ask.judge.example:587"},
      // An accreditor that speaks for the name is not what an override refuses by.
      {"dna_temperror_overridden",
       sample::RefusedBy(
           {.check = CheckId::kDna, .result = Result::kTemperror, .reason = Reason::kDns}),
       "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: dna temperror dns (the DNS gave "
       "no "
       "usable answer for now)"},
      {"address_list", sample::RefusedBy(sample::ListFailure(CheckId::kAddressList)), url,
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: address-list fail listed in "
       "bad.example (a list that this server uses has it); see https://mx.example.net/csv"},
      {"name_list", sample::RefusedBy(sample::ListFailure(CheckId::kNameList)), "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: name-list fail listed in "
       "bad.example (a list that this server uses has it)"},
      // What the administrator's own lists have, and where, is nobody else's business.
      {"local_list",
       sample::RefusedBy(
           {.check = CheckId::kLocalList,
            .result = Result::kFail,
            .reason = Reason::kListed,
            .opinions = {{.authority = "/etc/helovet/deny:3", .text = ".example.com"}},
            .authority = "/etc/helovet/deny:3"}),
       "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: local-list fail listed (a list "
       "that this server uses has it)"},
      {"any_check_by_an_override", by_override, url,
       "451 4.7.1 192.0.2.9 is not accepted for now as mail.example.com: iprev permerror no-ptr "
       "(the client's address has no name); see https://mx.example.net/csv"},
      {"reject", sample::Mismatch(), url,
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail address-mismatch (the "
       "client's address is not among the targets'); see https://mx.example.net/csv"},
      {"reject_without_pointer", sample::Mismatch(), "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail address-mismatch (the "
       "client's address is not among the targets')"},
      {"defer_ipv6", sample::Deferred(), url,
       "451 4.7.1 2001:db8::9 is not accepted for now as mail.example.com: csa temperror dns (the "
       "DNS gave no usable answer for now); see https://mx.example.net/csv"},
      // RFC 7208 §6.2, §8.4
      {"spf_with_explanation", spf, url,
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from example.org: spf "
       "fail "
       "not-designated (the domain designates its clients and the client's address is none of "
       "them); example.org explains: 192.0.2.9 is none of ours, see "
       "https://example.org/?ip=192.0.2.9; see https://mx.example.net/csv"},
      {"spf_without_explanation", unexplained, "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from example.org: spf "
       "fail "
       "not-designated (the domain designates its clients and the client's address is none of "
       "them)"},
      // RFC 7208 §2.4: the null sender is judged by the HELO name.
      {"spf_of_the_null_sender", null_sender, "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: spf fail not-designated (the "
       "domain designates its clients and the client's address is none of them); "
       "mail.example.com explains: 192.0.2.9 is none of ours, see "
       "https://example.org/?ip=192.0.2.9"},
      {"spf_helo", spf_helo, "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: spf-helo fail not-designated (the "
       "domain designates its clients and the client's address is none of them); "
       "mail.example.com explains: no mail"},
      {"explanation_in_our_words", forged, url,
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from example.org: spf "
       "fail "
       "not-designated (the domain designates its clients and the client's address is none of "
       "them); example.org explains: ok)\\x3b see http://evil.example/\\x0d\\x0a250 "
       "OK\\x24\\x7brun\\x7d\\x22\\x5c\\xff; see https://mx.example.net/csv"},
      {"sender_in_our_words", odd_sender, "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from "
       "a:\\x20x.example: spf fail not-designated (the domain designates its clients and the "
       "client's address is none of them)"},
      {"callback",
       FromSender({.check = CheckId::kCbv,
                   .result = Result::kFail,
                   .reason = Reason::kRefusedRcpt,
                   .identity = Identity::kMailFrom}),
       "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from example.org: cbv "
       "fail "
       "refused-rcpt (the sender's mail server does not know the sender)"},
      {"dmp_of_the_sender",
       FromSender({.check = CheckId::kDmp,
                   .result = Result::kFail,
                   .reason = Reason::kDenied,
                   .identity = Identity::kMailFrom}),
       "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com for mail from example.org: dmp "
       "fail "
       "denied (the domain denies the client's address)"},
      {"dmp_of_the_helo_name",
       FromSender({.check = CheckId::kDmp, .result = Result::kFail, .reason = Reason::kDenied}), "",
       "550 5.7.1 192.0.2.9 is not accepted as mail.example.com: dmp fail denied (the domain "
       "denies "
       "the client's address)"},
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

// The contact point goes before the pointer, and both as a whole; the accreditor always stays.
TEST(ReplyLengthTest, LongContactIsNeverCut) {
  const std::string accreditor = std::string(60, 'j') + ".example";
  bool with_meaning = false;
  bool with_contact_only = false;
  bool without_contact = false;
  for (std::size_t octets = 20; octets <= 600; ++octets) {
    CheckResult check = sample::DnaFailure();
    check.authority = accreditor;
    check.contact = std::string(octets, 'c') + ":25";
    Verdict verdict = sample::RefusedBy(std::move(check));
    verdict.session.helo = std::string(300, 'h');
    const Config config = sample::Settings();
    const std::string reply = RenderReply(verdict, config);
    ASSERT_LE(reply.size(), kMaxReplyOctets);
    ASSERT_TRUE(reply.ends_with("; see " + config.explain_url)) << reply;
    ASSERT_NE(reply.find("Access denied based on " + accreditor + " report: "), std::string::npos);
    ASSERT_NE(reply.find("192.0.2.9 is not accepted as hhhhhhhhhhhhh"), std::string::npos) << reply;
    const std::string& contact = verdict.checks.back().contact;
    const bool whole = reply.find("; contact " + contact + "; see ") != std::string::npos;
    ASSERT_EQ(whole, reply.find("contact") != std::string::npos) << reply;
    const bool meaning = reply.find(" (a trusted accreditor") != std::string::npos;
    with_meaning |= whole && meaning;
    with_contact_only |= whole && !meaning;
    without_contact |= !whole;
  }
  EXPECT_TRUE(with_meaning);
  EXPECT_TRUE(with_contact_only);
  EXPECT_TRUE(without_contact);
}

// docs/rules.md §11.5: 200 octets of an explanation at most, and none before all else has its
// place.
TEST(ReplyLengthTest, ExplanationsTakeWhatIsLeft) {
  bool whole = false;
  bool cut = false;
  bool without = false;
  for (std::size_t octets = 1; octets <= 300; ++octets) {
    Verdict verdict = FromSender(sample::SpfFailure());
    verdict.session.helo = std::string(octets, 'h');
    verdict.checks.back().explanation = std::string(150, 'e');
    const Config config = sample::Settings();
    const std::string reply = RenderReply(verdict, config);
    ASSERT_LE(reply.size(), kMaxReplyOctets);
    ASSERT_TRUE(reply.ends_with("; see " + config.explain_url)) << reply;
    Verdict silent = verdict;
    silent.checks.back().explanation.clear();
    const std::string fixed = RenderReply(silent, config);
    const std::size_t at = fixed.find("; see ");
    ASSERT_EQ(reply.substr(0, at), fixed.substr(0, at));
    const bool explains = reply.find("; example.org explains: eeee") != std::string::npos;
    ASSERT_EQ(explains, reply != fixed) << reply;
    whole |= reply.find(std::string(150, 'e')) != std::string::npos;
    cut |= reply.find("e...; see ") != std::string::npos;
    without |= !explains;
  }
  EXPECT_TRUE(whole);
  EXPECT_TRUE(cut);
  EXPECT_TRUE(without);

  Verdict longest = FromSender(sample::SpfFailure());
  longest.checks.back().explanation = std::string(500, 'e');
  EXPECT_NE(RenderReply(longest, Config()).find(": " + std::string(197, 'e') + "..."),
            std::string::npos);
}

// A sender's domain is cut before a pointer goes.
TEST(ReplyLengthTest, LongSendersLeaveRoom) {
  Verdict verdict = FromSender(sample::SpfFailure());
  verdict.session.client = sample::Address("2001:db8:1111:2222:3333:4444:5555:6666");
  verdict.session.helo = std::string(300, 'h');
  verdict.action = Action::kDefer;
  Config config = sample::Settings();
  for (const std::size_t url : {30, 100, 200}) {
    config.explain_url = std::string(url, 'u');
    for (std::size_t octets = 1; octets <= 600; ++octets) {
      verdict.session.mail_from = "jo@" + std::string(octets, 's');
      const std::string reply = RenderReply(verdict, config);
      ASSERT_LE(reply.size(), kMaxReplyOctets);
      ASSERT_TRUE(reply.ends_with("; see " + config.explain_url)) << reply;
      ASSERT_NE(reply.find(" as hhhhhhhhhhhhh"), std::string::npos) << reply;
      ASSERT_NE(reply.find(" for mail from s"), std::string::npos) << reply;
      ASSERT_NE(reply.find(": spf fail not-designated"), std::string::npos) << reply;
    }
  }
}

// The longest of everything that a line must hold.
TEST(ReplyLengthTest, LongestAuthorities) {
  for (const CheckId id : {CheckId::kDna, CheckId::kAddressList, CheckId::kNameList}) {
    for (const char octet : {'a', '\n', '\xff'}) {
      CheckResult check = id == CheckId::kDna ? sample::DnaFailure() : sample::ListFailure(id);
      check.authority = std::string(2000, octet);
      check.contact = std::string(2000, octet);
      Verdict verdict = sample::RefusedBy(std::move(check));
      verdict.action = Action::kDefer;
      verdict.session.helo = std::string(2000, octet);
      verdict.session.client = sample::Address("2001:db8:1111:2222:3333:4444:5555:6666");
      Config config = sample::Settings();
      for (const std::size_t url : {30, 60, 100, 200, 600}) {
        config.explain_url = std::string(url, 'u');
        const std::string reply = RenderReply(verdict, config);
        EXPECT_LE(reply.size(), kMaxReplyOctets);
        EXPECT_TRUE(reply.starts_with("451 4.7.1 ")) << reply;
        EXPECT_NE(reply.find(": " + std::string(ToString(id)) + " fail "), std::string::npos);
        EXPECT_EQ(reply.find('\n'), std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace helovet
