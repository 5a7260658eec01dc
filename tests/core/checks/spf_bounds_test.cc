#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "checks/spf.h"
#include "core/checks/run_spf.h"

namespace helovet {
namespace {

using testing::Address;
using testing::HeloOf;
using testing::Name;
using testing::RunTask;
using testing::Text;

// Answers every question, at once, with what `make` makes of it.
class MadeDns final : public Dns {
 public:
  using Make = std::function<DnsReply(const DnsQuestion&)>;
  MadeDns(Loop& loop, Make make) : loop_(loop), make_(std::move(make)) {}

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    ++asked_;
    auto query = std::make_unique<MadeQuery>();
    query->handle = loop_.CallAt(
        Loop::TimePoint::min(),
        [reply = make_(question), done = std::move(done)]() mutable { done(std::move(reply)); });
    return query;
  }
  [[nodiscard]] std::size_t asked() const { return asked_; }

 private:
  struct MadeQuery final : Query {
    Loop::Handle handle;
  };
  Loop& loop_;
  Make make_;
  std::size_t asked_ = 0;
};

DnsReply OkReply(const DnsQuestion& question, std::vector<DnsData> data) {
  DnsReply reply;
  reply.outcome = DnsOutcome::kOk;
  reply.server = "made";
  for (DnsData& each : data) {
    reply.answers.push_back(
        {.owner = question.name, .type = question.type, .ttl = 60, .data = std::move(each)});
  }
  return reply;
}

struct MadeRun {
  CheckResult result;
  std::size_t asked;
  std::chrono::nanoseconds took;
};

MadeRun RunMade(MadeDns::Make make, const std::string& client_text, const std::string& local_part) {
  Loop loop;
  MadeDns dns(loop, std::move(make));
  SessionDns session_dns(loop, dns, loop.Now() + std::chrono::seconds(30));
  const IpAddress client = Address(client_text);
  const HeloFinding helo = HeloOf("mail.example.com", client);
  SenderIdentity sender;
  sender.kind = SenderIdentity::Kind::kMailbox;
  sender.domain = Name("example.com");
  sender.local_part = local_part;
  const SpfContext context = {.helo = local_part};
  const Config::Spf settings;
  const auto begin = std::chrono::steady_clock::now();
  CheckResult result =
      RunTask(loop, CheckSpf(helo, sender, client, context, settings, session_dns));
  return {std::move(result), dns.asked(), std::chrono::steady_clock::now() - begin};
}

// `part` over and over, as far as a TXT record of 64 KiB has room.
std::string Filled(std::string text, const std::string& part, const std::string& end = "") {
  while (text.size() + part.size() + end.size() <= 65'000) text += part;
  return text + end;
}

// What the greatest records cost. The time is far more than a release build takes, so that slow
// machines and sanitizers pass; what would grow without bounds takes minutes.
TEST(SpfBoundsTest, TheGreatestRecordsCostLittle) {
  const struct {
    std::string what;
    std::string record;  // Of every name.
    std::string want;
  } cases[] = {
      {"networks", Filled("v=spf1", " ip4:192.0.2.9", " -all"), "fail/not-designated"},
      {"the shortest terms", Filled("v=spf1", " a"), "permerror/too-many-lookups"},
      {"modifiers", Filled("v=spf1", " m="), "neutral/no-assertion"},
      {"spaces", Filled("v=spf1", " "), "neutral/no-assertion"},
      {"deep includes", Filled("v=spf1 include:%{d}", " ip4:192.0.2.9"),
       "permerror/too-many-lookups"},
      {"redirects", Filled("v=spf1 redirect=%{d}", " ip4:192.0.2.9"), "permerror/too-many-lookups"},
      {"a macro string of macros", Filled("v=spf1 include:", "%{l}", "%{d}"),
       "permerror/missing-include"},
      {"macros that leave nothing", Filled("v=spf1 include:", "%{l1r-}", "%{d}"),
       "permerror/too-many-lookups"},
      {"macros that grow", Filled("v=spf1 exists:", "%{Hr.-+,/_=}", ".%{d} -all"),
       "fail/not-designated"},
      {"a literal without a dot", Filled("v=spf1 a:", "x", ".com -all"), "fail/not-designated"},
      {"a number", Filled("v=spf1 a/", "1"), "permerror/malformed"},
      {"parts", Filled("v=spf1 a:%{d", "9", "} -all"), "fail/not-designated"},
  };
  for (const auto& c : cases) {
    const MadeRun run = RunMade(
        [&c](const DnsQuestion& question) {
          if (question.type == DnsType::kTxt) return OkReply(question, {c.record});
          return OkReply(question, {Address("192.0.2.9")});
        },
        "192.0.2.1", "-" + std::string(100'000, '='));
    EXPECT_EQ(Text(run.result), c.want) << c.what;
    EXPECT_LE(run.asked, kMaxQueries) << c.what;
    EXPECT_LT(run.took, std::chrono::seconds(10)) << c.what;
  }
}

// Terms that lead to many questions each meet the limit of a validation (docs/rules.md §8).
TEST(SpfBoundsTest, AsksNoMoreThanItsShare) {
  int hosts = 0;
  const MadeRun run = RunMade(
      [&hosts](const DnsQuestion& question) {
        if (question.type == DnsType::kTxt) {
          std::string record = "v=spf1";
          for (int i = 0; i < 10; ++i) record += " mx:" + std::to_string(i) + ".test";
          return OkReply(question, {record + " -all"});
        }
        if (question.type != DnsType::kMx) return OkReply(question, {Address("192.0.2.9")});
        std::vector<DnsData> exchanges;
        exchanges.reserve(10);
        for (int i = 0; i < 10; ++i) {
          exchanges.emplace_back(MxData{10, Name("h" + std::to_string(++hosts) + ".test")});
        }
        return OkReply(question, std::move(exchanges));
      },
      "192.0.2.1", "user");
  EXPECT_EQ(Text(run.result), "temperror/dns");
  EXPECT_EQ(run.asked, kMaxQueries);
}

// Records and answers that nobody wrote by hand.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  [[nodiscard]] std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  std::string RecordText() {
    static const std::vector<std::string> pieces = {
        "all",       "a",         "mx",         "ptr",         "include", "exists",
        "ip4",       "ip6",       "redirect=",  "exp",         "moo=",    "=",
        ":",         "/",         "//",         "+",           "-",       "~",
        "?",         " ",         " ",          " ",           "%",       "%{",
        "}",         "%{d}",      "%{p}",       "%{l1r-}",     "%{S}",    "%%",
        "%_",        "%-",        "%{i}",       "%{h}",        "%{c}",    "%{t}",
        ".",         "..",        "com",        "example.com", "a.test",  "b.test",
        "192.0.2.1", "192.0.2.0", "2001:db8::", "::",          "24",      "0",
        "33",        "129",       "\xff",       "\t",          "v=spf1",  "x"};
    std::string text = Below(10) == 0 ? "" : "v=spf1 ";
    for (std::size_t i = Below(16); i > 0; --i) text += pieces[Below(pieces.size())];
    return text;
  }

  // What is more likely to be followed.
  std::string ValidText() {
    static const std::vector<std::string> terms = {"a",
                                                   "mx",
                                                   "ptr",
                                                   "-a:%{l}.a.test",
                                                   "include:a.test",
                                                   "include:%{d}",
                                                   "?include:b.test",
                                                   "exists:%{p}.a.test",
                                                   "~mx:b.test/24//64",
                                                   "ip4:192.0.2.0/28",
                                                   "ip6:2001:db8::/64",
                                                   "redirect=b.test",
                                                   "exp=e.test",
                                                   "exp=%{p}.e.test",
                                                   "ptr:test",
                                                   "moo=%{d}",
                                                   "-all"};
    std::string text = "v=spf1";
    for (std::size_t i = Below(6); i > 0; --i) text += " " + terms[Below(terms.size())];
    return text;
  }

  DnsReply Reply(const DnsQuestion& question) {
    static constexpr std::array<DnsOutcome, 4> failures = {
        DnsOutcome::kServFail, DnsOutcome::kTimeout, DnsOutcome::kMalformed, DnsOutcome::kRefused};
    if (Below(12) == 0) {
      DnsReply reply;
      reply.outcome = failures[Below(failures.size())];
      return reply;
    }
    if (Below(12) == 0) {
      DnsReply reply = OkReply(question, {});
      reply.outcome = Below(2) == 0 ? DnsOutcome::kNxDomain : DnsOutcome::kOk;
      return reply;
    }
    std::vector<DnsData> data;
    for (std::size_t i = Below(Below(8) == 0 ? 14 : 3) + 1; i > 0; --i) {
      data.push_back(DataFor(question.type));
    }
    if (question.type == DnsType::kTxt && Below(4) != 0) data.erase(data.begin() + 1, data.end());
    return OkReply(question, std::move(data));
  }

 private:
  DnsName AnyName() {
    static const std::vector<std::string> names = {
        "a.test", "b.test", "test", ".", "h1.test", "h2.test", "example.com", "x\\.y.test"};
    return Name(names[Below(names.size())]);
  }

  DnsData DataFor(DnsType type) {
    switch (type) {
      case DnsType::kA:
        return Address("192.0.2." + std::to_string(Below(20)));
      case DnsType::kAaaa:
        return Address("2001:db8::" + std::to_string(Below(20)));
      case DnsType::kMx:
        return MxData{static_cast<std::uint16_t>(Below(100)), AnyName()};
      case DnsType::kPtr:
        return AnyName();
      default:
        return Below(3) == 0 ? RecordText() : ValidText();
    }
  }

  std::mt19937 random_;
};

TEST(SpfBoundsTest, EndsWhateverItMeets) {
  std::map<std::string, int> results;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    Chance chance(seed);
    const MadeRun run =
        RunMade([&chance](const DnsQuestion& question) { return chance.Reply(question); },
                seed % 3 == 0 ? "2001:db8::1" : "192.0.2.1",
                seed % 5 == 0 ? std::string("\0\xff..-@\\", 7) : "user");
    ASSERT_NE(SourceOf(CheckId::kSpf, run.result.reason), "") << seed << ' ' << Text(run.result);
    ASSERT_LE(run.asked, kMaxQueries) << seed;
    ASSERT_TRUE(run.result.explanation.empty() || run.result.result == Result::kFail) << seed;
    ++results[Text(run.result)];
  }
  // It has met every result that there is for a sender with a domain, but for alias chains.
  EXPECT_EQ(results.size(), 11U) << ::testing::PrintToString(results);
}

}  // namespace
}  // namespace helovet
