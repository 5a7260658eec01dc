// What the parts of a session cost, without any network: `helovet_parts_bench`.
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "dns/name.h"
#include "dns/wire.h"
#include "helovet/engine.h"
#include "helovet/render.h"
#include "published_client.h"
#include "statistics/counters.h"

namespace helovet {
namespace {

// An engine on its own loop, with answers at hand: what remains is our own work.
class EngineInMemory {
 public:
  EngineInMemory() : engine_(loop_, std::make_shared<const Config>(), PublishedAnswers(loop_)) {}
  Engine& engine() { return engine_; }

 private:
  Loop loop_;
  Engine engine_;
};

void BM_ParseName(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(DnsName::Parse("_client._smtp.mail.example.com"));
}
BENCHMARK(BM_ParseName);

void BM_EncodeQuery(benchmark::State& state) {
  const DnsQuestion question{*DnsName::Parse("_client._smtp.mail.example.com"), DnsType::kSrv};
  for (auto _ : state) benchmark::DoNotOptimize(EncodeQuery(question, 4711, /*edns=*/true));
}
BENCHMARK(BM_EncodeQuery);

// A reply without records, as most are.
void BM_DecodeReply(benchmark::State& state) {
  const DnsQuestion question{*DnsName::Parse("_client._smtp.mail.example.com"), DnsType::kSrv};
  std::vector<std::uint8_t> message = EncodeQuery(question, 4711, /*edns=*/true);
  message[2] |= 0x80;  // QR: a response (RFC 1035 §4.1.1)
  for (auto _ : state) benchmark::DoNotOptimize(DecodeReply(message, question, 4711));
}
BENCHMARK(BM_DecodeReply);

void BM_VerdictOfPublishedName(benchmark::State& state) {
  EngineInMemory memory;
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory.engine().ValidateAndWait(PublishedSession()));
  }
}
BENCHMARK(BM_VerdictOfPublishedName);

void BM_VerdictOfNameWithoutRecordsSixLabelsDeep(benchmark::State& state) {
  EngineInMemory memory;
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory.engine().ValidateAndWait(
        {.client = *IpAddress::Parse("192.0.2.1"), .helo = "a.b.c.d.example.com"}));
  }
}
BENCHMARK(BM_VerdictOfNameWithoutRecordsSixLabelsDeep);

void BM_RenderHeader(benchmark::State& state) {
  EngineInMemory memory;
  const Verdict verdict = memory.engine().ValidateAndWait(PublishedSession());
  Config config;
  config.authserv_id = "mx.example.net";
  for (auto _ : state) benchmark::DoNotOptimize(RenderHeader(verdict, config));
}
BENCHMARK(BM_RenderHeader);

void BM_RenderKeyValues(benchmark::State& state) {
  EngineInMemory memory;
  const Verdict verdict = memory.engine().ValidateAndWait(PublishedSession());
  Config config;
  config.authserv_id = "mx.example.net";
  for (auto _ : state) benchmark::DoNotOptimize(RenderKeyValues(verdict, config));
}
BENCHMARK(BM_RenderKeyValues);

void BM_RenderLogLine(benchmark::State& state) {
  EngineInMemory memory;
  const Verdict verdict = memory.engine().ValidateAndWait(PublishedSession());
  for (auto _ : state) benchmark::DoNotOptimize(RenderLogLine(verdict));
}
BENCHMARK(BM_RenderLogLine);

// What a session and its message add to the counters of the store.
void BM_CountVerdict(benchmark::State& state) {
  EngineInMemory memory;
  const Verdict verdict = memory.engine().ValidateAndWait(PublishedSession());
  for (auto _ : state) {
    benchmark::DoNotOptimize(CountsOfSession(verdict));
    benchmark::DoNotOptimize(CountsOfMessage(verdict));
  }
}
BENCHMARK(BM_CountVerdict);

}  // namespace
}  // namespace helovet
