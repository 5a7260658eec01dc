#include "checks/dna.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/checks/run_dna.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::AliasChain;
using testing::DnaCase;
using testing::kAlwaysB;
using testing::kPtr;
using testing::kTrustA;
using testing::kTrustAb;
using testing::Named;
using testing::OpinionsOf;
using testing::Report;
using testing::RunDna;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Summary;
using testing::Text;
using testing::Texts;
using testing::Trusting;

std::vector<DnaCase> PointerCases() {
  const std::string source = "DNA-02 §4, §7";
  return {
      {"nobody_is_named", source, kTrustA, {{kPtr, "nxdomain"}}, "none/unknown"},
      {"no_pointer", source, kTrustA, {{kPtr, "nodata"}}, "none/unknown"},
      {"named",
       source,
       kTrustA,
       {Named({"a.test"}), Report("a.test", "MARID,1,A")},
       "pass/recommended A a.test",
       {"a.test pass/recommended A"}},
      {"named_in_upper_case",
       source,
       kTrustA,
       {{kPtr, "_VOUCH._SMTP.A.TEST"}, Report("a.test", "MARID,1,A")},
       "pass/recommended A a.test"},
      {"named_by_a_wildcard_and_twice",
       source,
       kTrustA,
       {Named({"a.test", "a.test"}), Report("a.test", "MARID,1,A")},
       "pass/recommended A a.test"},
      {"pointer_through_an_alias",
       source,
       kTrustA,
       {{kPtr, "CNAME hosting.test"},
        {"hosting.test PTR", "_vouch._smtp.a.test"},
        Report("a.test", "MARID,1,A")},
       "pass/recommended A a.test"},
      {"pointer_without_the_prefix", source, kTrustA, {{kPtr, "a.test"}}, "none/unknown"},
      {"pointer_with_half_the_prefix", source, kTrustA, {{kPtr, "_smtp.a.test"}}, "none/unknown"},
      {"pointer_with_the_prefix_inside",
       source,
       kTrustA,
       {{kPtr, "x._vouch._smtp.a.test"}},
       "none/unknown"},
      {"pointer_with_another_prefix",
       source,
       kTrustA,
       {{kPtr, "_vouch._imap.a.test"}},
       "none/unknown"},
      {"pointer_with_the_prefix_in_one_label",
       source,
       kTrustA,
       {{kPtr, R"(_vouch\._smtp.a.test)"}},
       "none/unknown"},
      {"pointer_to_the_prefix_alone", source, kTrustA, {{kPtr, "_vouch._smtp"}}, "none/unknown"},
      {"pointer_to_the_root", source, kTrustA, {{kPtr, "."}}, "none/unknown"},
      {"stranger_is_told_and_not_asked",
       "DNA-02 §5 step 6",
       kTrustA,
       {Named({"x.test"})},
       "none/unknown",
       {"x.test skipped/unknown"}},
      {"trust_does_not_extend_below_the_name",
       "docs/rules.md §6.1",
       kTrustA,
       {Named({"sub.a.test", "test"})},
       "none/unknown",
       {"test skipped/unknown", "sub.a.test skipped/unknown"}},
      {.id = "no_name",
       .source = "docs/rules.md §3",
       .settings = kAlwaysB,
       .script = {},
       .wanted = "none/no-name",
       .helo = "[192.0.2.1]"},
      {.id = "helo_name_in_upper_case",
       .source = "docs/rules.md §1",
       .settings = kTrustA,
       .script = {Named({"a.test"}), Report("a.test", "MARID,1,B")},
       .wanted = "pass/recommended B a.test",
       .helo = "MAIL.Example.COM."},
  };
}

// Seven accreditors that are named and trusted, and the reports of those that are asked.
DnaCase SevenNamed(const std::string& id, const std::vector<std::string>& names,
                   const std::vector<std::string>& asked, std::vector<std::string> opinions) {
  DnaCase wanted = {.id = id,
                    .source = "docs/rules.md §6.1",
                    .script = {Named(names)},
                    .wanted = "none/unknown",
                    .wanted_opinions = std::move(opinions)};
  for (const std::string& name : names) wanted.settings.trusted.push_back({.name = name});
  for (const std::string& name : asked) wanted.script.push_back(Report(name, "nxdomain"));
  return wanted;
}

std::vector<DnaCase> SelectionCases() {
  const std::vector<std::string> seven = {"t7.test", "t1.test", "t6.test", "t2.test",
                                          "t5.test", "t3.test", "t4.test"};
  DnaCase seventh =
      SevenNamed("six_of_seven_in_canonical_order", seven,
                 {"t1.test", "t2.test", "t3.test", "t4.test", "t5.test", "t6.test"},
                 {"t1.test none/unknown", "t2.test none/unknown", "t3.test none/unknown",
                  "t4.test none/unknown", "t5.test none/unknown", "t6.test none/unknown",
                  "t7.test skipped/unknown"});
  // The seventh has its answer all the same when it is always asked.
  DnaCase always = seventh;
  always.id = "seventh_is_always_asked";
  always.settings.trusted.front().always_ask = true;
  always.script.push_back(Report("t7.test", "MARID,1,A"));
  always.wanted = "pass/recommended A t7.test";
  always.wanted_opinions.back() = "t7.test pass/recommended A";
  return {
      seventh,
      always,
      {"strangers_take_no_place",
       "docs/rules.md §6.1",
       kTrustA,
       {Named({"a.aa", "b.aa", "c.aa", "d.aa", "e.aa", "f.aa", "a.test"}),
        Report("a.test", "MARID,1,A")},
       "pass/recommended A a.test",
       {"a.aa skipped/unknown", "b.aa skipped/unknown", "c.aa skipped/unknown",
        "d.aa skipped/unknown", "e.aa skipped/unknown", "f.aa skipped/unknown",
        "a.test pass/recommended A"}},
      {"always_asked_without_being_named",
       "DNA-02 §3, §5 step 3",
       kAlwaysB,
       {{kPtr, "nxdomain"}, Report("b.test", "MARID,1,E"), {"_vouch._smtp.b.test SRV", "nodata"}},
       "fail/not-recommended E b.test",
       {"b.test fail/not-recommended E"}},
      {"always_asked_and_named_is_asked_once",
       "DNA-02 §5 step 3",
       kAlwaysB,
       {Named({"b.test"}), Report("b.test", "MARID,1,B")},
       "pass/recommended B b.test",
       {"b.test pass/recommended B"}},
      {"one_without_always_ask_is_not_asked",
       "docs/rules.md §6.1",
       kTrustAb,
       {Named({"b.test"}), Report("b.test", "nodata")},
       "none/unknown",
       {"b.test none/unknown"}},
  };
}

// One accreditor's one record, and the result.
DnaCase Reported(const std::string& id, const std::string& report, const std::string& wanted,
                 const std::string& source = "DNA-02 §6") {
  DnaCase reported = {.id = id,
                      .source = source,
                      .settings = kTrustA,
                      .script = {Named({"a.test"}), Report("a.test", report)},
                      .wanted = wanted};
  if (wanted.starts_with("fail")) {
    reported.script.push_back({"_vouch._smtp.a.test SRV", "nxdomain"});
  }
  return reported;
}

std::vector<DnaCase> ReportCases() {
  const std::string a = "pass/recommended A a.test";
  const std::string d = "fail/not-recommended D a.test";
  const std::string e = "fail/not-recommended E a.test";
  const std::string none = "none/unknown";
  const std::string rules = "docs/rules.md §6.1";
  return {
      Reported("rating_a", "MARID,1,A", a),
      Reported("rating_b", "MARID,1,B", "pass/recommended B a.test"),
      Reported("rating_c", "MARID,1,C", none),
      Reported("rating_d", "MARID,1,D", d),
      Reported("rating_e", "MARID,1,E", e),
      Reported("rating_f", "MARID,1,F", none),
      Reported("info_after_semicolon", "MARID,1,A;since 2004, of good standing", a),
      Reported("empty_info", "MARID,1,D;", d),
      Reported("second_report_in_the_info", "MARID,1,A;MARID,1,E", a),
      Reported("lower_case", "marid,1,a", a, rules),
      Reported("blanks_around_the_parts", "\" MARID , 1 ,\tE ; x\"", e, rules),
      Reported("other_service", "SPF,1,A", none),
      Reported("service_is_a_longer_word", "MARIDS,1,A", none),
      Reported("empty_service", ",1,A", none),
      Reported("other_level", "MARID,2,E", none),
      Reported("empty_level", "MARID,,E", none),
      Reported("level_is_not_a_number", "MARID,01,E", none),
      Reported("no_rating", "MARID,1,", none),
      Reported("no_rating_before_info", "MARID,1,;A", none),
      Reported("two_letters", "MARID,1,AB", none),
      Reported("fourth_part", "MARID,1,A,", none),
      Reported("semicolon_in_the_wrong_place", "MARID;1,A", none),
      Reported("service_alone", "MARID", none),
      Reported("no_separator", "MARID1A", none),
      Reported("octets_beside_the_rating", "MARID,1,A\x01\xff", none),
      Reported("rating_of_a_high_octet", "MARID,1,\xc1", none),
      Reported("empty_string", "\"\"", none),
      Reported("record_of_something_else", "v=spf1 -all", none, "DNA-02 §6, §7"),
      Reported("ignored_beside_a_report", "v=spf1 -all | MARID,1,A | SPF,1,E", a, "DNA-02 §6, §7"),
      Reported("worst_of_several", "MARID,1,A | MARID,1,D | MARID,1,B", d, rules),
      Reported("unknown_is_worse_than_recommended", "MARID,1,A | MARID,1,C", none, rules),
      Reported("no_record", "nodata", none),
      Reported("no_such_name", "nxdomain", none),
  };
}

// Reports of a.test and b.test, both named.
DnaCase Both(const std::string& id, const Config::Dna& settings, const std::string& a,
             const std::string& b, const std::string& wanted,
             const std::string& source = "docs/rules.md §6.1") {
  DnaCase both = {.id = id,
                  .source = source,
                  .settings = settings,
                  .script = {Named({"b.test", "a.test"}), Report("a.test", a), Report("b.test", b)},
                  .wanted = wanted};
  for (const char* name : {"a.test", "b.test"}) {
    if (wanted.starts_with("fail") && wanted.find(name) != std::string::npos) {
      both.script.push_back({std::string("_vouch._smtp.") + name + " SRV", "nodata"});
    }
  }
  return both;
}

std::vector<DnaCase> SynthesisCases() {
  const std::string step5 = "DNA-02 §5 step 5; docs/rules.md §6.1";
  const Config::Dna two = Trusting({{.name = "a.test"}, {.name = "b.test"}}, 2);
  const Config::Dna heavy = Trusting({{.name = "a.test", .weight = 2}, {.name = "b.test"}}, 3);
  const Config::Dna advised = Trusting({{.name = "a.test", .advisory = true}, {.name = "b.test"}});
  return {
      Both("failure_before_recommendation", kTrustAb, "MARID,1,A", "MARID,1,D",
           "fail/not-recommended D b.test", step5),
      Both("worst_failure", kTrustAb, "MARID,1,D", "MARID,1,E", "fail/not-recommended E b.test"),
      Both("first_of_equal_failures", kTrustAb, "MARID,1,D", "MARID,1,D",
           "fail/not-recommended D a.test"),
      Both("best_recommendation", kTrustAb, "MARID,1,B", "MARID,1,A", "pass/recommended A b.test"),
      Both("first_of_equal_recommendations", kTrustAb, "MARID,1,B", "MARID,1,B",
           "pass/recommended B a.test"),
      Both("weight_reached_together", two, "MARID,1,B", "MARID,1,A", "pass/recommended A b.test",
           step5),
      Both("weight_not_reached", two, "MARID,1,A", "nodata", "none/unknown", step5),
      Both("unknown_has_no_weight", two, "MARID,1,A", "MARID,1,C", "none/unknown", step5),
      Both("weights_add_up", heavy, "MARID,1,A", "MARID,1,A", "pass/recommended A a.test", step5),
      Both("weights_do_not_add_up", heavy, "MARID,1,A", "MARID,1,C", "none/unknown", step5),
      Both("failure_needs_no_weight", two, "nodata", "MARID,1,D", "fail/not-recommended D b.test"),
      Both("advisory_failure_decides_nothing", advised, "MARID,1,E", "MARID,1,A",
           "pass/recommended A b.test"),
      Both("advisory_recommendation_decides_nothing", advised, "MARID,1,A", "nodata",
           "none/unknown"),
      Both("advisory_temporary_failure_decides_nothing", advised, "servfail", "nodata",
           "none/unknown"),
  };
}

std::vector<DnaCase> FailureCases() {
  const std::string source = "docs/rules.md §6.1, §8";
  DnaCase chain = {
      "report_through_too_many_aliases",
      source,
      kTrustA,
      AliasChain("mail.example.com.a.test", "TXT", 9, "MARID,1,A") + std::vector{Named({"a.test"})},
      "none/unknown",
      {"a.test permerror/alias-chain"}};
  return {
      {"pointer_timeout", source, kTrustA, {{kPtr, "timeout"}}, "temperror/dns"},
      {"pointer_servfail", source, kTrustA, {{kPtr, "servfail"}}, "temperror/dns"},
      {"pointer_silence", source, kTrustA, {{kPtr, "silence"}}, "temperror/dns"},
      {"pointer_through_too_many_aliases", source, kTrustA,
       AliasChain("mail.example.com", "PTR", 9, "_vouch._smtp.a.test"), "permerror/alias-chain"},
      {"pointer_fails_and_always_asked_recommends",
       source,
       kAlwaysB,
       {{kPtr, "servfail"}, Report("b.test", "MARID,1,A")},
       "pass/recommended A b.test"},
      {"pointer_fails_and_always_asked_fails",
       source,
       kAlwaysB,
       {{kPtr, "servfail"}, Report("b.test", "MARID,1,D"), {"_vouch._smtp.b.test SRV", "nodata"}},
       "fail/not-recommended D b.test"},
      {"pointer_fails_and_always_asked_is_silent",
       source,
       kAlwaysB,
       {{kPtr, "servfail"}, Report("b.test", "nodata")},
       "temperror/dns"},
      {"pointer_alias_chain_and_always_asked_recommends", source, kAlwaysB,
       AliasChain("mail.example.com", "PTR", 9, "_vouch._smtp.a.test") +
           std::vector{Report("b.test", "MARID,1,A")},
       "pass/recommended A b.test"},
      {"pointer_alias_chain_and_always_asked_fails_for_now", source, kAlwaysB,
       AliasChain("mail.example.com", "PTR", 9, "_vouch._smtp.a.test") +
           std::vector{Report("b.test", "servfail")},
       "temperror/dns"},
      Both("temporary_failure_of_one", kTrustAb, "servfail", "nodata", "temperror/dns", source),
      Both("refused_by_one", kTrustAb, "nodata", "refused", "temperror/dns", source),
      Both("silence_of_one", kTrustAb, "MARID,1,C", "silence", "temperror/dns", source),
      Both("recommendation_before_temporary_failure", kTrustAb, "timeout", "MARID,1,B",
           "pass/recommended B b.test", source),
      Both("failure_before_temporary_failure", kTrustAb, "MARID,1,D", "servfail",
           "fail/not-recommended D a.test", source),
      Both("temporary_failure_beside_too_little_weight",
           Trusting({{.name = "a.test"}, {.name = "b.test"}}, 2), "MARID,1,A", "servfail",
           "temperror/dns", source),
      {"report_through_an_alias",
       source,
       kTrustA,
       {Named({"a.test"}),
        {"mail.example.com.a.test TXT", "CNAME good.a.test"},
        {"good.a.test TXT", "MARID,1,A"}},
       "pass/recommended A a.test"},
      chain,
  };
}

std::vector<DnaCase> ContactCases() {
  const auto with = [](const std::string& id, const std::string& srv, const std::string& contact) {
    return DnaCase{.id = id,
                   .source = "DNA-02 §4; docs/rules.md §6.1",
                   .settings = kTrustA,
                   .script = {Named({"a.test"}),
                              Report("a.test", "MARID,1,D"),
                              {"_vouch._smtp.a.test SRV", srv}},
                   .wanted = "fail/not-recommended D a.test" + contact};
  };
  DnaCase aliased = with("contact_through_an_alias", "CNAME _vouch._smtp.b.test", " www.b.test:80");
  aliased.script.push_back({"_vouch._smtp.b.test SRV", "0 0 80 www.b.test"});
  return {
      aliased,
      with("contact", "0 0 80 www.a.test", " www.a.test:80"),
      with("contact_of_the_least_priority", "1 9 80 c.test | 0 1 443 d.test", " d.test:443"),
      with("contact_of_the_most_weight", "0 1 80 c.test | 0 9 443 d.test", " d.test:443"),
      with("contact_that_comes_first", "0 0 80 d.test | 0 0 81 c.test | 0 0 80 c.test",
           " c.test:80"),
      with("no_such_service", "0 0 80 .", ""),
      with("another_beside_no_such_service", "0 0 80 . | 1 0 80 www.a.test", " www.a.test:80"),
      with("no_contact", "nxdomain", ""),
      with("contact_unknown_for_now", "servfail", ""),
      with("contact_silent", "silence", ""),
  };
}

std::vector<DnaCase> AllCases() {
  std::vector<DnaCase> all;
  for (const auto& cases : {PointerCases(), SelectionCases(), ReportCases(), SynthesisCases(),
                            FailureCases(), ContactCases()}) {
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

class DnaTest : public ::testing::TestWithParam<DnaCase> {};

TEST_P(DnaTest, IsRuled) {
  const DnaCase& wanted = GetParam();
  const CheckResult result = RunDna(wanted);
  EXPECT_EQ(result.check, CheckId::kDna);
  EXPECT_EQ(Summary(result), wanted.wanted) << wanted.source;
  if (!wanted.wanted_opinions.empty()) {
    EXPECT_EQ(OpinionsOf(result), wanted.wanted_opinions) << wanted.source;
  }
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
TEST_P(DnaTest, OrderChangesNothing) {
  std::vector<ScriptLine> script = GetParam().script;
  for (ScriptLine& line : script) line.reply = Reversed(line.reply);
  const CheckResult plain = RunDna(GetParam());
  const CheckResult turned = RunDna(GetParam(), script, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Summary(turned), Summary(plain));
  EXPECT_EQ(OpinionsOf(turned), OpinionsOf(plain));
  EXPECT_EQ(Texts(turned.evidence), Texts(plain.evidence));
}

// What a check gives is in the table of results.
TEST_P(DnaTest, HasARule) {
  const CheckResult result = RunDna(GetParam());
  EXPECT_FALSE(SourceOf(result.check, result.reason).empty()) << Text(result);
}

INSTANTIATE_TEST_SUITE_P(Cases, DnaTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

}  // namespace
}  // namespace helovet
