// How findings stand in the store (docs/rules.md §12.6).
#include "callback/facts.h"

#include <optional>
#include <string>
#include <vector>

#include "callback_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/store.h"

namespace helovet {
namespace {

using testing::Outcome;
using testing::Sender;

struct KeyCase {
  std::string mailbox;
  std::string want;
};

// §12.6: the local part counts with its case; quoted and unquoted forms of it are different.
TEST(CallbackKeysTest, KeepTheLocalPartAndFoldTheDomain) {
  for (const KeyCase& given : std::vector<KeyCase>{
           {"user@Example.COM", "cbv address user@example.com"},
           {"User@example.com", "cbv address User@example.com"},
           {"\"user\"@example.com", "cbv address \"user\"@example.com"},
           {"\"a b@c\"@example.com", "cbv address \"a b@c\"@example.com"},
           {"\xC3\xA4@example.com", "cbv address \\xc3\\xa4@example.com"},
           // What looks like an escape is another mailbox than what is escaped.
           {"\"\\xC3\\xA4\"@example.com", "cbv address \"\\x5cxC3\\x5cxA4\"@example.com"},
           {"a\r\nb\x1b@example.com", "cbv address a\\x0d\\x0ab\\x1b@example.com"},
       }) {
    EXPECT_EQ(CallbackKeys(Sender(given.mailbox)).address, given.want);
  }
}

TEST(CallbackKeysTest, FitTheStoreOrAreNotUsed) {
  const std::string label(60, 'd');
  const std::string domain = label + "." + label + "." + label + "." + label + ".example";
  const CallbackKeys longest(Sender(std::string(64, 'x') + "@" + domain));
  EXPECT_TRUE(longest.mailbox_fits) << "RFC 5321 §4.5.3.1.1, §4.5.3.1.2";
  EXPECT_LE(longest.domain_calls.size(), kMaxStoreKeyOctets);
  EXPECT_FALSE(CallbackKeys(Sender(std::string(400, 'x') + "@" + domain)).mailbox_fits);
}

struct ReadCase {
  std::string value;
  std::optional<KnownResult> (*read)(std::string_view);
  std::string want;  // "result reason"; empty: nothing.
};

TEST(CallbackFactsTest, AreReadByTheirFirstWords) {
  for (const ReadCase& given : std::vector<ReadCase>{
           {"accepted", &ReadAddressFact, "pass accepted"},
           {"accepted 250 2.1.5 Ok", &ReadAddressFact, "pass accepted"},
           {"refused-rcpt 550 5.1.1 No such user", &ReadAddressFact, "fail refused-rcpt"},
           {"acceptedly", &ReadAddressFact, ""},
           {"", &ReadAddressFact, ""},
           {"no-mx", &ReadAddressFact, ""},
           {"no-mx", &ReadDomainFact, "fail no-mx"},
           {"bad-domain", &ReadDomainFact, "fail bad-domain"},
           {"refused-mail-from 550 no", &ReadDomainFact, "fail refused-mail-from"},
           {"catch-all", &ReadDomainFact, "neutral catch-all"},
           {"unreachable", &ReadDomainFact, "temperror connect"},
           {"takes-null-sender", &ReadDomainFact, ""},
           {"temperror tempfail 450 later", &ReadOutcome, "temperror tempfail"},
           {"fail refused-rcpt 550 no", &ReadOutcome, "fail refused-rcpt"},
           {"neutral not-callable", &ReadOutcome, "neutral not-callable"},
           {"pass refused-rcpt", &ReadOutcome, ""},
           // Whoever skipped had no outcome to tell.
           {"skipped over-budget", &ReadOutcome, ""},
           {"temperror", &ReadOutcome, ""},
       }) {
    const std::optional<KnownResult> known = given.read(given.value);
    EXPECT_EQ(
        known ? std::string(ToString(known->result)) + " " + std::string(ToString(known->reason))
              : "",
        given.want)
        << given.value;
  }
}

// Every outcome of a call reads back as what it was, but what nobody shall take for one.
TEST(CallbackFactsTest, OutcomesComeBackAsTheyWere) {
  for (const ResultRule& rule : ResultRules()) {
    if (rule.check != CheckId::kCbv || rule.result == Result::kSkipped) continue;
    const std::string value = OutcomeValue(Outcome(rule.result, rule.reason, "250 a reply"));
    const std::optional<KnownResult> known = ReadOutcome(value);
    ASSERT_TRUE(known) << value;
    EXPECT_EQ(known->result, rule.result) << value;
    EXPECT_EQ(known->reason, rule.reason) << value;
  }
}

TEST(CallbackFactsTest, ARemoteReplyIsPrintableAndCut) {
  const std::string reply = "550 \x1b[31m\r\n\xFF" + std::string(2000, 'x');
  const std::optional<FactToPut> fact =
      AddressFactOf(Outcome(Result::kFail, Reason::kRefusedRcpt, reply));
  ASSERT_TRUE(fact);
  EXPECT_TRUE(fact->value.starts_with("refused-rcpt 550 \\x1b[31m\\x0d\\x0a\\xffxxx"))
      << fact->value;
  EXPECT_LE(fact->value.size(), 250U);
  EXPECT_LE(OutcomeValue(Outcome(Result::kFail, Reason::kRefusedRcpt, reply)).size(), 250U);
}

struct DomainCase {
  Result result;
  Reason reason;
  DomainFinding finding;
  bool probes;
  DomainPraise praise;
  std::string want;  // Empty: nothing.
};

TEST(CallbackFactsTest, OfADomainSayWhatACallProved) {
  const std::optional<bool> open;
  for (const DomainCase& given : std::vector<DomainCase>{
           {Result::kFail, Reason::kBadDomain, {}, false, DomainPraise::kNone, "bad-domain"},
           {Result::kFail, Reason::kNoMx, {}, false, DomainPraise::kNone, "no-mx"},
           {Result::kFail,
            Reason::kRefusedMailFrom,
            {false, open, true},
            false,
            DomainPraise::kNone,
            "refused-mail-from"},
           {Result::kNeutral,
            Reason::kCatchAll,
            {true, true, true},
            true,
            DomainPraise::kNone,
            "catch-all"},
           {Result::kTemperror,
            Reason::kConnect,
            {open, open, false},
            false,
            DomainPraise::kNone,
            "unreachable"},
           {Result::kTemperror,
            Reason::kTimeout,
            {open, open, false},
            false,
            DomainPraise::kNone,
            "unreachable"},
           // Our own network's failure, or a server that is there: nothing is said.
           {Result::kTemperror, Reason::kConnect, {}, false, DomainPraise::kNone, ""},
           {Result::kTemperror,
            Reason::kTempfail,
            {open, open, true},
            false,
            DomainPraise::kNone,
            ""},
           {Result::kNeutral, Reason::kNotCallable, {}, false, DomainPraise::kNone, ""},
           // A refused address says nothing bad of its domain.
           {Result::kFail,
            Reason::kRefusedRcpt,
            {true, open, true},
            false,
            DomainPraise::kNone,
            "takes-null-sender"},
           {Result::kPass,
            Reason::kAccepted,
            {true, open, true},
            false,
            DomainPraise::kNone,
            "takes-null-sender"},
           {Result::kPass,
            Reason::kAccepted,
            {true, false, true},
            true,
            DomainPraise::kNone,
            "takes-null-sender no-catch-all"},
           {Result::kPass,
            Reason::kAccepted,
            {true, false, true},
            true,
            DomainPraise::kTakesNullSender,
            "takes-null-sender no-catch-all"},
           // A success is not renewed by less than what proved it.
           {Result::kPass,
            Reason::kAccepted,
            {true, open, true},
            false,
            DomainPraise::kNoCatchAll,
            ""},
           // A probe without an answer: a success would keep "catch-all" out for a week.
           {Result::kPass, Reason::kAccepted, {true, open, true}, true, DomainPraise::kNone, ""},
       }) {
    CallOptions options;
    options.catch_all = given.probes;
    const std::optional<FactToPut> fact =
        DomainFactOf(Outcome(given.result, given.reason, "", given.finding), options, given.praise);
    EXPECT_EQ(fact ? fact->value : "", given.want)
        << ToString(given.result) << " " << ToString(given.reason);
    EXPECT_EQ(fact && fact->success, given.want.starts_with("takes-")) << given.want;
  }
}

}  // namespace
}  // namespace helovet
