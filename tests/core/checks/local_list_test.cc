#include "checks/local_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using ::testing::ElementsAre;
using testing::HeloOf;
using ::testing::IsEmpty;
using testing::Text;

constexpr NameProof kProven = NameProof::kProven;
constexpr NameProof kUndetermined = NameProof::kUndetermined;
constexpr NameProof kNotProven = NameProof::kNotProven;

struct LocalListCase {
  std::string id;
  std::string source;
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  std::string wanted;
  std::optional<std::string> wanted_denial = std::nullopt;  // What is said before any question.
  NameProof proof = kNotProven;
  std::optional<std::string> mail_from = std::nullopt;
  std::string helo = "mail.example.com";
  std::string client = "192.0.2.1";
};
void PrintTo(const LocalListCase& each, std::ostream* out) { *out << each.id; }

Session SessionOf(const LocalListCase& each) {
  return {.client = Address(each.client), .helo = each.helo, .mail_from = each.mail_from};
}

CheckResult Check(const LocalListCase& each) {
  const Session session = SessionOf(each);
  const LocalLists lists(each.allow, each.deny);
  return CheckLocalList(HeloOf(each.helo, session.client), session, each.proof, lists);
}

// "lists.deny fail/listed 192.0.2.1".
std::vector<std::string> Texts(const std::vector<Opinion>& opinions) {
  std::vector<std::string> texts;
  texts.reserve(opinions.size());
  for (const Opinion& opinion : opinions) {
    texts.push_back(opinion.authority + " " + std::string(ToString(opinion.result)) + "/" +
                    std::string(ToString(opinion.reason)) + " " + opinion.text);
  }
  return texts;
}

// Addresses, and what comes first.
std::vector<LocalListCase> AddressCases() {
  const std::string rules = "docs/rules.md §7.1";
  const std::string denied = "fail/listed";
  return {
      {"nothing_listed", rules, {}, {}, "none/not-listed"},
      {"others_listed",
       rules,
       {"192.0.2.2", "www.example.com", "@example.net"},
       {"192.0.2.3", "example.com", "@example.com"},
       "none/not-listed"},
      {"address_denied", rules, {}, {"192.0.2.0/24"}, denied, denied},
      {"address_denied_within_what_is_allowed",
       rules,
       {"192.0.2.0/24"},
       {"192.0.2.1"},
       denied,
       denied},
      {"address_both_allowed_and_denied", rules, {"192.0.2.1"}, {"192.0.2.1"}, denied, denied},
      // Such a session is exempt, and the check does not run.
      {"address_allowed_within_what_is_denied",
       "docs/rules.md §1, §7.1",
       {"192.0.2.1"},
       {"192.0.2.0/24"},
       "pass/listed"},
      {.id = "mapped_address_denied",
       .source = "docs/rules.md §1, §7.1",
       .allow = {},
       .deny = {"192.0.2.1"},
       .wanted = denied,
       .wanted_denial = denied,
       .client = "::ffff:192.0.2.1"},
      {.id = "address_denied_without_a_name",
       .source = rules,
       .allow = {},
       .deny = {"192.0.2.1"},
       .wanted = denied,
       .wanted_denial = denied,
       .helo = ""},
      {.id = "address_denied_name_allowed",
       .source = rules,
       .allow = {"mail.example.com"},
       .deny = {"192.0.2.1"},
       .wanted = denied,
       .wanted_denial = denied,
       .proof = kProven},
  };
}

std::vector<LocalListCase> NameCases() {
  const std::string rules = "docs/rules.md §7.1";
  const std::vector<std::string> name = {"mail.example.com"};
  return {
      {"name_denied_and_proven", rules, {}, name, "fail/listed", {}, kProven},
      {"name_denied_not_proven", rules, {}, name, "neutral/not-verified", {}, kNotProven},
      {"name_denied_undetermined", rules, {}, name, "temperror/dns", {}, kUndetermined},
      {"name_allowed_and_proven", rules, name, {}, "pass/listed", {}, kProven},
      {"name_allowed_not_proven", rules, name, {}, "neutral/not-verified", {}, kNotProven},
      {"name_allowed_undetermined", rules, name, {}, "temperror/dns", {}, kUndetermined},
      {"name_allowed_below_a_denied_suffix",
       rules,
       name,
       {".example.com"},
       "pass/listed",
       {},
       kProven},
      {"name_not_listed_undetermined", rules, {"a.test"}, {}, "none/not-listed", {}, kUndetermined},
      {.id = "name_in_upper_case",
       .source = "docs/rules.md §1, §7.1",
       .allow = {"Mail.EXAMPLE.com"},
       .deny = {},
       .wanted = "pass/listed",
       .proof = kProven,
       .helo = "MAIL.example.Com."},
      {.id = "name_that_is_none_is_not_listed",
       .source = "docs/rules.md §3, §7.1",
       .allow = {},
       .deny = {"mailhost", ".local"},
       .wanted = "none/not-listed",
       .proof = kProven,
       .helo = "mailhost"},
  };
}

std::vector<LocalListCase> SenderCases() {
  const std::string rules = "docs/rules.md §7.1";
  const std::vector<std::string> sender = {"@example.com"};
  const std::string from = "someone@example.com";
  const std::string denied = "fail/listed";
  const std::string not_verified = "neutral/not-verified";
  return {
      {"sender_denied", rules, {}, sender, denied, denied, kNotProven, from},
      {"sender_denied_undetermined", rules, {}, sender, denied, denied, kUndetermined, from},
      {"sender_denied_below_a_suffix", rules, {}, {"@.com"}, denied, denied, kNotProven, from},
      {"sender_denied_name_allowed",
       rules,
       {"mail.example.com"},
       sender,
       denied,
       denied,
       kProven,
       from},
      {"sender_denied_address_allowed",
       rules,
       {"192.0.2.1"},
       sender,
       denied,
       denied,
       kProven,
       from},
      {"sender_not_known_yet", rules, {}, sender, "none/not-listed", {}, kProven, {}},
      {"null_sender", rules, {}, sender, "none/not-listed", {}, kProven, ""},
      {"sender_without_a_domain", rules, {}, sender, "none/not-listed", {}, kProven, "postmaster"},
      {"sender_by_source_route",
       rules,
       {},
       sender,
       denied,
       denied,
       kNotProven,
       "@a.test:someone@EXAMPLE.COM"},
      {"sender_allowed_and_proven_below", rules, sender, {}, "pass/listed", {}, kProven, from},
      {"sender_allowed_not_proven", rules, sender, {}, not_verified, {}, kNotProven, from},
      {"sender_allowed_undetermined",
       "docs/rules.md §2, §7.1",
       sender,
       {},
       "temperror/dns",
       {},
       kUndetermined,
       from},
      {"sender_allowed_and_proven_itself",
       rules,
       {"@mail.example.com"},
       {},
       "pass/listed",
       {},
       kProven,
       "someone@mail.example.com"},
      {"sender_allowed_from_elsewhere",
       rules,
       {"@example.org"},
       {},
       not_verified,
       {},
       kProven,
       "someone@example.org"},
      // Whatever the open question brings, the name is no part of that domain.
      {"sender_allowed_from_elsewhere_undetermined",
       rules,
       {"@example.org"},
       {},
       not_verified,
       {},
       kUndetermined,
       "someone@example.org"},
      {"sender_allowed_from_above",
       rules,
       {"@a.mail.example.com"},
       {},
       not_verified,
       {},
       kProven,
       "someone@a.mail.example.com"},
      {"sender_allowed_from_a_name_that_ends_alike",
       rules,
       {"@ample.com"},
       {},
       not_verified,
       {},
       kProven,
       "someone@ample.com"},
      {.id = "sender_allowed_without_a_name",
       .source = rules,
       .allow = sender,
       .deny = {},
       .wanted = not_verified,
       .mail_from = from,
       .helo = "[192.0.2.1]"},
      {"name_denied_sender_allowed",
       rules,
       sender,
       {"mail.example.com"},
       denied,
       {},
       kProven,
       from},
  };
}

class LocalListTest : public ::testing::TestWithParam<LocalListCase> {};

TEST_P(LocalListTest, IsRuled) {
  const CheckResult result = Check(GetParam());
  EXPECT_EQ(result.check, CheckId::kLocalList);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
}

TEST_P(LocalListTest, DeniesWithoutAQuestionOnlyWhatNeedsNoProof) {
  const std::optional<CheckResult> denial =
      FindDenial(SessionOf(GetParam()), LocalLists(GetParam().allow, GetParam().deny));
  const std::optional<std::string> got =
      denial ? std::optional<std::string>(Text(*denial)) : std::nullopt;
  EXPECT_EQ(got, GetParam().wanted_denial) << GetParam().source;
  if (denial) {
    EXPECT_EQ(denial->check, CheckId::kLocalList);
  }
}

const auto kCaseName = [](const auto& each) { return each.param.id; };
INSTANTIATE_TEST_SUITE_P(Addresses, LocalListTest, ::testing::ValuesIn(AddressCases()), kCaseName);
INSTANTIATE_TEST_SUITE_P(Names, LocalListTest, ::testing::ValuesIn(NameCases()), kCaseName);
INSTANTIATE_TEST_SUITE_P(Senders, LocalListTest, ::testing::ValuesIn(SenderCases()), kCaseName);

TEST(LocalListOpinionsTest, TellEveryEntryAndItsPlace) {
  const LocalListCase each = {.id = "",
                              .source = "",
                              .allow = {"mail.example.com"},
                              .deny = {"@.example.org", "192.0.2.0/24"},
                              .wanted = "",
                              .mail_from = "someone@a.example.org"};
  const CheckResult result = Check(each);
  EXPECT_EQ(result.authority, "lists.deny");
  EXPECT_THAT(
      Texts(result.opinions),
      ElementsAre("lists.allow neutral/not-verified mail.example.com",
                  "lists.deny fail/listed 192.0.2.0/24", "lists.deny fail/listed @.example.org"));
  const std::optional<CheckResult> denial =
      FindDenial(SessionOf(each), LocalLists(each.allow, each.deny));
  ASSERT_TRUE(denial.has_value());
  EXPECT_EQ(denial->authority, "lists.deny");
  EXPECT_THAT(Texts(denial->opinions), ElementsAre("lists.deny fail/listed 192.0.2.0/24",
                                                   "lists.deny fail/listed @.example.org"));
}

TEST(LocalListOpinionsTest, AreNoneWhereNothingIsListed) {
  const CheckResult result =
      Check({.id = "", .source = "", .allow = {"a.test"}, .deny = {}, .wanted = ""});
  EXPECT_EQ(result.authority, "");
  EXPECT_THAT(result.opinions, IsEmpty());
}

}  // namespace
}  // namespace helovet
