// Which servers are called, in which order, and what it means that there are none
// (docs/rules.md §12.2, §12.4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/smtp/run_call.h"
#include "core/smtp/scripted_peer.h"
#include "smtp/route.h"

namespace helovet {
namespace {

using testing::Address;
using testing::Close;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FullQueue;
using ::testing::IsSubsetOf;
using testing::kLongDeadline;
using testing::kShortDeadline;
using testing::Name;
using testing::OneHost;
using testing::OpenDescriptors;
using testing::OptionsFor;
using testing::Reset;
using testing::RunningCall;
using testing::Say;
using testing::Script;
using testing::ScriptedDns;
using testing::ScriptedPeer;
using testing::ScriptLine;
using testing::Silence;
using testing::Text;
using testing::Texts;

// Nobody is called in these, so that the port does not matter.
struct NobodyCase {
  std::string id = {};
  std::string source = {};
  std::vector<ScriptLine> script = {};
  std::string wanted = {};
  std::string wanted_tally = {};
  std::string allow = "127.0.0.0/8";
};
void PrintTo(const NobodyCase& each, std::ostream* out) { *out << each.id; }

class Nobody : public ::testing::TestWithParam<NobodyCase> {};

TEST_P(Nobody, IsCalled) {
  const NobodyCase& wanted = GetParam();
  SCOPED_TRACE(wanted.source);
  Loop loop;
  const ScriptedPeer peer(loop);
  CallOptions options = OptionsFor(peer.port());
  options.allow_networks = {*IpNetwork::Parse(wanted.allow)};
  options.own_addresses = {Address("192.88.98.1")};
  const CallOutcome got = RunningCall(loop, wanted.script, options, kShortDeadline).Wait();
  EXPECT_EQ(Text(got), wanted.wanted);
  EXPECT_EQ(Text(got.tally), wanted.wanted_tally);
  EXPECT_EQ(Text(got.domain), "reachable ?, null sender ?, catch-all ?");
  EXPECT_EQ(peer.connections(), 0U);
  EXPECT_FALSE(got.evidence.empty());
}

const ScriptLine kMx = {"example.com MX", "10 mx.example.com"};
const ScriptLine kNoA = {"mx.example.com A", "nodata"};
const ScriptLine kNoAaaa = {"mx.example.com AAAA", "nodata"};

INSTANTIATE_TEST_SUITE_P(
    All, Nobody,
    ::testing::ValuesIn(std::vector<NobodyCase>{
        {"NoDomain",
         "docs/rules.md §12.2",
         {{"example.com MX", "nxdomain"}},
         "fail/bad-domain",
         "bad domain 1"},
        {"NullMx", "RFC 7505 §3", {{"example.com MX", "0 ."}}, "fail/no-mx", "no mx 1"},
        {"NullMxOfAnyPreference",
         "RFC 7505 §3",
         {{"example.com MX", "10 ."}},
         "fail/no-mx",
         "no mx 1"},
        {"NeitherMxNorAddress",
         "RFC 5321 §5.1",
         {{"example.com MX", "nodata"},
          {"example.com A", "nodata"},
          {"example.com AAAA", "nodata"}},
         "fail/no-mx",
         "no mx 1"},
        {"MxWithoutAddress", "RFC 5321 §5.1", {kMx, kNoA, kNoAaaa}, "fail/no-mx", "no mx 1"},
        {"MxThatDoesNotExist",
         "RFC 5321 §5.1",
         {kMx, {"mx.example.com A", "nxdomain"}, {"mx.example.com AAAA", "nxdomain"}},
         "fail/no-mx",
         "no mx 1"},
        {"MxFails", "docs/rules.md §12.2", {{"example.com MX", "servfail"}}, "temperror/dns"},
        {"MxIsSilent", "docs/rules.md §12.2", {{"example.com MX", "silence"}}, "temperror/dns"},
        {"AddressFails",
         "docs/rules.md §12.2",
         {kMx, {"mx.example.com A", "servfail"}, kNoAaaa},
         "temperror/dns"},
        {"AddressIsSilent",
         "docs/rules.md §12.2",
         {kMx, kNoA, {"mx.example.com AAAA", "silence"}},
         "temperror/dns"},
        {"TooManyAliases", "docs/rules.md §8",
         testing::AliasChain("example.com", "MX", 9, "10 mx.example.com"), "temperror/dns"},
        {"OnlyForbidden",
         "docs/rules.md §12.4",
         {kMx,
          {"mx.example.com A", "10.0.0.1 | 192.168.1.1"},
          {"mx.example.com AAAA", "::1 | fe80::1 | 64:ff9b::a00:1"}},
         "neutral/not-callable"},
        {"Loopback",
         "docs/rules.md §12.4",
         {kMx, {"mx.example.com A", "127.0.0.1"}, kNoAaaa},
         "neutral/not-callable",
         "",
         "10.0.0.0/8"},
        {"MappedLoopback",
         "docs/rules.md §1",
         {kMx, kNoA, {"mx.example.com AAAA", "::ffff:127.0.0.1"}},
         "neutral/not-callable",
         "",
         "10.0.0.0/8"},
        {"OurOwn",
         "docs/rules.md §12.4",
         {kMx, {"mx.example.com A", "192.88.98.1"}, kNoAaaa},
         "neutral/not-callable"},
        {"ForbiddenAndFailed",
         "docs/rules.md §12.2",
         {kMx, {"mx.example.com A", "10.0.0.1"}, {"mx.example.com AAAA", "servfail"}},
         "temperror/dns"},
    }),
    [](const ::testing::TestParamInfo<NobodyCase>& each) { return each.param.id; });

// Three servers with preferences of their own at one port of three addresses of loopback.
class Hosts : public ::testing::Test {
 protected:
  static std::vector<ScriptLine> Three() {
    return {{"example.com MX", "20 b.test | 10 a.test | 30 c.test"},
            {"a.test A", "127.0.0.1"},
            {"a.test AAAA", "nodata"},
            {"b.test A", "127.0.0.2"},
            {"b.test AAAA", "nodata"},
            {"c.test A", "127.0.0.3"},
            {"c.test AAAA", "nodata"}};
  }

  // The first script is that of a.test.
  CallOutcome Run(const Script& a, const Script& b, const Script& c, int hosts = 3) {
    first_.emplace(loop_, a, "127.0.0.1");
    second_.emplace(loop_, b, "127.0.0.2", first_->port());
    third_.emplace(loop_, c, "127.0.0.3", first_->port());
    CallOptions options = OptionsFor(first_->port());
    options.hosts = hosts;
    return RunningCall(loop_, Three(), options).Wait();
  }
  // How often each was called.
  [[nodiscard]] std::vector<std::size_t> calls() const {
    return {first_->connections(), second_->connections(), third_->connections()};
  }

  Loop loop_;
  std::optional<ScriptedPeer> first_;
  std::optional<ScriptedPeer> second_;
  std::optional<ScriptedPeer> third_;
};

TEST_F(Hosts, TheFirstThatAnswersIsEnough) {
  EXPECT_EQ(Text(Run({}, {}, {})), "pass/accepted");
  EXPECT_THAT(calls(), ElementsAre(1, 0, 0));
}

TEST_F(Hosts, ARefusalIsFinal) {
  EXPECT_EQ(Text(Run({{"RCPT", Say("550 no\r\n")}}, {}, {})), "fail/refused-rcpt");
  EXPECT_THAT(calls(), ElementsAre(1, 0, 0));
}

TEST_F(Hosts, SoIsATemporaryFailureOfACommand) {
  EXPECT_EQ(Text(Run({{"RCPT", Say("450 greylisted\r\n")}}, {}, {})), "temperror/tempfail");
  EXPECT_THAT(calls(), ElementsAre(1, 0, 0));
}

TEST_F(Hosts, WhoDoesNotWelcomeLeadsToTheNext) {
  const CallOutcome got =
      Run({{"greeting", Say("421 busy\r\n")}}, {{"greeting", Say("554 no service\r\n")}},
          {{"RCPT", Say("550 no\r\n")}});
  EXPECT_EQ(Text(got), "fail/refused-rcpt");
  EXPECT_EQ(Text(got.tally), "smtp sessions 3, refused welcome 1, refused rcpt 1");
  EXPECT_THAT(calls(), ElementsAre(1, 1, 1));
}

TEST_F(Hosts, WhoBreaksOffLeadsToTheNext) {
  EXPECT_EQ(Text(Run({{"greeting", Reset()}}, {{"RCPT", Close()}}, {})), "pass/accepted");
  EXPECT_THAT(calls(), ElementsAre(1, 1, 1));
}

TEST_F(Hosts, NoMoreThanAllowedAreTried) {
  EXPECT_EQ(Text(Run({{"greeting", Close()}}, {{"greeting", Close()}}, {}, 2)),
            "temperror/tempfail");
  EXPECT_THAT(calls(), ElementsAre(1, 1, 0));
}

TEST_F(Hosts, TheLastFailureIsTold) {
  const CallOutcome got = Run({{"greeting", Say("421 busy\r\n")}}, {{"greeting", Close()}},
                              {{"greeting", Say("554 no service\r\n")}});
  EXPECT_EQ(Text(got), "temperror/refused-welcome");
}

TEST_F(Hosts, RefusedConnectionsLeadToTheNext) {
  const ScriptedPeer third(loop_, {{"RCPT", Say("550 no\r\n")}}, "127.0.0.3");
  RunningCall call(loop_, Three(), OptionsFor(third.port()));
  const CallOutcome got = call.Wait();
  EXPECT_EQ(Text(got), "fail/refused-rcpt");
  EXPECT_EQ(Text(got.tally), "bad connects 2, smtp sessions 1, refused rcpt 1");
}

TEST_F(Hosts, NobodyListens) {
  std::uint16_t port = 0;
  { port = ScriptedPeer(loop_).port(); }
  const CallOutcome got = RunningCall(loop_, Three(), OptionsFor(port)).Wait();
  EXPECT_EQ(Text(got), "temperror/connect");
  EXPECT_EQ(Text(got.tally), "bad connects 3");
  EXPECT_EQ(Text(got.domain), "reachable no, null sender ?, catch-all ?");
}

TEST_F(Hosts, NobodyListensAsFarAsIsKnown) {
  std::uint16_t port = 0;
  { port = ScriptedPeer(loop_).port(); }
  const std::vector<ScriptLine> script = {{"example.com MX", "10 a.test | 20 b.test"},
                                          {"a.test A", "127.0.0.1"},
                                          {"a.test AAAA", "nodata"},
                                          {"b.test A", "servfail"},
                                          {"b.test AAAA", "nodata"}};
  const CallOutcome got = RunningCall(loop_, script, OptionsFor(port)).Wait();
  EXPECT_EQ(Text(got), "temperror/connect");
  EXPECT_EQ(Text(got.domain), "reachable ?, null sender ?, catch-all ?");
}

// Each host that is silent has its share of the time, so that the others have theirs.
TEST_F(Hosts, SilentOnesLeaveTimeForTheOthers) {
  const FullQueue first("127.0.0.1");
  const FullQueue second("127.0.0.2", first.port());
  const ScriptedPeer third(loop_, {}, "127.0.0.3", first.port());
  const auto time = std::chrono::milliseconds(600);
  RunningCall call(loop_, Three(), OptionsFor(first.port()), time);
  const CallOutcome got = call.Wait();
  EXPECT_EQ(Text(got), "pass/accepted");
  EXPECT_EQ(Text(got.tally), "bad connects 2, smtp sessions 1");
  EXPECT_GE(call.took(), time * 2 / 3 - std::chrono::milliseconds(1));
}

TEST_F(Hosts, AllAreSilent) {
  const FullQueue only;
  RunningCall call(loop_, OneHost(), OptionsFor(only.port()), kShortDeadline);
  const CallOutcome got = call.Wait();
  EXPECT_EQ(Text(got), "temperror/timeout");
  EXPECT_EQ(Text(got.tally), "bad connects 1");
  // 200 ms are too short to say so.
  EXPECT_EQ(Text(got.domain), "reachable ?, null sender ?, catch-all ?");
  EXPECT_GE(call.took(), kShortDeadline);
}

TEST_F(Hosts, LongSilenceIsUnreachable) {
  const FullQueue only;
  RunningCall call(loop_, OneHost(), OptionsFor(only.port()), std::chrono::milliseconds(1600));
  EXPECT_EQ(Text(call.Wait().domain), "reachable no, null sender ?, catch-all ?");
}

TEST_F(Hosts, NoNetworkLeadsToTheNextAndSaysNothingOfTheDomain) {
  CallOptions options = OptionsFor(25);
  // TCP has no multicast: the kernel refuses at once, as it does IPv6 without a route.
  options.allow_networks.push_back(*IpNetwork::Parse("224.0.0.0/4"));
  const std::vector<ScriptLine> script = {kMx, {"mx.example.com A", "224.0.0.1"}, kNoAaaa};
  const CallOutcome got = RunningCall(loop_, script, options).Wait();
  EXPECT_EQ(Text(got), "temperror/connect");
  EXPECT_EQ(Text(got.domain), "reachable ?, null sender ?, catch-all ?");

  const ScriptedPeer peer(loop_);
  options.port = peer.port();
  const std::vector<ScriptLine> two = {kMx, {"mx.example.com A", "224.0.0.1 | 127.0.0.1"}, kNoAaaa};
  EXPECT_EQ(Text(RunningCall(loop_, two, options).Wait()), "pass/accepted");
}

TEST_F(Hosts, NoDescriptorLeftSaysNothingOfTheDomain) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer needs descriptors itself, to look at a pointer";
#endif
  const ScriptedPeer peer(loop_);
  rlimit usual{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none = {.rlim_cur = 3, .rlim_max = usual.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  RunningCall call(loop_, Three(), OptionsFor(peer.port()));
  // Before poll(2), which has the same limit, is asked about the peer's own descriptor.
  while (!call.done()) loop_.Turn();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  const CallOutcome got = call.Wait();
  EXPECT_EQ(Text(got), "temperror/connect");
  EXPECT_EQ(Text(got.tally), "bad connects 3");
  EXPECT_EQ(Text(got.domain), "reachable ?, null sender ?, catch-all ?");
}

TEST_F(Hosts, ImplicitMx) {
  const ScriptedPeer peer(loop_);
  const std::vector<ScriptLine> script = {
      {"example.com MX", "nodata"}, {"example.com A", "127.0.0.1"}, {"example.com AAAA", "nodata"}};
  EXPECT_EQ(Text(RunningCall(loop_, script, OptionsFor(peer.port())).Wait()), "pass/accepted");
}

TEST_F(Hosts, NullMxBesideOthersMeansNothing) {
  const ScriptedPeer peer(loop_);
  const std::vector<ScriptLine> script = {
      {"example.com MX", "0 . | 10 mx.example.com"}, {"mx.example.com A", "127.0.0.1"}, kNoAaaa};
  EXPECT_EQ(Text(RunningCall(loop_, script, OptionsFor(peer.port())).Wait()), "pass/accepted");
}

TEST_F(Hosts, AnAliasIsFollowed) {
  const ScriptedPeer peer(loop_);
  const std::vector<ScriptLine> script = {
      kMx,
      {"mx.example.com A", "CNAME real.test | = real.test A 127.0.0.1"},
      {"mx.example.com AAAA", "CNAME real.test | = real.test AAAA ::1"}};
  EXPECT_EQ(Text(RunningCall(loop_, script, OptionsFor(peer.port())).Wait()), "pass/accepted");
}

TEST_F(Hosts, AFailedQuestionMattersOnlyWhereNobodyAnswers) {
  const ScriptedPeer peer(loop_);
  const std::vector<ScriptLine> script = {{"example.com MX", "10 a.test | 20 b.test"},
                                          {"a.test A", "servfail"},
                                          {"a.test AAAA", "nodata"},
                                          {"b.test A", "127.0.0.1"},
                                          {"b.test AAAA", "nodata"}};
  EXPECT_EQ(Text(RunningCall(loop_, script, OptionsFor(peer.port())).Wait()), "pass/accepted");
}

TEST_F(Hosts, ForbiddenAddressesTakeNoPlace) {
  const ScriptedPeer peer(loop_);
  CallOptions options = OptionsFor(peer.port());
  options.hosts = 1;
  const std::vector<ScriptLine> script = {
      kMx, {"mx.example.com A", "10.0.0.1 | 127.0.0.1"}, kNoAaaa};
  const CallOutcome got = RunningCall(loop_, script, options).Wait();
  EXPECT_EQ(Text(got), "pass/accepted");
  EXPECT_THAT(Texts(got.dialogue),
              Contains("-- never calls mx.example.com [10.0.0.1]: private (RFC 1918)"));
}

TEST_F(Hosts, OurOwnMayBeAllowed) {
  const ScriptedPeer peer(loop_);
  CallOptions options = OptionsFor(peer.port());
  options.own_addresses = {Address("127.0.0.1")};
  EXPECT_EQ(Text(RunningCall(loop_, OneHost(), options).Wait()), "pass/accepted");
}

// The addresses of the second MX do not hold up the call to the first.
TEST_F(Hosts, TheFirstIsCalledBeforeTheOthersAreKnown) {
  const ScriptedPeer peer(loop_);
  const std::vector<ScriptLine> script = {{"example.com MX", "10 a.test | 20 b.test"},
                                          {"a.test A", "127.0.0.1"},
                                          {"a.test AAAA", "nodata"},
                                          {"b.test A", "silence"},
                                          {"b.test AAAA", "silence"}};
  RunningCall call(loop_, script, OptionsFor(peer.port()));
  EXPECT_EQ(Text(call.Wait()), "pass/accepted");
  EXPECT_LT(call.took(), kShortDeadline);
  EXPECT_THAT(call.dns().asked(),
              ElementsAre("example.com MX", "a.test A", "a.test AAAA", "b.test A", "b.test AAAA"));
}

TEST_F(Hosts, WhoIsNotAdmittedIsPassedOver) {
  const ScriptedPeer second(loop_, {}, "127.0.0.2");
  CallOptions options = OptionsFor(second.port());
  options.admit = [](IpAddress address) -> Task<bool> {
    co_return address != testing::Address("127.0.0.1");
  };
  EXPECT_EQ(Text(RunningCall(loop_, Three(), options).Wait()), "pass/accepted");
  options.admit = [](IpAddress) -> Task<bool> { co_return false; };
  const CallOutcome got = RunningCall(loop_, Three(), options).Wait();
  EXPECT_EQ(Text(got), "skipped/over-budget");
  EXPECT_EQ(Text(got.tally), "");
}

// By preference, then by name; each name once; IPv4 and IPv6 in turns; whatever the order of
// answers.
class Order : public ::testing::TestWithParam<ScriptedDns::Order> {};

Task<testing::Ended> Collect(Route& route, std::vector<std::string>& hosts) {
  for (;;) {
    const std::optional<MailHost> host = co_await route.Next();
    if (!host) co_return testing::Ended();
    hosts.push_back(host->name.ToString() + " " + host->address.ToString());
  }
}

std::vector<std::string> HostsOf(const std::vector<ScriptLine>& script, ScriptedDns::Order order,
                                 std::size_t* questions = nullptr) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session(loop, dns, loop.Now() + kLongDeadline);
  const DnsName domain = Name("example.com");
  const CallOptions options;
  Journal journal(loop);
  Route route(session, domain, options, journal);
  std::vector<std::string> hosts;
  Task<testing::Ended> task = Collect(route, hosts);
  task.Start();
  loop.RunUntil([&task] { return task.done(); });
  if (questions != nullptr) *questions = dns.asked().size();
  return hosts;
}

TEST_P(Order, IsOneOfItsOwn) {
  const std::vector<ScriptLine> script = {
      {"example.com MX", "20 a.test | 10 z.test | 10 y.test | 30 z.test"},
      {"y.test A", "8.8.8.3 | 8.8.8.1 | 8.8.8.3"},
      {"y.test AAAA", "2a00::2 | 2a00::1 | 2a00::3"},
      {"z.test A", "nodata"},
      {"z.test AAAA", "2a00::9"},
      {"a.test A", "8.8.8.9"},
      {"a.test AAAA", "servfail"}};
  EXPECT_THAT(HostsOf(script, GetParam()),
              ElementsAre("y.test 8.8.8.1", "y.test 2a00::1", "y.test 8.8.8.3", "y.test 2a00::2",
                          "y.test 2a00::3", "z.test 2a00::9", "a.test 8.8.8.9"));
}

TEST_P(Order, TenNamesAreAskedForAtMost) {
  std::string records;
  std::vector<ScriptLine> script;
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::string(1, static_cast<char>('a' + i)) + ".test";
    records += (i == 0 ? "" : " | ") + std::to_string(i) + " " + name;
    script.push_back({name + " A", "nodata"});
    script.push_back({name + " AAAA", "nodata"});
  }
  script.push_back({"example.com MX", records});
  std::size_t questions = 0;
  EXPECT_THAT(HostsOf(script, GetParam(), &questions), ElementsAre());
  EXPECT_EQ(questions, 1 + 2 * kMaxExchanges);
}

INSTANTIATE_TEST_SUITE_P(Answers, Order,
                         ::testing::Values(ScriptedDns::Order::kAsAsked,
                                           ScriptedDns::Order::kReversed));

// docs/rules.md §12.2: what was not asked may have an address.
TEST(ManyNames, WithoutAddressesSayNothingForSure) {
  std::string records;
  std::vector<ScriptLine> script;
  for (int i = 0; i < 11; ++i) {
    const std::string name = std::string(1, static_cast<char>('a' + i)) + ".test";
    records += (i == 0 ? "" : " | ") + std::string("5 ") + name;
    script.push_back({name + " A", "nodata"});
    script.push_back({name + " AAAA", "nodata"});
  }
  script.push_back({"example.com MX", records});
  Loop loop;
  EXPECT_EQ(Text(RunningCall(loop, script, OptionsFor(25)).Wait()), "temperror/dns");
}

}  // namespace
}  // namespace helovet
