// One question over UDP: answers, losses, failures and lies.
#include "dns/client.h"

#include <string>
#include <utility>
#include <vector>

#include "core/dns/client_fixture.h"
#include "dns/wire.h"

namespace helovet::testing {
namespace {

using ::testing::Ge;
using ::testing::SizeIs;

TEST_F(DnsClientTest, AnswersWithWhatTheServerSaid) {
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{
        {ReplyBuilder::To(query.message)
             .Answer(5, WireName("host.example"), 60)
             .Record(Section::kAnswer, WireName("host.example"), 1, 30, kAddressData)
             .Record(Section::kAdditional, WireName("x.example"), 1, 90, kAddressData)
             .Opt()
             .message()}};
  });
  const DnsReply reply = Ask();
  EXPECT_EQ(reply.outcome, DnsOutcome::kOk);
  ASSERT_THAT(reply.answers, SizeIs(2));
  EXPECT_EQ(reply.answers[0].DataToString(), "host.example");
  EXPECT_EQ(reply.answers[0].ttl, 60U);
  EXPECT_EQ(reply.answers[1].DataToString(), "192.0.2.1");
  EXPECT_EQ(reply.answers[1].owner.ToString(), "host.example");
  ASSERT_THAT(reply.additional, SizeIs(1));
  EXPECT_EQ(reply.server, server.address().ToString());
  EXPECT_LT(took_, kAtOnce);

  ASSERT_THAT(server.queries(), SizeIs(1));
  const ScriptedQuery& query = server.queries()[0];
  const auto id = static_cast<std::uint16_t>(query.message[0] << 8U | query.message[1]);
  EXPECT_EQ(query.message, EncodeQuery(Question(), id, true));
}

TEST_F(DnsClientTest, AsksOverIpv6) {
  ScriptedServer& server = Serve(AnswerGood, ScriptedServer::Tcp::kListens, "::1");
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, "[::1]:" + std::to_string(server.address().port));
}

TEST_F(DnsClientTest, NegativeAnswersHaveATtl) {
  for (const unsigned rcode : {0U, 3U}) {
    options_.servers.clear();
    client_.reset();
    Serve([rcode](const ScriptedQuery& query) {
      return std::vector<Delivery>{
          {ReplyBuilder::To(query.message).Rcode(rcode).Soa(300, 60).message()}};
    });
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, rcode == 0 ? DnsOutcome::kOk : DnsOutcome::kNxDomain);
    EXPECT_THAT(reply.answers, SizeIs(0));
    EXPECT_EQ(reply.negative_ttl, 60U);
  }
}

TEST_F(DnsClientTest, BelievesTheAdBitOfTrustedServersOnly) {
  for (const bool trusted : {true, false}) {
    options_.servers.clear();
    options_.trusted = {*IpNetwork::Parse(trusted ? "127.0.0.0/8" : "127.0.0.2")};
    client_.reset();
    Serve([](const ScriptedQuery& query) {
      return std::vector<Delivery>{
          {ReplyBuilder::To(query.message).Answer(1, kAddressData).Authenticated().message()}};
    });
    const DnsReply reply = Ask();
    ExpectGood(reply);
    EXPECT_EQ(reply.ad, trusted);
    EXPECT_EQ(reply.trusted, trusted);
  }
}

TEST_F(DnsClientTest, OneLostPacketIsSurvivedWithASingleServer) {
  Hasten();
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    return query.number == 0 ? std::vector<Delivery>() : AnswerGood(query);
  });
  ExpectGood(Ask());
  EXPECT_THAT(server.queries(), SizeIs(2));
  EXPECT_GE(took_, kRetry);
  EXPECT_EQ(server.queries()[0].message, server.queries()[1].message)
      << "a question has one id, so that repetitions make it no easier to guess";
}

TEST_F(DnsClientTest, SilenceIsTimeoutInTime) {
  Hasten();
  ScriptedServer& server = Serve(Silence);
  const DnsReply reply = Ask();
  EXPECT_EQ(reply.outcome, DnsOutcome::kTimeout);
  EXPECT_EQ(reply.server, "");
  EXPECT_GE(took_, kTimeout);
  EXPECT_LT(took_, kTimeout + kSlack);
  EXPECT_THAT(server.queries(), SizeIs(3));  // At 0, 1/5 and 3/5 of the time.
}

TEST_F(DnsClientTest, SilenceLeadsToTheNextServer) {
  Hasten();
  ScriptedServer& first = Serve(Silence);
  ScriptedServer& second = Serve(AnswerGood);
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, second.address().ToString());
  EXPECT_THAT(first.queries(), SizeIs(1));
  EXPECT_GE(took_, kRetry);
}

TEST_F(DnsClientTest, WithoutServersTheOutcomeIsUnreachableAtOnce) {
  options_.query_timeout = std::chrono::hours(1);
  EXPECT_EQ(Ask().outcome, DnsOutcome::kUnreachable);
}

// A reply under the right id and question whose sections are broken.
Octets Garbage(const ScriptedQuery& query) {
  return ReplyBuilder::To(query.message).Count(Section::kAnswer).Raw("garbage").message();
}
// A name that points to itself.
Octets PointerLoop(const ScriptedQuery& query) {
  ReplyBuilder reply = ReplyBuilder::To(query.message);
  const auto data = static_cast<unsigned>(reply.size() + 12);
  return reply.Answer(12, Uint16(0xc000U + data)).message();
}

struct Failure {
  std::string what;
  Script script;
  DnsOutcome outcome;
};

std::vector<Failure> Failures() {
  return {
      {"SERVFAIL", AnswerRcode(2), DnsOutcome::kServFail},
      {"REFUSED", AnswerRcode(5), DnsOutcome::kRefused},
      {"NOTIMP", AnswerRcode(4), DnsOutcome::kNotImp},
      {"FORMERR", AnswerRcode(1), DnsOutcome::kFormErr},
      {"NOTAUTH", AnswerRcode(9), DnsOutcome::kServFail},
      {"garbage",
       [](const ScriptedQuery& query) { return std::vector<Delivery>{{Garbage(query)}}; },
       DnsOutcome::kMalformed},
      {"a pointer loop",
       [](const ScriptedQuery& query) { return std::vector<Delivery>{{PointerLoop(query)}}; },
       DnsOutcome::kMalformed},
  };
}

TEST_F(DnsClientTest, AFailureOfTheOnlyServerIsFinalAtOnce) {
  for (const Failure& failure : Failures()) {
    options_.servers.clear();
    client_.reset();
    ScriptedServer& server = Serve(failure.script);
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, failure.outcome) << failure.what;
    EXPECT_EQ(reply.server, server.address().ToString()) << failure.what;
    EXPECT_LT(took_, kAtOnce) << failure.what;
  }
}

TEST_F(DnsClientTest, AFailureLeadsToTheNextServerAtOnce) {
  for (const Failure& failure : Failures()) {
    options_.servers.clear();
    client_.reset();
    Serve(failure.script);
    ScriptedServer& second = Serve(AnswerGood);
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, DnsOutcome::kOk) << failure.what;
    EXPECT_EQ(reply.server, second.address().ToString()) << failure.what;
    EXPECT_LT(took_, kAtOnce) << failure.what;
  }
}

TEST_F(DnsClientTest, TheNextServerHasAWholeInterval) {
  // The first fails 100 ms before a retry would be due.
  Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{WithRcode(query, 2), milliseconds(300)}};
  });
  ScriptedServer& second = Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{Good(query), milliseconds(200)}};
  });
  ExpectGood(Ask());
  EXPECT_THAT(second.queries(), SizeIs(1));
}

TEST_F(DnsClientTest, WhenAllServersFailTheFirstOnesOutcomeStands) {
  Serve(AnswerRcode(5));
  Serve(AnswerRcode(2));
  options_.servers.push_back(NobodyAt());
  const DnsReply reply = Ask();
  EXPECT_EQ(reply.outcome, DnsOutcome::kRefused);
  EXPECT_EQ(reply.server, options_.servers[0].ToString());
  EXPECT_LT(took_, kAtOnce);
}

TEST_F(DnsClientTest, AFailureIsNotFinalWhileAnotherServerMayAnswer) {
  Hasten();
  Serve(AnswerRcode(2));
  Serve([](const ScriptedQuery& query) {
    return query.number == 0 ? std::vector<Delivery>() : AnswerGood(query);
  });
  ExpectGood(Ask());
  EXPECT_GE(took_, kRetry);
}

TEST_F(DnsClientTest, AFailureBesideSilenceIsTimeout) {
  Hasten();
  Serve(AnswerRcode(2));
  Serve(Silence);
  EXPECT_EQ(Ask().outcome, DnsOutcome::kTimeout);
}

// What a stranger or a confused server may send.
std::vector<std::pair<std::string, std::function<Delivery(const ScriptedQuery&)>>> Strays() {
  return {
      {"another id",
       [](const ScriptedQuery& query) {
         Octets reply = Good(query);
         reply[0] ^= 0xffU;
         return Delivery{reply};
       }},
      {"another question",
       [](const ScriptedQuery& query) {
         Octets reply = Good(query);
         reply[13] = 'n';  // nail.example
         return Delivery{reply};
       }},
      {"another type",
       [](const ScriptedQuery& query) {
         Octets reply = Good(query);
         reply[12 + 14 + 1] = 16;
         return Delivery{reply};
       }},
      {"the query itself", [](const ScriptedQuery& query) { return Delivery{query.message}; }},
      {"another source port",
       [](const ScriptedQuery& query) {
         Delivery delivery{WithRcode(query, 3)};
         delivery.from_other_port = true;
         return delivery;
       }},
      {"nothing", [](const ScriptedQuery&) { return Delivery{}; }},
      {"one octet", [](const ScriptedQuery&) { return Delivery{{0x12}}; }},
      {"the header alone",
       [](const ScriptedQuery& query) {
         Octets reply = Good(query);
         reply.resize(12);
         return Delivery{reply};
       }},
  };
}

TEST_F(DnsClientTest, StraysAreAsIfTheyHadNotCome) {
  for (const auto& [what, stray] : Strays()) {
    options_.servers.clear();
    client_.reset();
    ScriptedServer& server = Serve([&stray = stray](const ScriptedQuery& query) {
      std::vector<Delivery> deliveries(3, stray(query));
      deliveries.push_back({Good(query), milliseconds(20)});
      return deliveries;
    });
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, DnsOutcome::kOk) << what;
    EXPECT_THAT(reply.answers, SizeIs(1)) << what;
    EXPECT_THAT(server.queries(), SizeIs(1)) << what;
  }
}

TEST_F(DnsClientTest, StraysAloneAreTimeout) {
  Hasten();
  Serve([](const ScriptedQuery& query) {
    std::vector<Delivery> deliveries;
    for (const auto& stray : Strays()) deliveries.push_back(stray.second(query));
    return deliveries;
  });
  EXPECT_EQ(Ask().outcome, DnsOutcome::kTimeout);
}

TEST_F(DnsClientTest, TheQuestionMayComeBackInAnotherCase) {
  Serve([](const ScriptedQuery& query) {
    Octets reply = Good(query);
    reply[13] = 'M';
    return std::vector<Delivery>{{reply}};
  });
  ExpectGood(Ask());
}

TEST_F(DnsClientTest, DuplicatesAreHarmless) {
  Serve([](const ScriptedQuery& query) { return std::vector<Delivery>(5, {Good(query)}); });
  for (int i = 0; i < 5; ++i) ExpectGood(Ask());
  RunFor(milliseconds(20));
}

TEST_F(DnsClientTest, AnAnswerToAnEarlierAttemptCounts) {
  Hasten();
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    if (query.number > 0) return std::vector<Delivery>();
    return std::vector<Delivery>{{Good(query), kRetry + milliseconds(40)}};
  });
  ExpectGood(Ask());
  EXPECT_THAT(server.queries(), SizeIs(Ge(2)));
}

TEST_F(DnsClientTest, ALateAnswerOfTheFirstServerCountsToo) {
  Hasten();
  ScriptedServer& first = Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{Good(query), kRetry + milliseconds(20)}};
  });
  Serve(Silence);
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, first.address().ToString());
}

TEST_F(DnsClientTest, AnAnswerAfterTheTimeoutIsNobodys) {
  Hasten();
  Serve([](const ScriptedQuery& query) {
    if (query.number >= 3) return AnswerGood(query);
    return std::vector<Delivery>{{WithRcode(query, 3), kTimeout + milliseconds(20)}};
  });
  EXPECT_EQ(Ask().outcome, DnsOutcome::kTimeout);
  ExpectGood(Ask());
  RunFor(kTimeout);
}

TEST_F(DnsClientTest, RepliesMayComeInAnyOrder) {
  Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{
        {ReplyBuilder::To(query.message)
             .Answer(16, std::string("\x01") + static_cast<char>(query.message[13]))
             .message(),
         milliseconds(40 - 10 * static_cast<int>(query.number))}};
  });
  std::string order;
  std::vector<std::unique_ptr<Dns::Query>> queries;
  for (const char letter : {'a', 'b', 'c'}) {
    const std::string name = std::string(1, letter) + ".example";
    queries.push_back(client().Ask(Question(name, DnsType::kTxt), [&order, letter](DnsReply reply) {
      ASSERT_THAT(reply.answers, SizeIs(1));
      EXPECT_EQ(std::get<std::string>(reply.answers[0].data), std::string(1, letter));
      order += letter;
    }));
  }
  loop_.RunUntil([&] { return order.size() == 3; });
  EXPECT_EQ(order, "cba");
}

TEST_F(DnsClientTest, AServerThatRefusesEdnsIsAskedWithout) {
  const std::pair<std::string, std::function<Octets(const ScriptedQuery&)>> refusals[] = {
      {"FORMERR", [](const ScriptedQuery& query) { return WithRcode(query, 1); }},
      {"FORMERR without the question",
       [](const ScriptedQuery& query) {
         return ReplyBuilder(static_cast<unsigned>(query.message[0] << 8U | query.message[1]))
             .Rcode(1)
             .message();
       }},
      {"NOTIMP", [](const ScriptedQuery& query) { return WithRcode(query, 4); }},
      {"BADVERS",
       [](const ScriptedQuery& query) { return ReplyBuilder::To(query.message).Opt(1).message(); }},
  };
  for (const auto& [what, refuse] : refusals) {
    options_.servers.clear();
    client_.reset();
    ScriptedServer& server = Serve([&refuse = refuse](const ScriptedQuery& query) {
      if (!query.edns) return AnswerGood(query);
      // Late duplicates must not count against the attempt without EDNS.
      return std::vector<Delivery>(3, {refuse(query)});
    });
    ScriptedServer& other = Serve(AnswerGood);
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, DnsOutcome::kOk) << what;
    EXPECT_EQ(reply.server, server.address().ToString()) << what;
    EXPECT_THAT(server.queries(), SizeIs(2)) << what;
    EXPECT_THAT(other.queries(), SizeIs(0)) << what;
    EXPECT_LT(took_, kAtOnce) << what;
  }
}

TEST_F(DnsClientTest, AClosedPortIsUnreachableInTheEnd) {
  Hasten();
  options_.servers = {NobodyAt()};
  const DnsReply reply = Ask();
  EXPECT_EQ(reply.outcome, DnsOutcome::kUnreachable);
  EXPECT_GE(took_, kTimeout);
  EXPECT_LT(took_, kTimeout + kSlack);
}

TEST_F(DnsClientTest, AClosedPortLeadsToTheNextServerAtOnce) {
  options_.servers = {NobodyAt(), NobodyAt("::1")};
  Serve(AnswerGood);
  ExpectGood(Ask());
  EXPECT_LT(took_, kAtOnce);
}

TEST_F(DnsClientTest, EveryQuestionAtAClosedPortHearsOfIt) {
  options_.servers = {NobodyAt()};
  Serve(AnswerGood);
  std::vector<std::unique_ptr<Dns::Query>> queries;
  std::size_t answered = 0;
  for (int i = 0; i < 20; ++i) {
    queries.push_back(client().Ask(Question(), [&](DnsReply reply) {
      ExpectGood(reply);
      ++answered;
    }));
  }
  const Loop::TimePoint start = loop_.Now();
  loop_.RunUntil([&] { return answered == queries.size(); });
  EXPECT_LT(loop_.Now() - start, kAtOnce);
}

TEST_F(DnsClientTest, AResolverThatRestartsIsSurvived) {
  Hasten();
  const DnsServer down = NobodyAt();
  options_.servers = {down};
  std::unique_ptr<ScriptedServer> restarted;
  const Loop::Handle restart = loop_.CallAt(loop_.Now() + kRetry / 2, [&] {
    restarted = std::make_unique<ScriptedServer>(loop_, AnswerGood, ScriptedServer::Tcp::kRefuses,
                                                 "127.0.0.1", down.port);
  });
  ExpectGood(Ask());
  EXPECT_GE(took_, kRetry);
}

TEST_F(DnsClientTest, WhatTheSystemRefusesIsUnreachable) {
  Hasten();
  // Broadcast is refused before anything leaves (connect(2): EACCES).
  const DnsServer broadcast = *DnsServer::Parse("255.255.255.255:5353");
  options_.servers = {broadcast, broadcast};
  EXPECT_EQ(Ask().outcome, DnsOutcome::kUnreachable);

  client_.reset();
  options_.query_timeout = milliseconds(2000);
  Serve(AnswerGood);
  ExpectGood(Ask());
  EXPECT_LT(took_, kAtOnce);
}

}  // namespace
}  // namespace helovet::testing
