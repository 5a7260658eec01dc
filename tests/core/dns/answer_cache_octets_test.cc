// What AnswerCache says it takes, against what the program has allocated.
#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/dns/held_dns.h"
#include "dns/answer_cache.h"
#include "gtest/gtest.h"

namespace {

// Allocated and not freed, malloc(3)'s own header included.
std::size_t live_octets = 0;

std::size_t OctetsAt(void* block) { return malloc_usable_size(block) + sizeof(std::size_t); }

void Free(void* block) {
  if (block != nullptr) live_octets -= OctetsAt(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t octets) {
  void* const block = std::malloc(octets);
  if (block == nullptr) std::abort();
  live_octets += OctetsAt(block);
  return block;
}
void operator delete(void* block) noexcept { Free(block); }
void operator delete(void* block, std::size_t) noexcept { Free(block); }

namespace helovet {
namespace {

using testing::ARecord;
using testing::CnameRecord;
using testing::HeldDns;
using testing::Name;
using testing::OkReply;
using testing::Record;
using testing::Reply;

struct KindOfAnswer {
  std::string id;
  DnsType type;
  std::function<DnsReply(const std::string& name)> make;
};

std::vector<KindOfAnswer> Kinds() {
  const std::string label(63, 'x');
  const std::string long_tail = "." + label + "." + label + "." + label;
  return {
      {"absence", DnsType::kA,
       [](const std::string&) { return Reply(DnsOutcome::kNxDomain, {}, 60); }},
      {"one address", DnsType::kA,
       [](const std::string& name) { return OkReply({ARecord(name, 300)}); }},
      {"short names", DnsType::kA,
       [](const std::string& name) { return OkReply({CnameRecord(name, 300, "b.test")}); }},
      {"a target with addresses", DnsType::kSrv,
       [](const std::string& name) {
         DnsReply reply =
             OkReply({Record(name, 300, DnsType::kSrv, SrvData{1, 2, 0, Name("mail." + name)})});
         reply.additional = {ARecord("mail." + name, 300), ARecord("mail." + name, 300)};
         return reply;
       }},
      {"a mail exchange", DnsType::kMx,
       [](const std::string& name) {
         return OkReply(
             {Record(name, 300, DnsType::kMx, MxData{10, Name("mail.of.a.long.name." + name)})});
       }},
      {"a list of prefixes", DnsType::kApl,
       [](const std::string& name) {
         return OkReply({Record(name, 300, DnsType::kApl,
                                AplData{std::vector<AplData::Item>(30, AplData::Item())})});
       }},
      {"text", DnsType::kTxt,
       [](const std::string& name) {
         return OkReply({Record(name, 300, DnsType::kTxt, std::string(400, 'x'))});
       }},
      {"many long names", DnsType::kPtr,
       [long_tail](const std::string& name) {
         std::vector<DnsRecord> records;
         for (int i = 0; i < 50; ++i) {
           records.push_back(
               Record(name, 300, DnsType::kPtr, Name("n" + std::to_string(i) + long_tail)));
         }
         return OkReply(std::move(records));
       }},
  };
}

void Fill(AnswerCache& cache, HeldDns& source, const KindOfAnswer& kind) {
  for (int i = 0; i < 400; ++i) {
    const std::string name = "host-" + std::to_string(i) + ".example.test";
    const auto query = cache.Ask({Name(name), kind.type}, [](const DnsReply&) {});
    source.Answer(name + " " + std::string(ToString(kind.type)), kind.make(name));
    source.TakeLog();
  }
}

TEST(AnswerCacheOctetsTest, AreWhatIsAllocated) {
  for (const KindOfAnswer& kind : Kinds()) {
    Loop loop;
    auto held = std::make_unique<HeldDns>();
    HeldDns& source = *held;
    AnswerCache cache(loop, std::move(held));
    const std::size_t before = live_octets;
    Fill(cache, source, kind);
    const auto allocated = static_cast<double>(live_octets - before);
    const auto told = static_cast<double>(cache.kept_octets());
    ASSERT_GT(told, 0) << kind.id;
    EXPECT_GT(told / allocated, 0.9) << kind.id << ": told " << told << " of " << allocated;
    EXPECT_LT(told / allocated, 1.2) << kind.id << ": told " << told << " of " << allocated;
  }
}

TEST(AnswerCacheOctetsTest, AreGivenBack) {
  Loop::TimePoint now;
  Loop loop([&now] { return now; });
  auto held = std::make_unique<HeldDns>();
  HeldDns& source = *held;
  const std::size_t limit = std::size_t{64} * 1024;
  AnswerCache cache(loop, std::move(held), limit);
  const std::size_t before = live_octets;
  for (const KindOfAnswer& kind : Kinds()) {
    Fill(cache, source, kind);
    now += std::chrono::hours(25);
    EXPECT_LE(cache.kept_octets(), limit) << kind.id;
    EXPECT_LE(live_octets - before, limit * 11 / 10) << kind.id;
  }
}

}  // namespace
}  // namespace helovet
