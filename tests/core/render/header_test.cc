#include <string>
#include <vector>

#include "core/render/authres_grammar.h"
#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"
#include "render/header.h"

namespace helovet {
namespace {

using sample::Mismatch;

// RFC 8601 §2.2 (grammar), §2.7.3 (iprev), RFC 8904 §2 (dns.sec), RFC 5322 §2.1.1 (78 columns).
struct Case {
  std::string name;
  Verdict verdict;
  std::string authserv_id;
  std::string wanted;
};

std::vector<Case> Cases() {
  Verdict none = Mismatch();
  none.checks.clear();
  Verdict skipped = Mismatch();
  for (CheckResult& check : skipped.checks) check.result = Result::kSkipped;
  Verdict unconfigured = Mismatch();
  unconfigured.decided_by = {CheckId::kConfiguration, Reason::kInvalid};
  Verdict passing = sample::Full();
  passing.trust = Trust::kHigh;
  passing.action = Action::kAccept;
  passing.decided_by = {CheckId::kDna, Reason::kRecommended};
  passing.shadow = {};
  CheckResult& white_list = passing.checks[9];
  white_list.result = Result::kPass;
  white_list.rating = white_list.opinions[0].rating = Rating::kA;
  white_list.opinions[0].result = Result::kPass;
  passing.checks[6].result = Result::kPass;
  passing.checks[6].reason = Reason::kRecommended;
  passing.checks[6].rating = Rating::kA;
  passing.checks.erase(passing.checks.begin() + 2, passing.checks.begin() + 6);
  Verdict ipv6_listed = sample::RefusedBy(sample::ListFailure(CheckId::kAddressList));
  ipv6_listed.session.client = sample::Address("2001:db8::9");
  Verdict unmapped = sample::RefusedBy(sample::ListFailure(CheckId::kAddressList));
  unmapped.decided_by = {CheckId::kAddressList, Reason::kUnmappedCode};
  unmapped.checks.back().result = Result::kNeutral;
  unmapped.checks.back().reason = Reason::kUnmappedCode;
  unmapped.checks.back().rating.reset();
  unmapped.checks.back().opinions[0].text = "127.0.0.77";
  unmapped.checks.back().evidence[0].ad = false;
  Verdict odd_words = sample::RefusedBy(sample::ListFailure(CheckId::kNameList));
  odd_words.checks.back().authority = "a\"; x-csv=pass (b";
  odd_words.checks.back().opinions[0].authority = odd_words.checks.back().authority;
  odd_words.checks.back().opinions[0].text = "127.0.0.2 x-csv=pass";
  Verdict null_sender = sample::RefusedBy({.check = CheckId::kSpf,
                                           .result = Result::kPass,
                                           .reason = Reason::kDesignated,
                                           .identity = Identity::kMailFrom});
  null_sender.session.mail_from = "";
  null_sender.checks.erase(null_sender.checks.begin() + 1);
  null_sender.checks.push_back({.check = CheckId::kCbv, .reason = Reason::kNullSender});
  return {
      // RFC 6212 (vbr), RFC 8904 (dns.zone, policy.ip). Nothing of local lists.
      {"every_check", sample::Full(), "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-forward=neutral reason="not-matched" smtp.helo=mail.example.com
   dns.sec=yes;
 iprev=permerror reason="no-ptr" policy.iprev=192.0.2.9;
 x-reverse-match=neutral reason="not-matched" smtp.helo=mail.example.com;
 x-well-known=none reason="not-listed" smtp.helo=mail.example.com;
 x-dna=fail reason="not-recommended" smtp.helo=mail.example.com
   policy.accreditor=judge.example policy.rating=E;
 vbr=pass reason="vouched" smtp.helo=mail.example.com
   policy.mv=certifier.example;
 x-local-list=neutral reason="not-verified" smtp.helo=mail.example.com;
 x-address-list=fail reason="listed" smtp.remote-ip=192.0.2.9
   dns.zone=bad.example policy.ip="127.0.0.2,127.0.0.4" policy.rating=D
   dns.sec=yes;
 x-name-list=fail reason="listed" smtp.helo=mail.example.com
   dns.zone=bad.example policy.ip="127.0.0.2,127.0.0.4" policy.rating=D
   dns.sec=yes;
 x-csv=fail reason="dna: not-recommended" policy.trust=low
   policy.action=reject policy.standard=reject policy.strict=reject)"},
      {"accredited", passing, "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-dna=pass reason="recommended" smtp.helo=mail.example.com
   policy.accreditor=judge.example policy.rating=A;
 vbr=pass reason="vouched" smtp.helo=mail.example.com
   policy.mv=certifier.example;
 x-local-list=neutral reason="not-verified" smtp.helo=mail.example.com;
 dnswl=pass reason="listed" dns.zone=bad.example
   policy.ip="127.0.0.2,127.0.0.4" dns.sec=yes;
 x-name-list=fail reason="listed" smtp.helo=mail.example.com
   dns.zone=bad.example policy.ip="127.0.0.2,127.0.0.4" policy.rating=D
   dns.sec=yes;
 x-csv=pass reason="dna: recommended" policy.trust=high policy.action=accept
   policy.standard=accept policy.strict=accept)"},
      {"listed_ipv6", ipv6_listed, "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-address-list=fail reason="listed" smtp.remote-ip="2001:db8::9"
   dns.zone=bad.example policy.ip="127.0.0.2,127.0.0.4" policy.rating=D
   dns.sec=yes;
 x-csv=fail reason="address-list: listed" policy.trust=low
   policy.action=reject policy.standard=reject policy.strict=reject)"},
      {"unmapped_code", unmapped, "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-address-list=neutral reason="unmapped-code" smtp.remote-ip=192.0.2.9
   dns.zone=bad.example policy.ip=127.0.0.77;
 x-csv=fail reason="address-list: unmapped-code" policy.trust=low
   policy.action=reject policy.standard=reject policy.strict=reject)"},
      {"words_of_others", odd_words, "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-name-list=fail reason="listed" smtp.helo=mail.example.com
   dns.zone="a\\x22\\x3b\\x20x-csv\\x3dpass\\x20\\x28b" policy.rating=D
   dns.sec=yes;
 x-csv=fail reason="name-list: listed" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      {"all_checks", Mismatch(), "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=fail reason="address-mismatch" smtp.helo=mail.example.com dns.sec=yes;
 x-forward=neutral reason="not-matched" smtp.helo=mail.example.com
   dns.sec=yes;
 iprev=permerror reason="no-ptr" policy.iprev=192.0.2.9;
 x-local-list=none reason="not-listed" smtp.helo=mail.example.com;
 x-csv=fail reason="csa: address-mismatch" policy.trust=low
   policy.action=reject policy.standard=reject policy.strict=reject)"},
      {"high", sample::High(), "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-csa=pass reason="authorized" smtp.helo=mail.example.com dns.sec=yes;
 x-forward=pass reason="matched" smtp.helo=mail.example.com dns.sec=yes;
 iprev=permerror reason="no-ptr" policy.iprev=192.0.2.9;
 x-local-list=pass reason="listed" smtp.helo=mail.example.com;
 x-csv=pass reason="local-list: listed" policy.trust=high policy.action=accept
   policy.standard=accept policy.strict=accept)"},
      {"ipv6_is_quoted_and_skipped_does_not_appear", sample::Deferred(), "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-csa=temperror reason="dns" smtp.helo=mail.example.com;
 iprev=pass reason="confirmed" policy.iprev="2001:db8::9";
 x-csv=neutral reason="csa: dns" policy.trust=unknown policy.action=defer
   policy.standard=tag policy.strict=defer)"},
      {"no_helo", sample::Refused("", Reason::kMissing), "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-helo=fail reason="missing" smtp.helo="";
 x-csv=fail reason="helo: missing" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      {"forged_statement", sample::Refused("a\"; x-csv=pass\r\nBcc: b\\", Reason::kSyntax),
       "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-helo=fail reason="syntax"
   smtp.helo="a\\x22\\x3b\\x20x-csv\\x3dpass\\x0d\\x0aBcc:\\x20b\\x5c";
 x-csv=fail reason="helo: syntax" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      {"odd_authserv_id", sample::Refused("x", Reason::kSyntax), "mx/1 (main)\n",
       R"(Authentication-Results: "mx/1 (main)\\x0a";
 x-helo=fail reason="syntax" smtp.helo=x;
 x-csv=fail reason="helo: syntax" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      // RFC 8601 §2.7.2: smtp.helo and smtp.mailfrom.
      {"senders", sample::Senders(), "mx.example.net", R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 x-dmp=pass reason="designated" smtp.helo=mail.example.com;
 x-drip=none reason="not-participating" smtp.helo=mail.example.com;
 x-rmx=none reason="no-record" smtp.mailfrom=example.org;
 spf=softfail reason="probably-not-designated" smtp.helo=mail.example.com;
 spf=fail reason="not-designated" smtp.mailfrom=example.org;
 x-cbv=pass reason="accepted" smtp.mailfrom=jo@example.org;
 x-csv=fail reason="spf: not-designated" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      // RFC 7208 §2.4; docs/rules.md §12.1
      {"null_sender_and_no_callback", null_sender, "mx.example.net",
       R"(Authentication-Results: mx.example.net;
 x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
 spf=pass reason="designated" smtp.helo=mail.example.com;
 x-csv=fail reason="spf: designated" policy.trust=low policy.action=reject
   policy.standard=reject policy.strict=reject)"},
      {"exempt", sample::Exempt(), "mx.example.net", ""},
      {"no_check", none, "mx.example.net", ""},
      {"only_skipped", skipped, "mx.example.net", ""},
      {"no_configuration", unconfigured, "mx.example.net", ""},
  };
}

class HeaderTest : public testing::TestWithParam<Case> {};

TEST_P(HeaderTest, IsExactly) {
  Config config = sample::Settings();
  config.authserv_id = GetParam().authserv_id;
  EXPECT_EQ(HeaderText(GetParam().verdict, config), GetParam().wanted);
  if (!GetParam().wanted.empty()) {
    EXPECT_TRUE(AuthresParser::Parse(RenderHeader(GetParam().verdict, config)));
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, HeaderTest, testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(HeaderSettingsTest, OffMeansNone) {
  Config config = sample::Settings();
  config.header = false;
  EXPECT_TRUE(RenderHeader(Mismatch(), config).empty());
}

TEST(HeaderSettingsTest, AuthservIdDefaultsToTheHostName) {
  Config config = sample::Settings();
  config.authserv_id.clear();
  EXPECT_NE(AuthservId(config), "");
  EXPECT_NE(AuthservId(config), "\"\"");
  EXPECT_EQ(RenderHeader(Mismatch(), config).front(),
            "Authentication-Results: " + AuthservId(config) + ";");
}

// RFC 8601 §2.2: pvalue is a value, or a mailbox of a dot-atom and a domain name.
struct SenderCase {
  std::string mail_from;
  std::string spf;  // What smtp.mailfrom is: the domain,
  std::string cbv;  // and the mailbox.
};

TEST(HeaderSenderTest, IsBareWhereItIsPlain) {
  const std::vector<SenderCase> cases = {
      {"jo@example.org", "example.org", "jo@example.org"},
      {"Jo.Do-e_1@EXAMPLE.org", "EXAMPLE.org", "Jo.Do-e_1@EXAMPLE.org"},
      {"jo@xn--mller-kva.example", "xn--mller-kva.example", "jo@xn--mller-kva.example"},
      {"jo@localhost", "localhost", R"("jo@localhost")"},
      {"jo@a_b.example", "a_b.example", R"("jo@a_b.example")"},
      {"jo@-a.example", "-a.example", R"("jo@-a.example")"},
      {"jo@a-.example", "a-.example", R"("jo@a-.example")"},
      {"jo@example.org.", "example.org.", R"("jo@example.org.")"},
      {"jo.@example.org", "example.org", R"("jo.@example.org")"},
      {".jo@example.org", "example.org", R"(".jo@example.org")"},
      {"j..o@example.org", "example.org", R"("j..o@example.org")"},
      {"@example.org", "example.org", R"("@example.org")"},
      {"jo@", R"("")", R"("jo@")"},
      {"jo", "jo", "jo"},
      {"jo+x=a@example.org", "example.org", R"("jo\\x2bx\\x3da@example.org")"},
      {"\"a@b; x\"@example.org", "example.org", R"("\\x22a\\x40b\\x3b\\x20x\\x22@example.org")"},
      {"jo@[192.0.2.1]", R"("[192.0.2.1]")", R"("jo@[192.0.2.1]")"},
      {"j\xc3\xb6@m\xc3\xbcller.example", R"("m\\xc3\\xbcller.example")",
       R"("j\\xc3\\xb6@m\\xc3\\xbcller.example")"},
  };
  for (const SenderCase& test : cases) {
    Verdict verdict = sample::Senders();
    verdict.session.mail_from = test.mail_from;
    const std::vector<std::string> header = RenderHeader(verdict, sample::Settings());
    const std::string text = HeaderText(verdict, sample::Settings());
    EXPECT_NE(text.find("spf=fail reason=\"not-designated\" smtp.mailfrom=" + test.spf + ";"),
              std::string::npos)
        << test.mail_from << " in " << text;
    EXPECT_NE(text.find(" smtp.mailfrom=" + test.cbv + ";\n x-csv"), std::string::npos)
        << test.mail_from << " in " << text;
    EXPECT_TRUE(AuthresParser::Parse(header)) << text;
  }
}

TEST(HeaderFoldingTest, LongNameStandsOnALineOfItsOwn) {
  Verdict verdict = Mismatch();
  verdict.session.helo = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  for (const std::string& line : RenderHeader(verdict, sample::Settings())) {
    if (line.size() <= 78) continue;
    EXPECT_TRUE(line.starts_with("   smtp.helo=aaaa")) << line;
  }
}

// One answer without AD and the whole check is not said to be secure.
TEST(HeaderSecurityTest, EveryAnswerMustBeAuthenticated) {
  Verdict verdict = Mismatch();
  verdict.checks[1].evidence[0].ad = false;
  EXPECT_EQ(RenderHeader(verdict, sample::Settings())[2],
            " x-csa=fail reason=\"address-mismatch\" smtp.helo=mail.example.com;");
}

}  // namespace
}  // namespace helovet
