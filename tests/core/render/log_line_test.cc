#include <string>
#include <utility>
#include <vector>

#include "core/render/exim_extract.h"
#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

struct Case {
  std::string name;
  Verdict verdict;
  std::string wanted;
};

std::vector<Case> Cases() {
  Verdict null_sender = sample::Deferred();
  null_sender.session.mail_from = "";
  Verdict not_called = sample::Deferred();
  not_called.checks.push_back({.check = CheckId::kCbv, .reason = Reason::kDecided});
  Verdict odd = sample::Refused("a\" trust=high\n", Reason::kSyntax);
  odd.session.mail_from = "x\\y@example.com";
  return {
      {"reject", sample::Mismatch(),
       R"(action=reject trust=low decided_by=csa decided_reason=address-mismatch )"
       R"(profile=standard standard=reject strict=reject authenticated=no ip=192.0.2.9 )"
       R"(helo_name=mail.example.com queries=3 ms=3000 helo=pass helo_reason=fqdn csa=fail )"
       R"(csa_reason=address-mismatch forward=neutral forward_reason=not-matched )"
       R"(iprev=permerror iprev_reason=no-ptr local_list=none local_list_reason=not-listed)"},
      {"high", sample::High(),
       R"(action=accept trust=high decided_by=local-list decided_reason=listed )"
       R"(profile=standard standard=accept strict=accept authenticated=yes ip=192.0.2.9 )"
       R"(helo_name=mail.example.com queries=3 ms=3000 helo=pass helo_reason=fqdn csa=pass )"
       R"(csa_reason=authorized forward=pass forward_reason=matched iprev=permerror )"
       R"(iprev_reason=no-ptr local_list=pass local_list_reason=listed )"
       R"(local_list_authority=/etc/helovet/friends:17)"},
      {"every_check", sample::Full(),
       R"(action=reject trust=low decided_by=dna decided_reason=not-recommended )"
       R"(profile=standard standard=reject strict=reject authenticated=no ip=192.0.2.9 )"
       R"(helo_name=mail.example.com mail_from="info@example.com" )"
       R"(recipient="postmaster@example.net" queries=2 ms=3000 helo=pass helo_reason=fqdn )"
       R"(csa=pass csa_reason=authorized forward=neutral forward_reason=not-matched )"
       R"(iprev=permerror iprev_reason=no-ptr reverse_match=neutral )"
       R"(reverse_match_reason=not-matched well_known=none well_known_reason=not-listed )"
       R"(dna=fail dna_reason=not-recommended dna_authority=judge.example vbr=pass )"
       R"(vbr_reason=vouched vbr_authority=certifier.example local_list=neutral )"
       R"(local_list_reason=not-verified local_list_authority=lists.allow address_list=fail )"
       R"(address_list_reason=listed address_list_authority=bad.example name_list=fail )"
       R"(name_list_reason=listed name_list_authority=bad.example)"},
      {"senders", sample::Senders(),
       R"(action=reject trust=low decided_by=spf decided_reason=not-designated )"
       R"(profile=standard standard=reject strict=reject authenticated=no ip=192.0.2.9 )"
       R"(helo_name=mail.example.com mail_from="jo@example.org" queries=3 ms=3000 helo=pass )"
       R"(helo_reason=fqdn dmp=pass dmp_reason=designated drip=none )"
       R"(drip_reason=not-participating rmx=none rmx_reason=no-record spf_helo=softfail )"
       R"(spf_helo_reason=probably-not-designated spf=fail spf_reason=not-designated cbv=pass )"
       R"(cbv_reason=accepted cbv_remembered=yes)"},
      {"callback_not_made", not_called,
       R"(action=defer trust=unknown decided_by=csa decided_reason=dns profile=strict )"
       R"(standard=tag strict=defer authenticated=no ip=2001:db8::9 )"
       R"(helo_name=mail.example.com queries=0 ms=0 csa=temperror csa_reason=dns )"
       R"(iprev=pass iprev_reason=confirmed cbv=skipped cbv_reason=decided cbv_remembered=no)"},
      {"null_sender", null_sender,
       R"(action=defer trust=unknown decided_by=csa decided_reason=dns profile=strict )"
       R"(standard=tag strict=defer authenticated=no ip=2001:db8::9 )"
       R"(helo_name=mail.example.com mail_from="" queries=0 ms=0 csa=temperror csa_reason=dns )"
       R"(iprev=pass iprev_reason=confirmed)"},
      {"exempt", sample::Exempt(),
       R"(action=accept trust=unknown decided_by=exempt decided_reason=network )"
       R"(standard=accept strict=accept authenticated=no ip=127.0.0.1 )"
       R"(helo_name=localhost queries=0 ms=0)"},
      {"text_of_others", odd,
       R"(action=reject trust=low decided_by=helo decided_reason=syntax profile=standard )"
       R"(standard=reject strict=reject authenticated=no ip=192.0.2.9 helo_name="a\" )"
       R"(trust=high\\x0a" mail_from="x\\\\y@example.com" queries=0 ms=0 helo=fail )"
       R"(helo_reason=syntax)"},
  };
}

class LogLineTest : public testing::TestWithParam<Case> {};

TEST_P(LogLineTest, IsExactly) { EXPECT_EQ(RenderLogLine(GetParam().verdict), GetParam().wanted); }

INSTANTIATE_TEST_SUITE_P(Golden, LogLineTest, testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

// docs/rules.md §10: a recipient's domain can have a profile of its own.
TEST(LogLineProfileTest, IsThatWhichMadeTheAction) {
  for (const Profile profile :
       {Profile::kObserve, Profile::kStandard, Profile::kStrict, Profile::kCustom}) {
    Verdict verdict = sample::Mismatch();
    verdict.profile = profile;
    EXPECT_EQ(EximPairs(RenderLogLine(verdict)).Extract("profile"), ToString(profile));
  }
}

// Everything that has a bound of its own, at that bound: long texts end in "...", the rest stays.
TEST(LogLineLengthTest, LongTextsAreCutAndPairsStayWhole) {
  for (const char octet : {'a', '"', '\\', '\xff', ' '}) {
    for (std::size_t octets = 1; octets <= 300; ++octets) {
      Verdict verdict = sample::Full();
      verdict.session.helo = std::string(octets, octet);
      verdict.session.mail_from = std::string(octets, octet);
      verdict.session.recipient = std::string(octets, octet);
      const std::string line = RenderLogLine(verdict);
      ASSERT_LE(line.size(), kMaxLogLineOctets);
      const EximPairs pairs(line);
      const std::string helo = pairs.Extract("helo_name").value();
      ASSERT_TRUE(helo == EscapeForLog(verdict.session.helo) || helo.ends_with("...")) << line;
      ASSERT_EQ(pairs.Extract("dna_authority"), "judge.example") << line;
      ASSERT_EQ(pairs.Extract("ip"), "192.0.2.9") << line;
    }
  }
}

TEST(LogLineLengthTest, PairsGiveWayAsAWhole) {
  Verdict verdict = sample::Full();
  verdict.session.helo = verdict.session.recipient = std::string(300, '"');
  verdict.session.mail_from = std::string(300, '"');
  for (CheckResult& check : verdict.checks) check.authority = std::string(300, '"');
  const std::string line = RenderLogLine(verdict);
  EXPECT_LE(line.size(), kMaxLogLineOctets);
  const EximPairs pairs(line);
  EXPECT_EQ(pairs.pairs().back(), (std::pair<std::string, std::string>{"cut", "yes"}));
  EXPECT_EQ(pairs.Extract("action"), "reject");
  EXPECT_EQ(pairs.Extract("queries"), "2");
  EXPECT_EQ(pairs.Extract("helo"), "pass");
}

}  // namespace
}  // namespace helovet
