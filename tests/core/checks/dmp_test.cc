#include "checks/dmp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::AliasChain;
using ::testing::ElementsAre;
using testing::HeloOf;
using ::testing::IsEmpty;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

// Of the sender's domain and of the HELO name.
const std::string kEntry = "1.2.0.192.in-addr._smtp-client.example.com TXT";
const std::string kDomain = "_smtp-client.example.com TXT";
const std::string kHeloEntry = "1.2.0.192.in-addr._smtp-client.mail.example.org TXT";
const std::string kHeloDomain = "_smtp-client.mail.example.org TXT";
const std::string kNobody = "0.0.0.0.in-addr._smtp-client.example.com TXT";
const std::optional<std::string> kUser = "user@example.com";
const Config::Dmp kEverybody = {};
const Config::Dmp kRefuse = {.domains = {}, .refuse_allow_all = true};

struct DmpCase {
  std::string id = {};
  std::string source = {};
  std::optional<std::string> mail_from = {};
  std::vector<ScriptLine> script = {};
  std::string wanted = {};  // "pass/designated helo"
  Config::Dmp settings = {};
  std::string helo = "mail.example.org";
  std::string client = "192.0.2.1";
};
void PrintTo(const DmpCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunDmp(const DmpCase& wanted, const std::vector<ScriptLine>& script,
                   ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const HeloFinding helo = HeloOf(wanted.helo, client);
  const SenderIdentity sender = IdentifySender(wanted.mail_from);
  return RunTask(loop, CheckDmp(helo, sender, client, wanted.settings, session_dns));
}

std::string Summary(const CheckResult& result) {
  return Text(result) + (result.identity == Identity::kHelo ? " helo" : " mail-from");
}

// What one domain says; that of the sender, with a host that takes no part as alternative.
std::vector<DmpCase> RecordCases() {
  const std::string entry = "DMP-01 §5, first list";
  const std::string domain = "DMP-01 §5, second list";
  const std::string pass = "pass/designated mail-from";
  const std::string none = "none/not-participating mail-from";
  const auto case_of = [](std::string id, std::string source, const std::string& at_entry,
                          const std::string& at_domain, std::string wanted) {
    return DmpCase{.id = std::move(id),
                   .source = std::move(source),
                   .mail_from = kUser,
                   .script = {{kEntry, at_entry},
                              {kDomain, at_domain},
                              {kHeloEntry, "nxdomain"},
                              {kHeloDomain, "nxdomain"}},
                   .wanted = std::move(wanted)};
  };
  const std::string denied = "fail/denied mail-from";
  const std::string not_designated = "fail/not-designated mail-from";
  return {
      case_of("allow", entry, "dmp=allow", "dmp=", pass),
      case_of("allow_in_capitals", "DMP-01 §4", "DMP=Allow", "dmp=", pass),
      case_of("allow_without_participation", "DMP-01 §5.1", "dmp=allow", "nxdomain", pass),
      case_of("allow_beside_other_text", entry, "v=spf1 -all | dmp=allow", "dmp=", pass),
      case_of("allow_beside_unknown_word", entry, "dmp=allow | dmp=maybe", "dmp=", pass),
      case_of("deny", entry, "dmp=deny", "dmp=", denied),
      case_of("deny_without_participation", "DMP-01 §5.1", "dmp=deny", "nxdomain", denied),
      case_of("allow_and_deny", entry, "dmp=allow | dmp=deny", "dmp=", not_designated),
      case_of("allow_and_deny_of_nobody", entry, "dmp=allow | dmp=deny", "nxdomain", none),
      case_of("text_around_allow", "docs/rules.md §11.2", "dmp=allow now", "dmp=", not_designated),
      case_of("blank_before_allow", "docs/rules.md §11.2", "\" dmp=allow\"", "nxdomain", none),
      case_of("no_entry", entry, "nxdomain", "dmp=", not_designated),
      case_of("no_entry_but_other_text", entry, "v=spf1 -all", "dmp=", not_designated),
      case_of("participation_in_capitals", "DMP-01 §4", "nodata", "DMP=", not_designated),
      case_of("participation_beside_other_text", domain, "nxdomain", "dmp= | v=spf1 -all",
              not_designated),
      case_of("participation_and_allow", domain, "nxdomain", "dmp= | dmp=allow", none),
      case_of("participation_and_keyword", domain, "nxdomain", "dmp= | dmp=host", none),
      case_of("keyword_alone", "DMP-01 B.2", "nxdomain", "dmp=host", none),
      case_of("nobody", domain, "nxdomain", "nxdomain", none),
      case_of("other_text_alone", domain, "nodata", "v=spf1 -all", none),
      case_of("entry_fails", "DMP-01 §5.7", "servfail", "dmp=", "temperror/dns mail-from"),
      case_of("entry_fails_of_nobody", "DMP-01 §5.1", "timeout", "nxdomain",
              "temperror/dns mail-from"),
      case_of("entry_is_silent", "DMP-01 §5.1", "silence", "dmp=", "temperror/dns mail-from"),
      case_of("participation_fails", "DMP-01 §5.1", "nxdomain", "servfail",
              "temperror/dns mail-from"),
      case_of("participation_fails_behind_allow", "DMP-01 §5.1", "dmp=allow", "servfail", pass),
      case_of("participation_fails_behind_deny", "DMP-01 §5.1", "dmp=deny", "silence", denied),
  };
}

// DMP-01 §5.1, "Allow HELO as alternative?"
std::vector<DmpCase> AlternativeCases() {
  const std::string chart = "DMP-01 §5.1";
  const auto case_of = [&](std::string id, const std::string& at_entry, const std::string& at_helo,
                           const std::string& at_helo_domain, std::string wanted) {
    return DmpCase{.id = std::move(id),
                   .source = chart,
                   .mail_from = kUser,
                   .script = {{kEntry, at_entry},
                              {kDomain, "dmp="},
                              {kHeloEntry, at_helo},
                              {kHeloDomain, at_helo_domain}},
                   .wanted = std::move(wanted)};
  };
  const std::string denied = "fail/denied mail-from";
  return {
      case_of("denied_but_host_allowed", "dmp=deny", "dmp=allow", "dmp=", "pass/designated helo"),
      case_of("not_designated_but_host_allowed", "nxdomain", "dmp=allow",
              "dmp=", "pass/designated helo"),
      case_of("host_denied", "dmp=deny", "dmp=deny", "dmp=", denied),
      case_of("host_not_designated", "dmp=deny", "nxdomain", "dmp=", denied),
      case_of("host_takes_no_part", "nxdomain", "nxdomain", "nxdomain",
              "fail/not-designated mail-from"),
      case_of("host_fails", "dmp=deny", "servfail", "dmp=", "temperror/dns helo"),
      case_of("host_participation_fails", "dmp=deny", "nxdomain", "timeout", "temperror/dns helo"),
      case_of("host_denied_and_participation_fails", "dmp=deny", "dmp=deny", "silence", denied),
      {"host_is_no_name",
       "docs/rules.md §3",
       kUser,
       {{kEntry, "dmp=deny"}, {kDomain, "dmp="}},
       denied,
       kEverybody,
       "[192.0.2.1]"},
      {"host_is_the_domain",
       chart,
       kUser,
       {{kEntry, "dmp=deny"}, {kDomain, "dmp="}},
       denied,
       kEverybody,
       "example.com"},
      {"alias_chain_of_the_host", "docs/rules.md §8", kUser,
       AliasChain("1.2.0.192.in-addr._smtp-client.mail.example.org", "TXT", 9, "dmp=allow") +
           std::vector<ScriptLine>{{kEntry, "dmp=deny"}, {kDomain, "dmp="}, {kHeloDomain, "dmp="}},
       denied},
  };
}

// Whose name is asked, and about which address.
std::vector<DmpCase> IdentityCases() {
  const std::vector<ScriptLine> host = {{kHeloEntry, "dmp=allow"}, {kHeloDomain, "dmp="}};
  const std::vector<ScriptLine> nobody = {{kHeloEntry, "nxdomain"}, {kHeloDomain, "nxdomain"}};
  const std::string v6 =
      "0.f.e.d.c.b.a.9.8.7.6.5.4.3.2.1.1.0.0.0.1.1.a.c.1.c.0.0.5.4.3.2.ip6._smtp-client."
      "example.com TXT";
  return {
      {"null_sender", "DMP-01 §5.4", "", host, "pass/designated helo"},
      {"null_sender_of_nobody", "DMP-01 §5.6", "", nobody, "none/not-participating helo"},
      {"before_mail_from", "docs/rules.md §11.2", std::nullopt, host, "pass/designated helo"},
      {"sender_without_domain", "docs/rules.md §11.2", "user@[192.0.2.9]", host,
       "pass/designated helo"},
      {"no_name_at_all", "DMP-01 §5", "", {}, "none/no-name helo", kEverybody, "localhost"},
      {"source_route",
       "DMP-01 §7",
       "@mta1.example.net:user@example.com",
       {{kEntry, "dmp=allow"}, {kDomain, "dmp="}},
       "pass/designated mail-from"},
      {"ipv6",
       "DMP-01 §4.2",
       kUser,
       {{v6, "dmp=allow"}, {kDomain, "dmp="}},
       "pass/designated mail-from",
       kEverybody,
       "mail.example.org",
       "2345:c1:ca11:1:1234:5678:9abc:def0"},
      {"ipv4_mapped",
       "docs/rules.md §1",
       kUser,
       {{kEntry, "dmp=allow"}, {kDomain, "dmp="}},
       "pass/designated mail-from",
       kEverybody,
       "mail.example.org",
       "::ffff:192.0.2.1"},
      {"alias_chain", "docs/rules.md §8", kUser,
       AliasChain("1.2.0.192.in-addr._smtp-client.example.com", "TXT", 9, "dmp=allow") +
           std::vector<ScriptLine>{{kDomain, "dmp="}},
       "permerror/alias-chain mail-from"},
  };
}

std::vector<DmpCase> SettingsCases() {
  const Config::Dmp com = {.domains = {"com"}, .refuse_allow_all = false};
  const Config::Dmp other = {.domains = {"example.net", "mple.com"}, .refuse_allow_all = false};
  const std::vector<ScriptLine> allowed = {{kEntry, "dmp=allow"}, {kDomain, "dmp="}};
  const std::string asked = "docs/rules.md §11.2, dmp.domains";
  const std::string all = "DMP-01 §9.3";
  const auto with = [&](const std::string& at_nobody) {
    return allowed + std::vector<ScriptLine>{{kNobody, at_nobody}};
  };
  return {
      {"domain_is_asked", asked, kUser, allowed, "pass/designated mail-from", com},
      {"domain_is_not_asked", asked, kUser, {}, "none/not-asked mail-from", other},
      {"host_is_not_asked", asked, "", {}, "none/not-asked helo", com},
      {"host_is_asked_as_alternative",
       asked,
       kUser,
       {{kEntry, "dmp=deny"}, {kDomain, "dmp="}, {kHeloEntry, "dmp=allow"}, {kHeloDomain, "dmp="}},
       "pass/designated helo",
       com},
      {"everybody_is_allowed", all, kUser, with("dmp=allow"), "policy/allows-all mail-from",
       kRefuse},
      {"nobody_else_is_allowed", all, kUser, with("dmp=deny"), "pass/designated mail-from",
       kRefuse},
      {"nothing_is_said_of_others", all, kUser, with("nxdomain"), "pass/designated mail-from",
       kRefuse},
      {"others_cannot_be_asked", all, kUser, with("servfail"), "temperror/dns mail-from", kRefuse},
      {"host_that_allows_everybody_is_no_alternative",
       all,
       kUser,
       {{kEntry, "dmp=deny"},
        {kDomain, "dmp="},
        {kHeloEntry, "dmp=allow"},
        {kHeloDomain, "dmp="},
        {"0.0.0.0.in-addr._smtp-client.mail.example.org TXT", "dmp=allow"}},
       "fail/denied mail-from",
       kRefuse},
  };
}

std::vector<DmpCase> AllCases() {
  std::vector<DmpCase> all = RecordCases();
  for (const std::vector<DmpCase>& more : {AlternativeCases(), IdentityCases(), SettingsCases()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

class DmpTest : public ::testing::TestWithParam<DmpCase> {};

TEST_P(DmpTest, IsRuled) {
  const CheckResult result = RunDmp(GetParam(), GetParam().script);
  EXPECT_EQ(result.check, CheckId::kDmp);
  EXPECT_EQ(Summary(result), GetParam().wanted) << GetParam().source;
  EXPECT_FALSE(SourceOf(result.check, result.reason).empty()) << Text(result);
}

// `reply` with the order of its records turned round.
std::string Reversed(const std::string& reply) {
  std::istringstream parts(reply);
  std::string reversed;
  for (std::string part; std::getline(parts, part, '|');) {
    if (!reversed.empty()) part += '|';
    reversed.insert(0, part);
  }
  return reversed;
}

// docs/rules.md §2: neither the order of records nor that of answers shows anywhere.
TEST_P(DmpTest, OrderChangesNothing) {
  std::vector<ScriptLine> script = GetParam().script;
  for (ScriptLine& line : script) line.reply = Reversed(line.reply);
  const CheckResult plain = RunDmp(GetParam(), GetParam().script);
  const CheckResult turned = RunDmp(GetParam(), script, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Summary(turned), Summary(plain));
  EXPECT_EQ(Texts(turned.evidence), Texts(plain.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, DmpTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

TEST(DmpPrefetchTest, AsksForEntryAndParticipationAtOnce) {
  const auto first_wave = [](const std::optional<std::string>& mail_from,
                             const Config::Dmp& settings) {
    Loop loop;
    ScriptedDns dns(loop, {{kEntry, "nxdomain"},
                           {kDomain, "nxdomain"},
                           {kHeloEntry, "nxdomain"},
                           {kHeloDomain, "nxdomain"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    const IpAddress client = Address("192.0.2.1");
    PrefetchDmp(HeloOf("mail.example.org", client), IdentifySender(mail_from), client, settings,
                session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave(kUser, kEverybody), UnorderedElementsAre(kEntry, kDomain));
  EXPECT_THAT(first_wave("", kEverybody), UnorderedElementsAre(kHeloEntry, kHeloDomain));
  EXPECT_THAT(first_wave(kUser, {.domains = {"example.net"}}), IsEmpty());
}

TEST(DmpEvidenceTest, ShowsWhatDecided) {
  const CheckResult result = RunDmp({.mail_from = kUser}, {{kEntry, "nxdomain"},
                                                           {kDomain, "v=spf1 -all | dmp="},
                                                           {kHeloEntry, "dmp=allow"},
                                                           {kHeloDomain, "dmp="}});
  EXPECT_THAT(Texts(result.evidence),
              ElementsAre("1.2.0.192.in-addr._smtp-client.example.com TXT nxdomain",
                          "_smtp-client.example.com TXT ok \"dmp=\"",
                          "_smtp-client.example.com TXT ok \"v=spf1 -all\"",
                          "1.2.0.192.in-addr._smtp-client.mail.example.org TXT ok \"dmp=allow\""));
}

TEST(DmpLongNameTest, CannotBeAsked) {
  const std::string label(60, 'x');
  const std::string name = label + "." + label + "." + label + "." + label + ".example";
  EXPECT_EQ(Summary(RunDmp({.mail_from = "user@" + name}, {})),
            "permerror/name-too-long mail-from");
  EXPECT_EQ(Summary(RunDmp({.mail_from = "", .helo = name}, {})), "permerror/name-too-long helo");
  // As the alternative it says nothing that would take the failure back.
  EXPECT_EQ(Summary(RunDmp({.mail_from = kUser, .helo = name},
                           {{kEntry, "dmp=deny"}, {kDomain, "dmp="}})),
            "fail/denied mail-from");
}

}  // namespace
}  // namespace helovet
