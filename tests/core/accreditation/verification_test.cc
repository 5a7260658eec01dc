// A served zone is compared with a list (docs/accrediting.md, "Verifying"): what could not be asked
// is never missing (docs/rules.md §2).
#include "accreditation/verification.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "testing/directory_test.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {
namespace {

const std::string kContact = "_vouch._smtp.judge.example SRV";

// One line for each difference, and the counts.
std::string Text(const AccreditationComparison& comparison) {
  std::string text;
  for (const AccreditationDifference& each : comparison.differences) {
    text += std::string(ToString(each.finding)) + ' ' + each.owner + " [" + each.wanted + "] [" +
            each.found + "]\n";
  }
  return text + std::to_string(comparison.equal) + " equal, " + std::to_string(comparison.missing) +
         " missing, " + std::to_string(comparison.different) + " different, " +
         std::to_string(comparison.unknown) + " unknown";
}

class VerificationTest : public DirectoryTest {
 protected:
  [[nodiscard]] AccreditationList List(const std::string& text) const {
    return *AccreditationList::Read(Write("list", text), "judge.example", std::nullopt);
  }
  [[nodiscard]] static AccreditationZone Zone(const std::string& contact = "") {
    return *ParseAccreditationZone({.name = "judge.example", .contact = contact});
  }
};

TEST_F(VerificationTest, Reports) {
  struct Case {
    std::string reply;
    std::string want;
  };
  const std::string head = " a.example.judge.example [MARID,1,B;x] [";
  const std::vector<Case> cases = {
      {"MARID,1,B;x", "1 equal, 0 missing, 0 different, 0 unknown"},
      {"nxdomain", "missing" + head + "]\n0 equal, 1 missing, 0 different, 0 unknown"},
      {"nodata", "missing" + head + "]\n0 equal, 1 missing, 0 different, 0 unknown"},
      {"MARID,1,C;x",
       "different" + head + "MARID,1,C;x]\n0 equal, 0 missing, 1 different, 0 unknown"},
      {"marid,1,b;x",
       "different" + head + "marid,1,b;x]\n0 equal, 0 missing, 1 different, 0 unknown"},
      {"MARID,1,B;x | MARID,1,A",
       "different" + head + "MARID,1,A | MARID,1,B;x]\n0 equal, 0 missing, 1 different, 0 unknown"},
      {"CNAME b.test | = b.test TXT MARID,1,B;x",
       "different" + head + "CNAME b.test]\n0 equal, 0 missing, 1 different, 0 unknown"},
      {"timeout", "unknown" + head + "timeout]\n0 equal, 0 missing, 0 different, 1 unknown"},
      {"servfail", "unknown" + head + "servfail]\n0 equal, 0 missing, 0 different, 1 unknown"},
      {"refused", "unknown" + head + "refused]\n0 equal, 0 missing, 0 different, 1 unknown"},
      {"malformed", "unknown" + head + "malformed]\n0 equal, 0 missing, 0 different, 1 unknown"},
      {"unreachable",
       "unknown" + head + "unreachable]\n0 equal, 0 missing, 0 different, 1 unknown"},
  };
  for (const Case& c : cases) {
    Loop loop;
    ScriptedDns dns(loop, {{kContact, "nxdomain"}, {"a.example.judge.example TXT", c.reply}});
    EXPECT_EQ(Text(CompareAccreditation(loop, dns, List("a.example B x\n"), Zone())), c.want)
        << c.reply;
  }
}

TEST_F(VerificationTest, ContactPoint) {  // DNA-02 §4
  struct Case {
    std::string contact;
    std::string reply;
    std::string want;
    bool differs;
    bool incomplete;
  };
  const std::string owner = "_vouch._smtp.judge.example ";
  const std::string counts = "0 equal, 0 missing, 0 different, 0 unknown";
  const std::vector<Case> cases = {
      {"", "nxdomain", counts, false, false},
      {"ask.example:443", "0 0 443 ask.example", counts, false, false},
      {"", "0 0 443 ask.example", "extra " + owner + "[] [0 0 443 ask.example]\n" + counts, true,
       false},
      {"ask.example:443", "nxdomain", "missing " + owner + "[0 0 443 ask.example] []\n" + counts,
       true, false},
      {"ask.example:443", "0 0 80 ask.example",
       "different " + owner + "[0 0 443 ask.example] [0 0 80 ask.example]\n" + counts, true, false},
      {"", "servfail", "unknown " + owner + "[] [servfail]\n" + counts, false, true},
  };
  for (const Case& c : cases) {
    Loop loop;
    ScriptedDns dns(loop, {{kContact, c.reply}});
    const AccreditationComparison got = CompareAccreditation(loop, dns, List(""), Zone(c.contact));
    EXPECT_EQ(Text(got), c.want) << c.reply;
    EXPECT_EQ(got.differs(), c.differs) << c.reply;
    EXPECT_EQ(got.incomplete(), c.incomplete) << c.reply;
  }
}

// docs/rules.md §2: the order of answers leaves no trace.
TEST_F(VerificationTest, DifferencesStandInTheOrderOfNames) {
  const std::vector<ScriptLine> script = {{kContact, "nxdomain"},
                                          {"a.example.judge.example TXT", "nxdomain"},
                                          {"b.example.judge.example TXT", "MARID,1,A"},
                                          {"c.example.judge.example TXT", "servfail"}};
  const AccreditationList list = List("c.example A\nb.example B\na.example C\n");
  Loop loop;
  ScriptedDns straight(loop, script);
  const std::string want = Text(CompareAccreditation(loop, straight, list, Zone()));
  ScriptedDns reversed(loop, script, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(CompareAccreditation(loop, reversed, list, Zone())), want);
  EXPECT_EQ(want,
            "missing a.example.judge.example [MARID,1,C] []\n"
            "different b.example.judge.example [MARID,1,B] [MARID,1,A]\n"
            "unknown c.example.judge.example [MARID,1,A] [servfail]\n"
            "0 equal, 1 missing, 1 different, 1 unknown");
}

// Gives the same reply to every question, and counts them.
class UniformDns final : public Dns {
 public:
  UniformDns(Loop& loop, DnsOutcome outcome) : loop_(loop) { reply_.outcome = outcome; }

  std::unique_ptr<Query> Ask(const DnsQuestion&, Done done) override {
    ++asked_;
    most_open_ = std::max(most_open_, ++open_);
    auto query = std::make_unique<Posted>();
    query->handle = loop_.Post([this, done = std::move(done)]() mutable {
      --open_;
      done(reply_);
    });
    return query;
  }
  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] std::size_t most_open() const { return most_open_; }

 private:
  struct Posted final : Query {
    Loop::Handle handle;
  };

  Loop& loop_;
  DnsReply reply_;
  std::size_t asked_ = 0;
  std::size_t open_ = 0;
  std::size_t most_open_ = 0;
};

std::string ManyDomains(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "m" + std::to_string(i) + ".example A\n";
  return text;
}

// RFC 2308 §2.2: NOERROR without a SOA record; RFC 1034 §4.3.2: how a parent's server refers.
TEST_F(VerificationTest, AReferralIsNoAbsence) {
  Loop loop;
  UniformDns dns(loop, DnsOutcome::kOk);
  EXPECT_EQ(Text(CompareAccreditation(loop, dns, List("a.example A\n"), Zone())),
            "unknown _vouch._smtp.judge.example [] [referral]\n"
            "unknown a.example.judge.example [MARID,1,A] [referral]\n"
            "0 equal, 0 missing, 0 different, 1 unknown");
}

TEST_F(VerificationTest, AServerThatIsGoneIsNotAskedForEver) {
  Loop loop;
  UniformDns dns(loop, DnsOutcome::kTimeout);
  const AccreditationComparison got =
      CompareAccreditation(loop, dns, List(ManyDomains(5000)), Zone());
  EXPECT_EQ(got.unknown, 5000U);
  EXPECT_TRUE(got.gave_up);
  EXPECT_TRUE(got.incomplete());
  EXPECT_FALSE(got.differs());
  EXPECT_LT(dns.asked(), kMaxFailuresInRow + kAccreditationQuestionsInFlight + 2);
  EXPECT_EQ(dns.most_open(), kAccreditationQuestionsInFlight);
}

TEST_F(VerificationTest, ManyAnswersOfUseAreAskedToTheEnd) {
  Loop loop;
  UniformDns dns(loop, DnsOutcome::kNxDomain);
  std::uint64_t done = 0;
  const AccreditationComparison got =
      CompareAccreditation(loop, dns, List(ManyDomains(5000)), Zone(), std::nullopt,
                           [&done](std::uint64_t now, std::uint64_t) { done = now; });
  EXPECT_EQ(got.missing, 5000U);
  EXPECT_FALSE(got.gave_up);
  EXPECT_EQ(done, 5000U);
  EXPECT_EQ(dns.asked(), 5001U);
}

TEST_F(VerificationTest, ASampleAsksAboutSoMany) {
  Loop loop;
  const AccreditationList list = List(ManyDomains(1000));
  for (const std::size_t sample : {1U, 10U, 1000U, 2000U}) {
    UniformDns dns(loop, DnsOutcome::kNxDomain);
    const AccreditationComparison got = CompareAccreditation(loop, dns, list, Zone(), sample);
    const std::size_t want = std::min<std::size_t>(sample, 1000);
    EXPECT_EQ(got.asked, want);
    EXPECT_EQ(got.missing, want);
    EXPECT_EQ(got.domains, 1000U);
    EXPECT_EQ(dns.asked(), want + 1);
  }
}

TEST_F(VerificationTest, Json) {
  Loop loop;
  ScriptedDns dns(loop, {{kContact, "nxdomain"}, {"a.example.judge.example TXT", "x\xff\x1b"}});
  EXPECT_EQ(RenderAccreditationJson(CompareAccreditation(loop, dns, List("a.example A\n"), Zone())),
            R"({"zone":"judge.example","domains":1,"asked":1,"equal":0,"missing":0,"different":1,)"
            R"("unknown":0,"gave_up":false,"differences":[{"owner":"a.example.judge.example",)"
            R"("finding":"different","wanted":"MARID,1,A","found":"x\ufffd\u001b"}]})");
}

}  // namespace
}  // namespace helovet::testing
