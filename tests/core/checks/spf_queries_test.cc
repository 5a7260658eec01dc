#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checks/spf.h"
#include "core/checks/run_spf.h"

namespace helovet {
namespace {

using testing::Address;
using ::testing::ElementsAre;
using testing::HeloOf;
using ::testing::IsEmpty;
using testing::Name;
using testing::RecordOf;
using testing::RunSpf;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::SpfRun;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

CheckResult RunSpfHelo(const std::string& helo_text, const std::vector<ScriptLine>& script) {
  Loop loop;
  ScriptedDns dns(loop, script);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf(helo_text, client);
  const SpfContext context = {.helo = helo_text};
  const Config::Spf settings;
  CheckResult result = RunTask(loop, CheckSpfHelo(helo, client, context, settings, session_dns));
  EXPECT_EQ(result.check, CheckId::kSpfHelo);
  EXPECT_EQ(result.identity, Identity::kHelo);
  return result;
}

// RFC 7208 §2.3.
TEST(SpfHeloTest, JudgesTheHeloName) {
  EXPECT_EQ(
      Text(RunSpfHelo("mail.example.com",
                      {{"mail.example.com TXT", "v=spf1 exists:%{s}.%{h}.test -all"},
                       {"postmaster@mail.example.com.mail.example.com.test A", "127.0.0.2"}})),
      "pass/designated");
  EXPECT_EQ(Text(RunSpfHelo("mail.example.com", {{"mail.example.com TXT", "v=spf1 -all"}})),
            "fail/not-designated");
  EXPECT_EQ(Text(RunSpfHelo("mail.example.com", {{"mail.example.com TXT", "nxdomain"}})),
            "none/no-record");
  for (const std::string helo : {"[192.0.2.1]", "single", "no name", ""}) {
    EXPECT_EQ(Text(RunSpfHelo(helo, {})), "none/no-name") << helo;
  }
}

TEST(SpfQueriesTest, SaysWhomItJudged) {
  const auto identity = [](const std::string& mail_from, const std::string& name) {
    return RunSpf({"", "", {{name + " TXT", "v=spf1 -all"}}, "", "192.0.2.1", mail_from})
        .result.identity;
  };
  EXPECT_EQ(identity("user@example.com", "example.com"), Identity::kMailFrom);
  EXPECT_EQ(identity("", "mail.example.com"), Identity::kHelo);
}

// RFC 7208 §4.3.
TEST(SpfQueriesTest, TakesThePostmasterWhereThereIsNoLocalPart) {
  Loop loop;
  ScriptedDns dns(loop, {{"example.com TXT", "v=spf1 exists:%{s}.test -all"},
                         {"postmaster@example.com.test A", "127.0.0.2"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  SenderIdentity sender;
  sender.kind = SenderIdentity::Kind::kMailbox;
  sender.domain = Name("example.com");
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  const SpfContext context = {.helo = "mail.example.com"};
  const Config::Spf settings;
  EXPECT_EQ(Text(RunTask(loop, CheckSpf(helo, sender, client, context, settings, session_dns))),
            "pass/designated");
}

TEST(SpfQueriesTest, LetsTheRecordsQuestionLeaveAtOnce) {
  const auto first_wave = [](const std::string& helo_text, const std::string& mail_from) {
    Loop loop;
    ScriptedDns dns(loop, {{"mail.example.com TXT", "nodata"}, {"example.com TXT", "nodata"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    PrefetchSpfHelo(HeloOf(helo_text, Address("192.0.2.1")), session_dns);
    PrefetchSpf(IdentifySender(mail_from), session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave("mail.example.com", "user@example.com"),
              UnorderedElementsAre("mail.example.com TXT", "example.com TXT"));
  EXPECT_THAT(first_wave("[192.0.2.1]", ""), IsEmpty());
  EXPECT_THAT(first_wave("single", "user@single"), IsEmpty());
}

// Nothing is asked that the record does not lead to, and nothing twice.
TEST(SpfQueriesTest, AsksWhatTheRecordSays) {
  const SpfRun run = RunSpf({"",
                             "",
                             {{"example.com TXT", "v=spf1 ip4:192.0.2.9 a a mx -all a:x.test"},
                              {"example.com A", "192.0.2.9"},
                              {"example.com MX", "10 b.test | 10 a.test"},
                              {"a.test A", "192.0.2.9"},
                              {"b.test A", "192.0.2.9"}},
                             ""});
  EXPECT_THAT(run.asked, ElementsAre("example.com TXT", "example.com A", "example.com MX",
                                     "a.test A", "b.test A"));
}

TEST(SpfQueriesTest, AsksForTheHostsOfAnMxTogether) {
  Loop loop;
  ScriptedDns dns(loop, {{"example.com TXT", "v=spf1 mx -all"},
                         {"example.com MX", "10 b.test | 10 a.test"},
                         {"a.test A", "192.0.2.9"},
                         {"b.test A", "192.0.2.1"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  const SenderIdentity sender = IdentifySender("user@example.com");
  const SpfContext context = {.helo = "mail.example.com"};
  const Config::Spf settings;
  static_cast<void>(RunTask(loop, CheckSpf(helo, sender, client, context, settings, session_dns)));
  EXPECT_THAT(dns.log(), ElementsAre("ask example.com TXT", "answer example.com TXT",
                                     "ask example.com MX", "answer example.com MX", "ask a.test A",
                                     "ask b.test A", "answer a.test A", "answer b.test A"));
}

// docs/rules.md §2: every answer that counted, each once, records in an order of their own.
TEST(SpfQueriesTest, ShowsWhatItRestsOn) {
  const auto evidence = [](const std::string& texts, const std::string& exchanges) {
    const std::vector<ScriptLine> script = {{"example.com TXT", texts},
                                            {"example.com A", "nodata"},
                                            {"example.com MX", exchanges},
                                            {"a.test A", "192.0.2.1"},
                                            {"b.test A", "192.0.2.9"}};
    return Texts(RunSpf({"", "", script, ""}).result.evidence);
  };
  const std::vector<std::string> want = {
      "example.com TXT ok \"hello\"", "example.com TXT ok \"v=spf1 a a mx -all\"",
      "example.com A nodata",         "example.com MX ok 10 b.test",
      "example.com MX ok 20 a.test",  "a.test A ok 192.0.2.1"};
  EXPECT_EQ(evidence("v=spf1 a a mx -all | hello", "20 a.test | 10 b.test"), want);
  EXPECT_EQ(evidence("hello | v=spf1 a a mx -all", "10 b.test | 20 a.test"), want);
}

// The client's network pays for its own names: whatever they lead to, the domain is heard.
TEST(SpfQueriesTest, PointersCannotSpendWhatTheRecordNeeds) {
  std::vector<ScriptLine> script = {
      {"example.com TXT", "v=spf1 ptr a:1.test a:2.test a:3.test -all"},
      {"1.test A", "192.0.2.9"},
      {"2.test A", "192.0.2.9"},
      {"3.test A", "192.0.2.9"}};
  std::string names;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "p" + std::to_string(i) + ".test";
    names += (i == 0 ? "" : " | ") + name;
    for (int alias = 0; alias < 9; ++alias) {
      const auto at = [&](int depth) {
        return depth == 0 ? name : "l" + std::to_string(depth) + "." + name;
      };
      script.push_back({at(alias) + " A", "CNAME " + at(alias + 1)});
    }
  }
  script.push_back({"1.2.0.192.in-addr.arpa PTR", names});
  EXPECT_EQ(Text(RunSpf({"", "", script, ""}).result), "fail/not-designated");
}

struct ExplanationCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  std::string result = "fail/not-designated";
  std::string mail_from = "user@example.com";
};
void PrintTo(const ExplanationCase& each, std::ostream* out) { *out << each.id; }

class SpfExplanationTest : public ::testing::TestWithParam<ExplanationCase> {};

TEST_P(SpfExplanationTest, IsTheDomainsOwn) {
  const ExplanationCase& c = GetParam();
  const SpfRun run = RunSpf({"", "", c.script, "", "192.0.2.1", c.mail_from});
  EXPECT_EQ(run.result.explanation, c.wanted) << c.source;
  EXPECT_EQ(Text(run.result), c.result) << c.source;
}

std::vector<ExplanationCase> ExplanationCases() {
  const ScriptLine exp = {"example.com TXT", "v=spf1 -all exp=e.example.com"};
  const std::string text = "e.example.com TXT";
  const std::string source = "RFC 7208 §6.2";
  return {
      {"text", source, {exp, {text, "Ask the postmaster."}}, "Ask the postmaster."},
      {"macros",
       "RFC 7208 §7.2",
       {exp, {text, "See http://%{d}/why?s=%{S}&ip=%{C}&r=%{R}&t=%{T}%-%%%_."}},
       "See "
       "http://example.com/why?s=user%40example.com&ip=192.0.2.1&r=mx.example.net&t=1234567890%20% "
       "."},
      {"target_with_macros",
       source,
       {{"example.com TXT", "v=spf1 exp=%{i}.e.%{d} -all"}, {"192.0.2.1.e.example.com TXT", "no"}},
       "no"},
      {"validated_name",
       "RFC 7208 §7.3",
       {exp,
        {text, "You are %{p}."},
        {"1.2.0.192.in-addr.arpa PTR", "host.example.net"},
        {"host.example.net A", "192.0.2.1"}},
       "You are host.example.net."},
      {"only_of_a_failure", source, RecordOf("v=spf1 ~all exp=e.example.com"), "",
       "softfail/probably-not-designated"},
      {"of_the_target_of_redirect",
       source,
       {{"example.com TXT", "v=spf1 redirect=r.test exp=e.example.com"},
        {"r.test TXT", "v=spf1 -all exp=e.r.test"},
        {"e.r.test TXT", "Says %{d} to %{o}."}},
       "Says r.test to example.com."},
      {"none_of_the_target_of_redirect",
       source,
       {{"example.com TXT", "v=spf1 redirect=r.test exp=e.example.com"},
        {"r.test TXT", "v=spf1 -all"}},
       ""},
      {"not_of_an_include",
       source,
       {{"example.com TXT", "v=spf1 include:i.test -all exp=e.example.com"},
        {"i.test TXT", "v=spf1 -all exp=e.i.test"},
        {text, "Mine."}},
       "Mine."},
      {"of_the_record_whose_include_failed_the_client",
       source,
       {{"example.com TXT", "v=spf1 -include:i.test exp=e.example.com"},
        {"i.test TXT", "v=spf1 +all exp=e.i.test"},
        {text, "Mine."}},
       "Mine."},
      {"after_two_voids",
       "RFC 7208 §4.6.4",
       {{"example.com TXT", "v=spf1 a:1.test a:2.test -all exp=e.example.com"},
        {"1.test A", "nodata"},
        {"2.test A", "nodata"},
        {text, "nxdomain"}},
       ""},
      {"no_text", source, {exp, {text, "nodata"}}, ""},
      {"two_texts", source, {exp, {text, "one | two"}}, ""},
      {"failed", source, {exp, {text, "servfail"}}, ""},
      {"silent", source, {exp, {text, "silence"}}, ""},
      {"target_that_cannot_be_asked", source, RecordOf("v=spf1 -all exp=a..example.com"), ""},
      {"broken_macro", source, {exp, {text, "The %{x}-files."}}, ""},
      {"beyond_ascii", source, {exp, {text, "\"Erkl\xc3\xa4rung\""}}, ""},
      {"beyond_ascii_by_a_macro",
       source,
       {exp, {text, "Not %{l}."}},
       "",
       "fail/not-designated",
       "\xc3\xbc@example.com"},
      {"control_characters", source, {exp, {text, "\"a\tb\""}}, ""},
      {"cut", "docs/rules.md §11.5", {exp, {text, std::string(300, 'x')}}, std::string(200, 'x')},
      {"not_cut",
       "docs/rules.md §11.5",
       {exp, {text, std::string(200, 'x')}},
       std::string(200, 'x')},
  };
}
INSTANTIATE_TEST_SUITE_P(All, SpfExplanationTest, ::testing::ValuesIn(ExplanationCases()),
                         [](const auto& each) { return each.param.id; });

TEST(SpfExplanationSettingTest, SwitchesTheQuestionOff) {
  Config::Spf settings;
  settings.explanation = false;
  const SpfRun run = RunSpf({"", "", RecordOf("v=spf1 -all exp=e.example.com"), ""},
                            ScriptedDns::Order::kAsAsked, settings);
  EXPECT_EQ(Text(run.result), "fail/not-designated");
  EXPECT_THAT(run.asked, ElementsAre("example.com TXT"));
}

}  // namespace
}  // namespace helovet
