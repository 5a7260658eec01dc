// Validations that share a cache over a client.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/dns/client_fixture.h"
#include "dns/answer_cache.h"
#include "dns/session_dns.h"
#include "dns/wire.h"
#include "loop/task.h"

namespace helovet::testing {
namespace {

using ::testing::SizeIs;

class CachedClientTest : public DnsClientTest {
 protected:
  AnswerCache& cache() {
    if (!cache_) {
      cache_ = std::make_unique<AnswerCache>(loop_, std::make_unique<DnsClient>(loop_, options_));
    }
    return *cache_;
  }

  std::unique_ptr<AnswerCache> cache_;
};

TEST_F(CachedClientTest, AThousandAskersSendOneDatagram) {
  constexpr std::size_t kAskers = 1000;
  ScriptedServer& server = Serve(AnswerGood);
  const std::size_t before = OpenDescriptors();
  std::vector<std::unique_ptr<Dns::Query>> queries(kAskers);
  std::size_t answered = 0;
  for (std::unique_ptr<Dns::Query>& query : queries) {
    query = cache().Ask(Question(), [&](const DnsReply& reply) {
      ExpectGood(reply);
      ++answered;
      query.reset();
    });
  }
  loop_.RunUntil([&] { return answered == kAskers; });
  EXPECT_THAT(server.queries(), SizeIs(1));
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(CachedClientTest, TheLastAskerFreesTheSocket) {
  Serve(Silence);
  const std::size_t before = OpenDescriptors();
  auto first = cache().Ask(Question(), [](const DnsReply&) { ADD_FAILURE(); });
  auto second = cache().Ask(Question(), [](const DnsReply&) { ADD_FAILURE(); });
  EXPECT_EQ(OpenDescriptors(), before + 1);
  first.reset();
  EXPECT_EQ(OpenDescriptors(), before + 1);
  second.reset();
  EXPECT_EQ(OpenDescriptors(), before);
}

// PTR records of names of 253 characters, the longest, as many as a message holds: each has a label
// of its own and a pointer to the rest. The first in canonical order come last.
Octets LargestPtrReply(const ScriptedQuery& query) {
  const std::string label = '\x3f' + std::string(63, 'x');
  ReplyBuilder reply = ReplyBuilder::To(query.message);
  const auto own_label = [&reply] {
    const std::string number = std::to_string(99999 - reply.size());
    return '\x3d' + std::string(61 - number.size(), 'a') + number;
  };
  const std::size_t rest_at = reply.size() + kPointerToQuestion.size() + 10 + 62;
  reply.Answer(12, own_label() + label + label + label + '\0');
  while (reply.size() + 2 + 10 + 62 + 2 <= kMaxMessageOctets) {
    reply.Answer(12, own_label() + Uint16(0xc000U | static_cast<unsigned>(rest_at)));
  }
  return reply.message();
}

struct Ended {};

Task<Ended> AskInto(SessionDns& dns, DnsQuestion question, std::optional<DnsAnswer>& kept) {
  kept = co_await dns.Ask(question, Share::kReverse);
  co_return Ended();
}

// docs/rules.md §8
TEST_F(CachedClientTest, TheLargestPtrAnswerIsJudgedByItsFirstNames) {
  ScriptedServer& server = Serve(TruncatedThen([](const ScriptedQuery& query) {
    return std::vector<Delivery>{{Framed(LargestPtrReply(query))}};
  }));
  const DnsQuestion question = Question("1.2.0.192.in-addr.arpa", DnsType::kPtr);
  SessionDns one(loop_, cache(), loop_.Now() + options_.query_timeout);
  SessionDns two(loop_, cache(), loop_.Now() + options_.query_timeout);
  std::optional<DnsAnswer> first;
  std::optional<DnsAnswer> second;
  Task<Ended> first_task = AskInto(one, question, first);
  Task<Ended> second_task = AskInto(two, question, second);
  first_task.Start();
  second_task.Start();
  loop_.RunUntil([&] { return first_task.done() && second_task.done(); });
  EXPECT_THAT(server.queries(), SizeIs(2)) << "UDP and TCP";
  for (const std::optional<DnsAnswer>& answer : {first, second}) {
    EXPECT_EQ(answer->outcome, DnsOutcome::kOk);
    ASSERT_THAT(answer->records, SizeIs(kMaxPtrRecords));
    for (const DnsRecord& record : answer->records) {
      // The last of the message have the least numbers.
      EXPECT_LT(record.DataToString().substr(56, 5), "35500");
      EXPECT_EQ(record.DataToString().size(), 253u);
    }
  }
}

}  // namespace
}  // namespace helovet::testing
