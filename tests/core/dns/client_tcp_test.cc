// What follows a truncated reply.
#include <algorithm>
#include <string>
#include <vector>

#include "core/dns/client_fixture.h"
#include "dns/lookup.h"
#include "dns/wire.h"

namespace helovet::testing {
namespace {

using ::testing::SizeIs;

using DnsClientTcpTest = DnsClientTest;

std::vector<Delivery> InPieces(const Octets& octets, std::size_t size) {
  std::vector<Delivery> pieces;
  for (std::size_t at = 0; at < octets.size(); at += size) {
    const std::size_t end = std::min(at + size, octets.size());
    pieces.push_back({Octets(octets.begin() + static_cast<std::ptrdiff_t>(at),
                             octets.begin() + static_cast<std::ptrdiff_t>(end)),
                      milliseconds(1 + pieces.size())});
  }
  return pieces;
}

TEST_F(DnsClientTcpTest, ATruncatedReplyIsAskedForOverTcp) {
  ScriptedServer& server = Serve(TruncatedThen(AnswerGood));
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, server.address().ToString());
  EXPECT_LT(took_, kAtOnce);
  ASSERT_THAT(server.queries(), SizeIs(2));
  EXPECT_TRUE(server.queries()[1].tcp);
  EXPECT_TRUE(server.queries()[1].edns);
}

TEST_F(DnsClientTcpTest, WhatATruncatedReplyHoldsIsNotUsed) {
  Serve([](const ScriptedQuery& query) {
    if (query.tcp) return std::vector<Delivery>{{Framed(WithRcode(query, 3))}};
    return std::vector<Delivery>{
        {ReplyBuilder::To(query.message).Answer(1, kAddressData).Truncated().message()}};
  });
  EXPECT_EQ(Ask().outcome, DnsOutcome::kNxDomain);
}

TEST_F(DnsClientTcpTest, AReplyMayComeOctetByOctet) {
  Serve(TruncatedThen([](const ScriptedQuery& query) { return InPieces(Framed(Good(query)), 1); }));
  ExpectGood(Ask());
}

TEST_F(DnsClientTcpTest, TheLargestMessageIsRead) {
  std::size_t records = 0;
  Serve(TruncatedThen([&](const ScriptedQuery& query) {
    ReplyBuilder reply = ReplyBuilder::To(query.message);
    for (records = 0; reply.size() + 16 <= kMaxMessageOctets; ++records)
      reply.Answer(1, kAddressData);
    return InPieces(Framed(reply.message()), 10'000);
  }));
  const DnsReply reply = Ask();
  EXPECT_EQ(reply.outcome, DnsOutcome::kOk);
  EXPECT_THAT(reply.answers, SizeIs(records));
  EXPECT_GT(records, 4000U);
}

TEST_F(DnsClientTcpTest, StraysOnTheConnectionAreAsIfTheyHadNotCome) {
  Serve(TruncatedThen([](const ScriptedQuery& query) {
    Octets other_id = Good(query);
    other_id[0] ^= 0xffU;
    Octets other_question = Good(query);
    other_question[13] = 'n';
    return std::vector<Delivery>{
        {Framed(other_id)}, {Framed(other_question)}, {Framed(Good(query))}};
  }));
  ExpectGood(Ask());
}

struct BadStream {
  std::string what;
  std::function<Delivery(const ScriptedQuery&)> deliver;
};

std::vector<BadStream> BadStreams() {
  const auto closing = [](Octets octets) {
    Delivery delivery{std::move(octets)};
    delivery.then_close = true;
    return delivery;
  };
  return {
      {"nothing", [=](const ScriptedQuery&) { return closing({}); }},
      {"half a length", [=](const ScriptedQuery&) { return closing({0}); }},
      {"a message cut off",
       [=](const ScriptedQuery& query) {
         Octets octets = Framed(Good(query));
         octets.pop_back();
         return closing(octets);
       }},
      {"a length of 0",
       [](const ScriptedQuery&) {
         return Delivery{{0, 0}};
       }},
      {"a length below a header's",
       [](const ScriptedQuery&) {
         return Delivery{{0, 11}};
       }},
      {"octets after the records",
       [](const ScriptedQuery& query) {
         Octets octets = Good(query);
         octets.push_back(0);
         return Delivery{Framed(octets)};
       }},
      {"records cut off",
       [](const ScriptedQuery& query) {
         Octets octets = Good(query);
         octets.pop_back();
         return Delivery{Framed(octets)};
       }},
      {"strays without end",
       [](const ScriptedQuery& query) {
         Octets stray = Framed(Good(query));
         stray[2] ^= 0xffU;
         Octets octets;
         for (int strays = 0; strays <= kMaxStrays; ++strays) {
           octets.insert(octets.end(), stray.begin(), stray.end());
         }
         return Delivery{octets};
       }},
      {"TC again",
       [](const ScriptedQuery& query) {
         return Delivery{Framed(ReplyBuilder::To(query.message).Truncated().message())};
       }},
  };
}

TEST_F(DnsClientTcpTest, ABadStreamIsMalformed) {
  for (const BadStream& bad : BadStreams()) {
    options_.servers.clear();
    client_.reset();
    Serve(TruncatedThen(
        [&](const ScriptedQuery& query) { return std::vector<Delivery>{bad.deliver(query)}; }));
    EXPECT_EQ(Ask().outcome, DnsOutcome::kMalformed) << bad.what;
    EXPECT_LT(took_, kAtOnce) << bad.what;
  }
}

TEST_F(DnsClientTcpTest, ABadStreamLeadsToTheNextServerAtOnce) {
  for (const BadStream& bad : BadStreams()) {
    options_.servers.clear();
    client_.reset();
    Serve(TruncatedThen(
        [&](const ScriptedQuery& query) { return std::vector<Delivery>{bad.deliver(query)}; }));
    ScriptedServer& second = Serve(TruncatedThen(AnswerGood));
    const DnsReply reply = Ask();
    EXPECT_EQ(reply.outcome, DnsOutcome::kOk) << bad.what;
    EXPECT_EQ(reply.server, second.address().ToString()) << bad.what;
    EXPECT_LT(took_, kAtOnce) << bad.what;
  }
}

TEST_F(DnsClientTcpTest, RcodesOverTcpCountAsOverUdp) {
  for (const auto& [rcode, want] :
       {std::pair(2U, DnsOutcome::kServFail), std::pair(5U, DnsOutcome::kRefused),
        std::pair(4U, DnsOutcome::kNotImp)}) {
    options_.servers.clear();
    client_.reset();
    Serve(TruncatedThen([rcode = rcode](const ScriptedQuery& query) {
      return std::vector<Delivery>{{Framed(WithRcode(query, rcode))}};
    }));
    EXPECT_EQ(Ask().outcome, want);
  }
}

TEST_F(DnsClientTcpTest, EdnsRefusedOverTcpIsTriedWithout) {
  Serve(TruncatedThen([](const ScriptedQuery& query) {
    if (!query.edns) return AnswerGood(query);
    return std::vector<Delivery>{{Framed(WithRcode(query, 1))}};
  }));
  ExpectGood(Ask());
  EXPECT_LT(took_, kAtOnce);
}

TEST_F(DnsClientTcpTest, ARefusedConnectionIsUnreachableInTheEnd) {
  Hasten();
  Serve(TruncatedThen(Silence), ScriptedServer::Tcp::kRefuses);
  EXPECT_EQ(Ask().outcome, DnsOutcome::kUnreachable);
  EXPECT_GE(took_, kTimeout);
  EXPECT_LT(took_, kTimeout + kSlack);
}

TEST_F(DnsClientTcpTest, ARefusedConnectionLeadsToTheNextServerAtOnce) {
  Serve(TruncatedThen(Silence), ScriptedServer::Tcp::kRefuses);
  Serve(TruncatedThen(AnswerGood));
  ExpectGood(Ask());
  EXPECT_LT(took_, kAtOnce);
}

TEST_F(DnsClientTcpTest, ASilentConnectionIsTimeout) {
  Hasten();
  ScriptedServer& server = Serve(TruncatedThen(Silence));
  EXPECT_EQ(Ask().outcome, DnsOutcome::kTimeout);
  EXPECT_LT(took_, kTimeout + kSlack);
  EXPECT_THAT(server.queries(), SizeIs(2)) << "nothing is asked beside the connection";
}

TEST_F(DnsClientTcpTest, ASilentConnectionLeadsToTheNextServer) {
  Hasten();
  Serve(TruncatedThen(Silence));
  ScriptedServer& second = Serve(TruncatedThen(AnswerGood));
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, second.address().ToString());
  EXPECT_GE(took_, kRetry);
}

TEST_F(DnsClientTcpTest, ASlowConnectionStillCounts) {
  Hasten();
  ScriptedServer& first = Serve(TruncatedThen([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{Framed(Good(query)), kRetry + milliseconds(40)}};
  }));
  Serve(Silence);
  const DnsReply reply = Ask();
  ExpectGood(reply);
  EXPECT_EQ(reply.server, first.address().ToString());
}

TEST_F(DnsClientTcpTest, RepeatedTruncatedRepliesOpenOneConnection) {
  ScriptedServer& server = Serve([](const ScriptedQuery& query) {
    if (query.tcp) {
      return std::vector<Delivery>{{Framed(Good(query)), milliseconds(20)}};
    }
    return std::vector<Delivery>(5, {ReplyBuilder::To(query.message).Truncated().message()});
  });
  ExpectGood(Ask());
  EXPECT_EQ(server.all_tcp_connections(), 1U);
}

TEST_F(DnsClientTcpTest, ConnectionsAreBounded) {
  constexpr std::size_t kQuestions = 100;
  constexpr std::size_t kUdpSockets = 2;  // 100 questions, 64 to a socket.
  options_.query_timeout = milliseconds(5000);
  std::size_t before = 0;
  std::size_t most = 0;
  const ScriptedServer* self = nullptr;
  ScriptedServer& server = Serve(TruncatedThen([&](const ScriptedQuery& query) {
    // What is open beside the server's own ends is the client's.
    most = std::max(most, OpenDescriptors() - before - self->tcp_connections());
    return std::vector<Delivery>{{Framed(Good(query)), milliseconds(5)}};
  }));
  self = &server;
  before = OpenDescriptors();
  std::vector<std::unique_ptr<Dns::Query>> queries;
  std::size_t kept = 0;
  std::size_t answered = 0;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const bool keep = i % 3 != 0;
    kept += keep ? 1 : 0;
    queries.push_back(client().Ask(Question(), [&, keep](DnsReply reply) {
      ExpectGood(reply);
      answered += keep ? 1 : 0;
    }));
  }
  // Every third is given up: connected, waiting for a connection, or answered.
  const Loop::Handle giving_up = loop_.CallAt(loop_.Now() + milliseconds(3), [&] {
    for (std::size_t i = 0; i < kQuestions; i += 3) queries[i].reset();
  });
  loop_.RunUntil([&] { return answered == kept; });
  EXPECT_LE(most, kMaxTcpConnections + kUdpSockets);
  EXPECT_GT(most, kMaxTcpConnections / 2);
  RunFor(milliseconds(50));
  EXPECT_EQ(server.tcp_connections(), 0U);
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace helovet::testing
