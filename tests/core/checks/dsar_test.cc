#include "checks/dsar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::AliasChain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Name;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;

const std::string kSrv = "_client._smtp.mail.example.com SRV";

struct DsarCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  std::string name = "mail.example.com";
  std::string role = std::string(kDsarMailRole);
  std::string application = std::string(kDsarMailApplication);
};
void PrintTo(const DsarCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunDsar(const DsarCase& wanted) {
  Loop loop;
  ScriptedDns dns(loop, wanted.script);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const DnsName name = Name(wanted.name);
  return RunTask(loop, CheckDsar(name, wanted.role, wanted.application, session_dns));
}

// A name of `octets` octets.
std::string LongName(std::size_t octets) {
  std::string name = "example.com";
  while (name.size() < octets) {
    const std::size_t label = std::min<std::size_t>(50, octets - name.size() - 1);
    name.insert(0, std::string(label, 'a') + ".");
  }
  return name;
}

std::vector<DsarCase> RecordCases() {
  const std::string rule = "docs/rules.md §4.7; DSAR-00 §3.3.1";
  return {
      {"authorized", rule, {{kSrv, "1 0 0 mail.example.com"}}, "pass/authorized"},
      {"prohibited", rule, {{kSrv, "2 0 0 mail.example.com"}}, "fail/prohibited"},
      {"priority_0", rule, {{kSrv, "0 0 0 mail.example.com"}}, "none/undefined"},
      {"priority_3", rule, {{kSrv, "3 0 0 mail.example.com"}}, "none/undefined"},
      {"priority_257", rule, {{kSrv, "257 0 0 mail.example.com"}}, "none/undefined"},
      {"priority_65535", rule, {{kSrv, "65535 0 0 mail.example.com"}}, "none/undefined"},
      // A record of CSA-02: nothing is guessed.
      {"weight_of_the_later_version",
       rule,
       {{kSrv, "1 2 0 mail.example.com"}},
       "permerror/malformed"},
      {"weight_1", rule, {{kSrv, "1 1 0 mail.example.com"}}, "permerror/malformed"},
      {"weight_65535", rule, {{kSrv, "1 65535 0 mail.example.com"}}, "permerror/malformed"},
      {"weight_of_a_prohibition", rule, {{kSrv, "2 1 0 mail.example.com"}}, "permerror/malformed"},
      {"weight_beside_an_undefined_priority",
       rule,
       {{kSrv, "0 1 0 mail.example.com"}},
       "permerror/malformed"},
      {"another_target", rule, {{kSrv, "1 0 0 example.com"}}, "permerror/malformed"},
      {"another_target_of_a_prohibition", rule, {{kSrv, "2 0 0 ."}}, "permerror/malformed"},
      {"another_target_beside_an_undefined_priority",
       rule,
       {{kSrv, "9 0 0 a.mail.example.com"}},
       "permerror/malformed"},
      {"target_in_upper_case", "RFC 4343", {{kSrv, "1 0 0 MAIL.Example.COM"}}, "pass/authorized"},
      {"port_has_no_effect",
       "DSAR-00 §3.3.1",
       {{kSrv, "1 0 65535 mail.example.com"}},
       "pass/authorized"},
      {"two_records",
       rule,
       {{kSrv, "1 0 0 mail.example.com | 2 0 0 mail.example.com"}},
       "permerror/multiple-records"},
      {"two_records_of_which_one_is_malformed",
       rule,
       {{kSrv, "1 9 0 . | 1 0 0 mail.example.com"}},
       "permerror/multiple-records"},
      {"two_records_that_differ_in_the_port",
       rule,
       {{kSrv, "1 0 0 mail.example.com | 1 0 25 mail.example.com"}},
       "permerror/multiple-records"},
      {"one_record_twice",
       "RFC 2181 §5",
       {{kSrv, "1 0 0 mail.example.com | 1 0 0 mail.example.com"}},
       "pass/authorized"},
  };
}

std::vector<DsarCase> AnswerCases() {
  const std::string rule = "docs/rules.md §4.7; DSAR-00 §3.2.1";
  const std::string failure = "docs/rules.md §4.1, §8";
  return {
      {"nodata", rule, {{kSrv, "nodata"}}, "none/no-record"},
      {"nxdomain", rule, {{kSrv, "nxdomain"}}, "none/no-record"},
      {"servfail", failure, {{kSrv, "servfail"}}, "temperror/dns"},
      {"refused", failure, {{kSrv, "refused"}}, "temperror/dns"},
      {"malformed", failure, {{kSrv, "malformed"}}, "temperror/dns"},
      {"unreachable", failure, {{kSrv, "unreachable"}}, "temperror/dns"},
      {"silence", failure, {{kSrv, "silence"}}, "temperror/dns"},
      {"alias", "docs/rules.md §4.1, §4.7",
       AliasChain("_client._smtp.mail.example.com", "SRV", 8, "1 0 0 mail.example.com"),
       "pass/authorized"},
      {"alias_to_a_record_of_another_name",
       "docs/rules.md §4.7",
       {{kSrv, "CNAME _client._smtp.other.test"},
        {"_client._smtp.other.test SRV", "1 0 0 other.test"}},
       "permerror/malformed"},
      {"alias_to_nothing",
       rule,
       {{kSrv, "CNAME nothing.test"}, {"nothing.test SRV", "nxdomain"}},
       "none/no-record"},
      {"alias_chain", "docs/rules.md §8",
       AliasChain("_client._smtp.mail.example.com", "SRV", 9, "1 0 0 mail.example.com"),
       "permerror/alias-chain"},
  };
}

std::vector<DsarCase> NameCases() {
  const std::string rule = "docs/rules.md §4.7; DSAR-00 §3.2.1";
  // What 255 octets of the wire form leave of a name after `_client._smtp.` (RFC 1035 §2.3.4).
  const std::string longest = LongName(239);
  return {
      {.id = "name_in_upper_case",
       .source = "RFC 4343",
       .script = {{kSrv, "1 0 0 mail.example.com"}},
       .wanted = "pass/authorized",
       .name = "MAIL.EXAMPLE.COM."},
      {.id = "another_service",
       .source = rule,
       .script = {{"_server._ldap.mail.example.com SRV", "1 0 0 mail.example.com"}},
       .wanted = "pass/authorized",
       .role = "server",
       .application = "ldap"},
      {.id = "top_level_domain",
       .source = rule,
       .script = {{"_client._smtp.test SRV", "2 0 0 test"}},
       .wanted = "fail/prohibited",
       .name = "test"},
      {.id = "longest_name",
       .source = "RFC 1035 §2.3.4",
       .script = {{"_client._smtp." + longest + " SRV", "1 0 0 " + longest}},
       .wanted = "pass/authorized",
       .name = longest},
      {.id = "name_too_long",
       .source = "RFC 1035 §2.3.4",
       .script = {},
       .wanted = "permerror/name-too-long",
       .name = LongName(240)},
  };
}

class DsarTest : public ::testing::TestWithParam<DsarCase> {};

TEST_P(DsarTest, IsRuled) {
  const CheckResult result = RunDsar(GetParam());
  EXPECT_EQ(result.check, CheckId::kCsa);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
  EXPECT_NE(SourceOf(CheckId::kCsa, result.reason), "") << "no such result in ResultRules()";
}

INSTANTIATE_TEST_SUITE_P(Records, DsarTest, ::testing::ValuesIn(RecordCases()),
                         [](const auto& each) { return each.param.id; });
INSTANTIATE_TEST_SUITE_P(Answers, DsarTest, ::testing::ValuesIn(AnswerCases()),
                         [](const auto& each) { return each.param.id; });
INSTANTIATE_TEST_SUITE_P(Names, DsarTest, ::testing::ValuesIn(NameCases()),
                         [](const auto& each) { return each.param.id; });

// docs/rules.md §2: the order of records leaves no trace.
TEST(DsarEvidenceTest, ShowsTheRecordsInOneOrder) {
  const auto evidence = [](const std::string& reply) {
    return Texts(RunDsar({"", "", {{kSrv, reply}}, ""}).evidence);
  };
  const std::string first = "1 0 0 mail.example.com";
  const std::string second = "2 0 0 mail.example.com";
  EXPECT_THAT(evidence(first + " | " + second),
              ElementsAre(kSrv + " ok " + first, kSrv + " ok " + second));
  EXPECT_EQ(evidence(second + " | " + first), evidence(first + " | " + second));
  EXPECT_THAT(evidence("nxdomain"), ElementsAre(kSrv + " nxdomain"));
}

TEST(DsarPrefetchTest, AsksForTheRecordAlone) {
  const auto first_wave = [](const std::string& name) {
    Loop loop;
    ScriptedDns dns(loop, {{kSrv, "nxdomain"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    PrefetchDsar(Name(name), kDsarMailRole, kDsarMailApplication, session_dns);
    return dns.asked();
  };
  EXPECT_THAT(first_wave("mail.example.com"), ElementsAre(kSrv));
  EXPECT_THAT(first_wave(LongName(240)), IsEmpty());
}

}  // namespace
}  // namespace helovet
