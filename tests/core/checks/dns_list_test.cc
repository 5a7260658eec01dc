#include "checks/dns_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
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
using ::testing::UnorderedElementsAre;

// All codes from `least` to `most`, octet by octet.
ReturnCode Codes(const std::string& least, const std::string& most, Rating rating) {
  ReturnCode pattern = {.octets = {}, .rating = rating};
  for (std::size_t i = 0; i < pattern.octets.size(); ++i) {
    pattern.octets[i] = {Address(least).bytes()[i], Address(most).bytes()[i]};
  }
  return pattern;
}

ReturnCode Code(const std::string& code, Rating rating) { return Codes(code, code, rating); }

// 127.0.0.2 to 127.0.0.6 are A to E.
DnsList List(const std::string& zone) {
  return {.zone = zone,
          .codes = {Code("127.0.0.2", Rating::kA), Code("127.0.0.3", Rating::kB),
                    Code("127.0.0.4", Rating::kC), Code("127.0.0.5", Rating::kD),
                    Code("127.0.0.6", Rating::kE)}};
}

// "list.test fail/listed E 127.0.0.6".
std::string Text(const Opinion& opinion) {
  std::string text = opinion.authority + " " + std::string(ToString(opinion.result)) + "/" +
                     std::string(ToString(opinion.reason));
  if (opinion.rating) text += " " + std::string(ToString(*opinion.rating));
  if (!opinion.text.empty()) text += " " + opinion.text;
  return text;
}

std::vector<std::string> Texts(const std::vector<Opinion>& opinions) {
  std::vector<std::string> texts;
  texts.reserve(opinions.size());
  for (const Opinion& opinion : opinions) texts.push_back(Text(opinion));
  return texts;
}

// "fail/listed list.test E": what decided, by whose word.
std::string Summary(const CheckResult& result) {
  std::string text = testing::Text(result);
  if (!result.authority.empty()) text += " " + result.authority;
  if (result.rating) text += " " + std::string(ToString(*result.rating));
  return text;
}

CheckResult CheckAddress(const std::string& client_text, const std::vector<DnsList>& lists,
                         const std::vector<ScriptLine>& script,
                         ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(client_text);
  PrefetchAddressLists(client, lists, session_dns);  // As the engine does.
  return RunTask(loop, CheckAddressLists(client, lists, session_dns));
}

CheckResult CheckName(const std::string& helo_text, const std::vector<DnsList>& lists,
                      const std::vector<ScriptLine>& script,
                      ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const HeloFinding helo = HeloOf(helo_text, Address("192.0.2.1"));
  PrefetchNameLists(helo, lists, session_dns);
  return RunTask(loop, CheckNameLists(helo, lists, session_dns));
}

const std::string kAsked = "1.2.0.192.list.test A";

struct OneListCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  std::string wanted_opinion;
};
void PrintTo(const OneListCase& each, std::ostream* out) { *out << each.id; }

std::vector<OneListCase> OneListCases() {
  const std::string error = "temperror/list-error list.test";
  const std::string error_opinion = "list.test temperror/list-error ";
  return {
      {"not_listed",
       "RFC 5782 §2.1",
       {{kAsked, "nxdomain"}},
       "none/not-listed",
       "list.test none/not-listed"},
      {"no_data",
       "RFC 5782 §2.1",
       {{kAsked, "nodata"}},
       "none/not-listed",
       "list.test none/not-listed"},
      {"a",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.2"}},
       "pass/listed list.test A",
       "list.test pass/listed A 127.0.0.2"},
      {"b",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.3"}},
       "pass/listed list.test B",
       "list.test pass/listed B 127.0.0.3"},
      {"c",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.4"}},
       "neutral/listed list.test C",
       "list.test neutral/listed C 127.0.0.4"},
      {"d",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.5"}},
       "fail/listed list.test D",
       "list.test fail/listed D 127.0.0.5"},
      {"e",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.6"}},
       "fail/listed list.test E",
       "list.test fail/listed E 127.0.0.6"},
      {"the_worst_of_several_codes",
       "RFC 5782 §2.3; docs/rules.md §7.2",
       {{kAsked, "127.0.0.5 | 127.0.0.2 | 127.0.0.4"}},
       "fail/listed list.test D",
       "list.test fail/listed D 127.0.0.2 127.0.0.4 127.0.0.5"},
      {"a_code_twice",
       "docs/rules.md §2",
       {{kAsked, "127.0.0.2 | 127.0.0.2"}},
       "pass/listed list.test A",
       "list.test pass/listed A 127.0.0.2"},
      {"unmapped_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.9"}},
       "neutral/unmapped-code list.test",
       "list.test neutral/unmapped-code 127.0.0.9"},
      {"unmapped_beside_a_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.9 | 127.0.0.3"}},
       "pass/listed list.test B",
       "list.test pass/listed B 127.0.0.3 127.0.0.9"},
      {"error_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.255.255.254"}},
       error,
       error_opinion + "127.255.255.254"},
      {"first_error_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.255.255.0"}},
       error,
       error_opinion + "127.255.255.0"},
      {"below_the_error_codes",
       "docs/rules.md §7.2",
       {{kAsked, "127.255.254.255"}},
       "neutral/unmapped-code list.test",
       "list.test neutral/unmapped-code 127.255.254.255"},
      {"error_beside_a_good_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.0.0.2 | 127.255.255.255"}},
       error,
       error_opinion + "127.0.0.2 127.255.255.255"},
      {"error_beside_a_bad_code",
       "docs/rules.md §7.2",
       {{kAsked, "127.255.255.255 | 127.0.0.6"}},
       error,
       error_opinion + "127.0.0.6 127.255.255.255"},
      {"an_expired_domain_answers_everything",
       "docs/rules.md §7.2",
       {{kAsked, "203.0.113.7"}},
       error,
       error_opinion + "203.0.113.7"},
      {"just_below_127",
       "docs/rules.md §7.2",
       {{kAsked, "126.255.255.255"}},
       error,
       error_opinion + "126.255.255.255"},
      {"just_above_127",
       "docs/rules.md §7.2",
       {{kAsked, "128.0.0.2"}},
       error,
       error_opinion + "128.0.0.2"},
      {"alias",
       "docs/rules.md §8",
       {{kAsked, "CNAME code.test"}, {"code.test A", "127.0.0.6"}},
       "fail/listed list.test E",
       "list.test fail/listed E 127.0.0.6"},
      {"alias_chain", "docs/rules.md §8", AliasChain("1.2.0.192.list.test", "A", 9, "127.0.0.6"),
       "permerror/alias-chain", "list.test permerror/alias-chain"},
      {"servfail",
       "docs/rules.md §8",
       {{kAsked, "servfail"}},
       "temperror/dns",
       "list.test temperror/dns"},
      {"refused",
       "docs/rules.md §8",
       {{kAsked, "refused"}},
       "temperror/dns",
       "list.test temperror/dns"},
      {"silence",
       "docs/rules.md §8",
       {{kAsked, "silence"}},
       "temperror/dns",
       "list.test temperror/dns"},
  };
}

class OneListTest : public ::testing::TestWithParam<OneListCase> {};

TEST_P(OneListTest, OfAddressesIsRuled) {
  const CheckResult result = CheckAddress("192.0.2.1", {List("list.test")}, GetParam().script);
  EXPECT_EQ(result.check, CheckId::kAddressList);
  EXPECT_EQ(Summary(result), GetParam().wanted) << GetParam().source;
  EXPECT_THAT(Texts(result.opinions), ElementsAre(GetParam().wanted_opinion)) << GetParam().source;
}

// The same about names: 1.2.0.192.list.test is asked about a client that calls
// itself 1.2.0.192.list and is looked up in test, too.
TEST_P(OneListTest, OfNamesIsRuledAlike) {
  DnsList list = List("test");
  const CheckResult result = CheckName("1.2.0.192.list", {list}, GetParam().script);
  EXPECT_EQ(result.check, CheckId::kNameList);
  EXPECT_EQ(testing::Text(result), GetParam().wanted.substr(0, GetParam().wanted.find(' ')))
      << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(Cases, OneListTest, ::testing::ValuesIn(OneListCases()),
                         [](const auto& each) { return each.param.id; });

struct ManyListsCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;  // For a.test, b.test and c.test.
  std::string wanted;
};
void PrintTo(const ManyListsCase& each, std::ostream* out) { *out << each.id; }

std::vector<ManyListsCase> ManyListsCases() {
  const auto script = [](const std::string& a, const std::string& b, const std::string& c) {
    return std::vector<ScriptLine>{{"mail.example.com.a.test A", a},
                                   {"mail.example.com.b.test A", b},
                                   {"mail.example.com.c.test A", c}};
  };
  const std::string rules = "docs/rules.md §7.2";
  const auto chain = AliasChain("mail.example.com.b.test", "A", 9, "127.0.0.2");
  return {
      {"the_worst_rating", rules, script("127.0.0.2", "127.0.0.5", "127.0.0.4"),
       "fail/listed b.test D"},
      {"neutral_before_good", rules, script("127.0.0.2", "127.0.0.4", "127.0.0.3"),
       "neutral/listed b.test C"},
      {"the_worse_of_two_good", rules, script("nxdomain", "127.0.0.2", "127.0.0.3"),
       "pass/listed c.test B"},
      {"the_first_of_equals", rules, script("nxdomain", "127.0.0.6", "127.0.0.6"),
       "fail/listed b.test E"},
      {"good_beside_a_failure", rules, script("servfail", "127.0.0.2", "127.255.255.254"),
       "pass/listed b.test A"},
      {"bad_beside_a_failure", rules, script("servfail", "127.0.0.5", "silence"),
       "fail/listed b.test D"},
      {"neutral_beside_a_failure", rules, script("servfail", "127.0.0.4", "nxdomain"),
       "neutral/listed b.test C"},
      {"unmapped_beside_a_failure", rules, script("127.0.0.9", "servfail", "nxdomain"),
       "temperror/dns"},
      {"unmapped_beside_an_error", rules, script("127.0.0.9", "nxdomain", "127.255.255.1"),
       "temperror/list-error c.test"},
      {"absent_beside_a_failure", rules, script("nxdomain", "nxdomain", "servfail"),
       "temperror/dns"},
      {"unmapped_before_absent", rules, script("nxdomain", "127.0.0.9", "nxdomain"),
       "neutral/unmapped-code b.test"},
      {"bad_before_unmapped", rules, script("127.0.0.9", "127.0.0.5", "nxdomain"),
       "fail/listed b.test D"},
      {"the_first_failure", rules, script("nxdomain", "127.255.255.1", "servfail"),
       "temperror/list-error b.test"},
      {"none", rules, script("nxdomain", "nodata", "nxdomain"), "none/not-listed"},
      {"alias_chain_before_absent", "docs/rules.md §7.2, §8",
       chain + script("nxdomain", "", "127.0.0.9"), "permerror/alias-chain"},
      {"failure_before_alias_chain", "docs/rules.md §7.2, §8",
       chain + script("nxdomain", "", "servfail"), "temperror/dns"},
      {"good_beside_alias_chain", "docs/rules.md §7.2, §8",
       chain + script("nxdomain", "", "127.0.0.2"), "pass/listed c.test A"},
  };
}

class ManyListsTest : public ::testing::TestWithParam<ManyListsCase> {};

TEST_P(ManyListsTest, AreRuled) {
  const std::vector<DnsList> lists = {List("a.test"), List("b.test"), List("c.test")};
  EXPECT_EQ(Summary(CheckName("mail.example.com", lists, GetParam().script)), GetParam().wanted)
      << GetParam().source;
}

// docs/rules.md §2
TEST_P(ManyListsTest, OrderChangesNothing) {
  const CheckResult plain = CheckName(
      "mail.example.com", {List("a.test"), List("b.test"), List("c.test")}, GetParam().script);
  const CheckResult turned =
      CheckName("mail.example.com", {List("c.test"), List("b.test"), List("a.test")},
                GetParam().script, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Summary(turned), Summary(plain));
  EXPECT_EQ(Texts(turned.opinions), Texts(plain.opinions));
  EXPECT_EQ(testing::Texts(turned.evidence), testing::Texts(plain.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, ManyListsTest, ::testing::ValuesIn(ManyListsCases()),
                         [](const auto& each) { return each.param.id; });

// docs/rules.md §7.2
TEST(ListCodesTest, TheFirstPatternThatFitsCounts) {
  const DnsList list = {
      .zone = "list.test",
      .codes = {Code("127.0.5.3", Rating::kE), Codes("127.0.0.2", "127.0.9.3", Rating::kA),
                Codes("127.0.0.0", "127.0.255.255", Rating::kC)}};
  const std::pair<const char*, const char*> wanted[] = {
      {"127.0.5.3", "fail/listed list.test E"},    {"127.0.5.2", "pass/listed list.test A"},
      {"127.0.0.2", "pass/listed list.test A"},    {"127.0.9.3", "pass/listed list.test A"},
      {"127.0.9.4", "neutral/listed list.test C"}, {"127.0.10.2", "neutral/listed list.test C"},
      {"127.0.9.1", "neutral/listed list.test C"}, {"127.1.9.2", "neutral/unmapped-code list.test"},
  };
  for (const auto& [code, summary] : wanted) {
    EXPECT_EQ(Summary(CheckAddress("192.0.2.1", {list}, {{kAsked, code}})), summary) << code;
  }
}

// A pattern cannot make an error of the list a rating (docs/rules.md §7.2).
TEST(ListCodesTest, NoPatternFitsAnError) {
  const DnsList list = {.zone = "list.test",
                        .codes = {Codes("0.0.0.0", "255.255.255.255", Rating::kE)}};
  for (const std::string code : {"127.255.255.254", "192.0.2.99"}) {
    EXPECT_EQ(Summary(CheckAddress("192.0.2.1", {list}, {{kAsked, code}})),
              "temperror/list-error list.test")
        << code;
  }
}

TEST(AddressListNameTest, OctetsAndNibblesAreReversed) {
  const std::pair<const char*, const char*> wanted[] = {
      {"192.0.2.99", "99.2.0.192.bad.example.com A"},         // RFC 5782 §2.1
      {"::ffff:192.0.2.99", "99.2.0.192.bad.example.com A"},  // docs/rules.md §1
      {"2001:db8:1:2:3:4:567:89ab",
       "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0."
       "1.0.0.2.bad.example.com A"},  // RFC 5782 §2.4
  };
  for (const auto& [client, question] : wanted) {
    EXPECT_EQ(Summary(CheckAddress(client, {List("bad.example.com")}, {{question, "127.0.0.6"}})),
              "fail/listed bad.example.com E")
        << client;
  }
}

TEST(NameListNameTest, CaseAndTrailingDotMakeNoDifference) {
  EXPECT_EQ(Summary(CheckName("MAIL.Example.Com.", {List("list.test")},
                              {{"mail.example.com.list.test A", "127.0.0.6"}})),
            "fail/listed list.test E");
}

TEST(NameListNameTest, NothingIsAskedWithoutAName) {
  for (const std::string helo : {"", "mailhost", "[192.0.2.1]", "a b"}) {
    const CheckResult result = CheckName(helo, {List("list.test")}, {});
    EXPECT_EQ(Summary(result), "none/no-name") << helo;
    EXPECT_THAT(result.opinions, IsEmpty()) << helo;
  }
}

// A zone of 63 + 63 + `last` octets and two dots.
std::string LongZone(std::size_t last) {
  const std::string label(63, 'z');
  return std::string(last, 'y') + "." + label + "." + label;
}

// 63 octets of text and a dot of 3 labels.
std::string LongHelo() { return std::string(57, 'h') + ".x.com"; }

// RFC 1035 §2.3.4: 253 octets of text.
TEST(ListNameLengthTest, TheLongestNameIsAsked) {
  const std::string zone = LongZone(253 - 64 - 128);
  const std::string name = LongHelo() + "." + zone;
  ASSERT_EQ(name.size(), 253U);
  EXPECT_EQ(testing::Text(CheckName(LongHelo(), {List(zone)}, {{name + " A", "127.0.0.6"}})),
            "fail/listed");
}

TEST(ListNameLengthTest, ALongerNameIsNotAsked) {
  const std::string zone = LongZone(254 - 64 - 128);
  const CheckResult result = CheckName(LongHelo(), {List(zone)}, {});
  EXPECT_EQ(Summary(result), "permerror/name-too-long");
  EXPECT_THAT(Texts(result.opinions), ElementsAre(zone + " permerror/name-too-long"));
}

TEST(ListNameLengthTest, TheOtherListsDecide) {
  const std::string zone = LongZone(63);
  const std::string question = LongHelo() + ".list.test A";
  const std::pair<const char*, const char*> wanted[] = {
      {"127.0.0.2", "pass/listed list.test A"},
      {"127.0.0.9", "neutral/unmapped-code list.test"},
      {"nxdomain", "none/not-listed"},
      {"servfail", "temperror/dns"},
  };
  for (const auto& [reply, summary] : wanted) {
    const CheckResult result =
        CheckName(LongHelo(), {List(zone), List("list.test")}, {{question, reply}});
    EXPECT_EQ(Summary(result), summary) << reply;
    EXPECT_EQ(result.opinions.size(), 2U) << reply;
  }
}

TEST(ListPrefetchTest, AllListsAreAskedAtOnce) {
  Loop loop;
  ScriptedDns dns(loop, {{"1.2.0.192.a.test A", "nxdomain"},
                         {"1.2.0.192.b.test A", "nxdomain"},
                         {"mail.example.com.c.test A", "nxdomain"},
                         {"mail.example.com.d.test A", "nxdomain"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  PrefetchAddressLists(client, {List("a.test"), List("b.test")}, session_dns);
  PrefetchNameLists(HeloOf("mail.example.com", client), {List("c.test"), List("d.test")},
                    session_dns);
  PrefetchNameLists(HeloOf("[192.0.2.1]", client), {List("e.test")}, session_dns);
  EXPECT_THAT(dns.FirstWave(),
              UnorderedElementsAre("1.2.0.192.a.test A", "1.2.0.192.b.test A",
                                   "mail.example.com.c.test A", "mail.example.com.d.test A"));
}

TEST(ListParallelTest, AllListsAreAskedBeforeTheFirstAnswers) {
  Loop loop;
  ScriptedDns dns(loop, {{"1.2.0.192.a.test A", "127.0.0.6"}, {"1.2.0.192.b.test A", "nxdomain"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const std::vector<DnsList> lists = {List("b.test"), List("a.test")};
  PrefetchAddressLists(client, lists, session_dns);
  const CheckResult result = RunTask(loop, CheckAddressLists(client, lists, session_dns));
  EXPECT_EQ(Summary(result), "fail/listed a.test E");
  EXPECT_THAT(dns.log(), ElementsAre("ask 1.2.0.192.a.test A", "ask 1.2.0.192.b.test A",
                                     "answer 1.2.0.192.a.test A", "answer 1.2.0.192.b.test A"));
}

TEST(ListEvidenceTest, ShowsEveryListsAnswer) {
  const CheckResult result = CheckAddress(
      "192.0.2.1", {List("b.test"), List("a.test")},
      {{"1.2.0.192.a.test A", "127.0.0.6 | 127.0.0.2"}, {"1.2.0.192.b.test A", "nxdomain"}});
  EXPECT_THAT(testing::Texts(result.evidence),
              ElementsAre("1.2.0.192.a.test A ok 127.0.0.2", "1.2.0.192.a.test A ok 127.0.0.6",
                          "1.2.0.192.b.test A nxdomain"));
  EXPECT_THAT(Texts(result.opinions),
              ElementsAre("a.test fail/listed E 127.0.0.2 127.0.0.6", "b.test none/not-listed"));
}

}  // namespace
}  // namespace helovet
