// Many questions at once, questions given up, and what is left behind.
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "core/dns/client_fixture.h"
#include "dns/udp_pool.h"

namespace helovet::testing {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

using DnsClientLoadTest = DnsClientTest;

TEST_F(DnsClientLoadTest, AThousandQuestionsShareFewSockets) {
  constexpr std::size_t kQuestions = 1000;
  options_.query_timeout = milliseconds(5000);
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    // The question's own name comes back, so that a mix-up would show.
    const std::string name(query.message.begin() + 12, query.message.end());
    return std::vector<Delivery>{{ReplyBuilder::To(query.message)
                                      .Answer(12, name.substr(0, name.find('\0') + 1))
                                      .message()}};
  });
  const std::size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<Dns::Query>> queries;
  std::size_t answered = 0;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example";
    queries.push_back(client().Ask(Question(name, DnsType::kPtr), [&, name](DnsReply reply) {
      ++answered;
      ASSERT_THAT(reply.answers, SizeIs(1));
      EXPECT_EQ(reply.answers[0].DataToString(), name);
    }));
  }
  EXPECT_LE(OpenDescriptors(), before + kMaxUdpSockets);
  loop_.RunUntil([&] { return answered == kQuestions; });
  EXPECT_EQ(OpenDescriptors(), before) << "all are closed with the last answer";
  EXPECT_LE(server.udp_sources(), kMaxUdpSockets);
}

TEST_F(DnsClientLoadTest, QuestionsBeyondAllSocketsShareThem) {
  Hasten();
  constexpr std::size_t kQuestions = kUsualUdpSockets * kMaxWaitingPerSocket + 500;
  ScriptedServer& server = Serve(Silence);
  const std::size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<Dns::Query>> queries;
  std::vector<DnsOutcome> outcomes;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    queries.push_back(
        client().Ask(Question(), [&](DnsReply reply) { outcomes.push_back(reply.outcome); }));
  }
  EXPECT_EQ(OpenDescriptors(), before + kUsualUdpSockets);
  loop_.RunUntil([&] { return outcomes.size() == kQuestions; });
  EXPECT_THAT(outcomes, Each(DnsOutcome::kTimeout));
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_GT(server.queries().size(), 0U);
}

TEST_F(DnsClientLoadTest, ASocketIsReplacedAfterItsShareOfQuestions) {
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    return query.message[12] == 6 ? std::vector<Delivery>() : AnswerGood(query);
  });
  options_.query_timeout = std::chrono::hours(1);
  // One question stays open, so that the client is never idle.
  const auto open = client().Ask(Question("silent.example"), [](DnsReply) { FAIL(); });
  for (int i = 0; i < kQuestionsPerSocket / 2; ++i) ExpectGood(Ask());
  EXPECT_EQ(server.udp_sources(), 1U);
  for (int i = 0; i < kQuestionsPerSocket / 2; ++i) ExpectGood(Ask());
  EXPECT_EQ(server.udp_sources(), 2U);
}

TEST_F(DnsClientLoadTest, EachIdleTimeHasItsOwnPort) {
  ScriptedServer& server = Serve(AnswerGood);
  for (int i = 0; i < 10; ++i) ExpectGood(Ask());
  EXPECT_GT(server.udp_sources(), 5U);
}

TEST_F(DnsClientLoadTest, IdsAreUniqueAmongWhatWaits) {
  options_.random = [] { return std::uint16_t{0xfffe}; };  // As bad as a source can be.
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{Good(query), milliseconds(30)}};
  });
  std::vector<std::unique_ptr<Dns::Query>> queries;
  std::size_t answered = 0;
  for (int i = 0; i < 20; ++i) {
    queries.push_back(client().Ask(Question(), [&](DnsReply reply) {
      ExpectGood(reply);
      ++answered;
    }));
  }
  loop_.RunUntil([&] { return answered == queries.size(); });
  std::set<std::pair<int, int>> ids;
  for (const ScriptedQuery& query : server.queries())
    ids.emplace(query.message[0], query.message[1]);
  EXPECT_THAT(ids, SizeIs(queries.size()));
}

TEST_F(DnsClientLoadTest, AQuestionGivenUpIsNeverAnswered) {
  Serve(AnswerGood);
  const std::size_t before = OpenDescriptors();
  auto query = client().Ask(Question(), [](DnsReply) { FAIL(); });
  EXPECT_GT(OpenDescriptors(), before);
  query.reset();
  EXPECT_EQ(OpenDescriptors(), before);
  RunFor(milliseconds(20));
}

TEST_F(DnsClientLoadTest, NothingIsOpenAfterTheClient) {
  Hasten();
  Serve(Silence);
  Serve(TruncatedThen(Silence));
  const std::size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<Dns::Query>> queries;
  for (int i = 0; i < 10; ++i)
    queries.push_back(client().Ask(Question(), [](DnsReply) { FAIL(); }));
  RunFor(kRetry + milliseconds(40));
  queries.clear();
  client_.reset();
  RunFor(milliseconds(20));  // The server sees its connections end.
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(DnsClientLoadTest, DoneMayAsk) {
  ScriptedServer& server = Serve(AnswerGood);
  std::vector<std::unique_ptr<Dns::Query>> queries;
  int answered = 0;
  std::function<void()> ask = [&] {
    queries.push_back(client().Ask(Question(), [&](DnsReply reply) {
      ExpectGood(reply);
      if (++answered < 5) ask();
    }));
  };
  ask();
  loop_.RunUntil([&] { return answered == 5; });
  EXPECT_EQ(server.udp_sources(), 1U) << "the socket serves the next question of a chain";
}

TEST_F(DnsClientLoadTest, DoneMayDestroyItsOwnAndOtherQueries) {
  Serve([](const ScriptedQuery& query) { return std::vector<Delivery>(3, {Good(query)}); });
  std::vector<std::unique_ptr<Dns::Query>> queries;
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    queries.push_back(client().Ask(Question(), [&](DnsReply) {
      ++answered;
      queries.clear();
    }));
  }
  loop_.RunUntil([&] { return answered > 0; });
  RunFor(milliseconds(20));
  EXPECT_EQ(answered, 1);
}

TEST_F(DnsClientLoadTest, DoneMayDestroyTheClient) {
  Serve(AnswerGood);
  std::unique_ptr<Dns::Query> query;
  bool answered = false;
  query = client().Ask(Question(), [&](DnsReply) {
    answered = true;
    query.reset();
    client_.reset();
  });
  loop_.RunUntil([&] { return answered; });
}

TEST_F(DnsClientLoadTest, AFloodHidesNoAnswer) {
  Serve([](const ScriptedQuery& query) {
    Octets stray = Good(query);
    stray[1] ^= 1U;
    std::vector<Delivery> deliveries(100, {stray});
    deliveries.push_back({Good(query)});
    return deliveries;
  });
  ExpectGood(Ask());
  EXPECT_LT(took_, kAtOnce);
}

// Closes behind the client's back what it has opened, as a host that cleans up after a fork might.
TEST_F(DnsClientLoadTest, ADescriptorThatTheHostClosesIsSurvived) {
  Serve(Silence);
  options_.query_timeout = milliseconds(200);
  const int next = dup(0);
  close(next);  // The lowest free number: the client's socket will have it.
  const auto query = client().Ask(Question(), [](DnsReply) {});
  ASSERT_EQ(close(next), 0);
  int turns = 0;
  const Loop::TimePoint end = loop_.Now() + milliseconds(150);
  while (loop_.Now() < end) {
    loop_.Turn(end);
    ++turns;
  }
  EXPECT_LT(turns, 100) << "the loop spins";
}

}  // namespace
}  // namespace helovet::testing
