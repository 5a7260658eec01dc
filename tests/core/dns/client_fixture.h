// What the tests of DnsClient share.
#ifndef HELOVET_TESTS_CORE_DNS_CLIENT_FIXTURE_H_
#define HELOVET_TESTS_CORE_DNS_CLIENT_FIXTURE_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/dns/reply_builder.h"
#include "core/dns/scripted_server.h"
#include "dns/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/loop.h"

namespace helovet {

// Failures print tokens instead of octets.
inline void PrintTo(DnsOutcome outcome, std::ostream* out) { *out << ToString(outcome); }

namespace testing {

using std::chrono::milliseconds;

inline const std::string kAddressData("\xc0\x00\x02\x01", 4);  // 192.0.2.1

// The usual answer: one A record.
inline Octets Good(const ScriptedQuery& query) {
  return ReplyBuilder::To(query.message).Answer(1, kAddressData).message();
}
inline Octets WithRcode(const ScriptedQuery& query, unsigned rcode) {
  return ReplyBuilder::To(query.message).Rcode(rcode).message();
}
inline std::vector<Delivery> AnswerGood(const ScriptedQuery& query) {
  return {{query.tcp ? Framed(Good(query)) : Good(query)}};
}
inline std::vector<Delivery> Silence(const ScriptedQuery&) { return {}; }
inline Script AnswerRcode(unsigned rcode) {
  return [rcode](const ScriptedQuery& query) {
    return std::vector<Delivery>{{WithRcode(query, rcode)}};
  };
}
// TC over UDP; over TCP what `tcp` says.
inline Script TruncatedThen(Script tcp) {
  return [tcp = std::move(tcp)](const ScriptedQuery& query) {
    if (query.tcp) return tcp(query);
    return std::vector<Delivery>{{ReplyBuilder::To(query.message).Truncated().message()}};
  };
}

inline std::size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all))) - 1;  // Without its own.
}

class DnsClientTest : public ::testing::Test {
 protected:
  // Without waiting for a retry, which comes after 400 ms.
  static constexpr milliseconds kAtOnce{350};
  // For tests that wait: retries come after 80 ms and 160 ms later.
  static constexpr milliseconds kTimeout{400};
  static constexpr milliseconds kRetry{80};
  // What a busy machine may add.
  static constexpr milliseconds kSlack{1500};

  void Hasten() { options_.query_timeout = kTimeout; }
  ScriptedServer& Serve(Script script, ScriptedServer::Tcp tcp = ScriptedServer::Tcp::kListens,
                        const std::string& address = "127.0.0.1") {
    servers_.push_back(std::make_unique<ScriptedServer>(loop_, std::move(script), tcp, address));
    options_.servers.push_back(servers_.back()->address());
    return *servers_.back();
  }
  DnsClient& client() {
    if (!client_) client_ = std::make_unique<DnsClient>(loop_, options_);
    return *client_;
  }
  static DnsQuestion Question(const std::string& name = "mail.example",
                              DnsType type = DnsType::kA) {
    return {*DnsName::Parse(name), type};
  }

  // Asks and waits; `took_` has the time.
  DnsReply Ask(const DnsQuestion& question = Question()) {
    const Loop::TimePoint start = loop_.Now();
    std::optional<DnsReply> got;
    const auto query = client().Ask(question, [&](DnsReply reply) {
      EXPECT_FALSE(got) << "answered twice";
      got = std::move(reply);
    });
    EXPECT_FALSE(got) << "answered inside Ask";
    loop_.RunUntil([&] { return got.has_value(); });
    took_ = std::chrono::duration_cast<milliseconds>(loop_.Now() - start);
    if (got) return *std::move(got);
    ADD_FAILURE() << "no answer";
    return {};
  }
  void RunFor(milliseconds time) {
    const Loop::TimePoint end = loop_.Now() + time;
    const Loop::Handle timer = loop_.CallAt(end, [] {});
    loop_.RunUntil([&] { return loop_.Now() >= end; });
  }
  void ExpectGood(const DnsReply& reply) {
    EXPECT_EQ(reply.outcome, DnsOutcome::kOk);
    ASSERT_THAT(reply.answers, ::testing::SizeIs(1));
    EXPECT_EQ(reply.answers[0].DataToString(), "192.0.2.1");
  }

  Loop loop_;
  DnsClientOptions options_;
  milliseconds took_{0};
  std::vector<std::unique_ptr<ScriptedServer>> servers_;
  std::unique_ptr<DnsClient> client_;
};

}  // namespace testing
}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_DNS_CLIENT_FIXTURE_H_
