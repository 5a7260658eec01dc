// Two hundred callbacks at once, half of them to servers that hang: over real sockets, with the
// embedded store (docs/rules.md §12.4, §12.5).
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "callback/callback_verifier.h"
#include "callback_fixture.h"
#include "core/smtp/scripted_peer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/store.h"
#include "testing/directory_test.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using testing::FullQueue;
using testing::OpenDescriptors;
using testing::ScriptedDns;
using testing::ScriptedPeer;
using testing::ScriptLine;
using testing::Sender;
using testing::Text;

constexpr int kDomains = 50;
constexpr int kMailboxes = 4;  // Of each domain.
// How much later than its deadline a result may come.
constexpr std::chrono::milliseconds kLateness{100};

std::string DomainOf(int number) { return "d" + std::to_string(number) + ".example"; }
std::string AddressOf(int number) { return "127.0.1." + std::to_string(number + 1); }
std::string MailboxOf(int domain, int number) {
  return "user" + std::to_string(number) + "@" + DomainOf(domain);
}
bool Hangs(int domain) { return domain % 2 == 1; }

std::vector<ScriptLine> Zone() {
  std::vector<ScriptLine> zone;
  for (int i = 0; i < kDomains; ++i) {
    zone.push_back({DomainOf(i) + " MX", "nodata"});
    zone.push_back({DomainOf(i) + " A", AddressOf(i)});
    zone.push_back({DomainOf(i) + " AAAA", "nodata"});
  }
  return zone;
}

// A server for each domain, all on one port. Of those that hang some greet nobody, some fall silent
// at RCPT, and to some no connection is ever made.
class Servers {
 public:
  explicit Servers(Loop& loop) {
    for (int i = 0; i < kDomains; ++i) {
      if (Hangs(i) && i % 10 == 9) {
        queues_.push_back(std::make_unique<FullQueue>(AddressOf(i), port_));
        continue;
      }
      const std::string step = i % 10 == 7 ? "RCPT" : "greeting";
      const testing::Script script =
          Hangs(i) ? testing::Script{{step, testing::Silence()}} : testing::Script();
      peers_.push_back(std::make_unique<ScriptedPeer>(loop, script, AddressOf(i), port_));
      port_ = peers_.back()->port();
    }
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::vector<std::unique_ptr<ScriptedPeer>>& peers() const { return peers_; }

 private:
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<ScriptedPeer>> peers_;
  std::vector<std::unique_ptr<FullQueue>> queues_;
};

struct Answer {
  int domain = 0;
  std::optional<CallbackFinding> finding;
  Loop::TimePoint at;
  std::unique_ptr<CallbackVerifier::Request> request;
};

class StormTest : public testing::DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    config_.our_names = {"mx.example.net"};
    config_.our_addresses.emplace();
    config_.store.directory = directory().string();
    config_.cbv.allow_networks = {*IpNetwork::Parse("127.0.0.0/8")};
    config_.cbv.timeout = 1900ms;
    store_ = OpenStore(loop_, config_);
    // Opened now, so that its descriptors are not counted as anybody's.
    ASSERT_TRUE(FreeAgain("first", 1)) << "the store cannot be used";
    descriptors_ = OpenDescriptors();
  }

  // Asks for every mailbox, and turns the loop until all is answered.
  std::vector<Answer> Storm(std::chrono::milliseconds time) {
    Servers servers(loop_);
    config_.cbv.port = servers.port();
    ScriptedDns dns(loop_, Zone());
    std::vector<Answer> answers(std::size_t{kDomains} * kMailboxes);
    CallbackVerifier verifier(loop_, dns, config_, store_.get());
    deadline_ = loop_.Now() + time;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Answer& answer = answers[i];
      answer.domain = static_cast<int>(i % kDomains);
      const std::string mailbox = MailboxOf(answer.domain, static_cast<int>(i / kDomains));
      answer.request =
          verifier.Verify(Sender(mailbox), deadline_, [this, &answer](CallbackFinding finding) {
            ASSERT_FALSE(answer.finding) << "answered twice";
            answer.finding = std::move(finding);
            answer.at = loop_.Now();
          });
    }
    while (loop_.Now() < deadline_ + kLateness) loop_.Turn(deadline_ + kLateness);
    for (const auto& peer : servers.peers()) {
      connections_.push_back(peer->connections());
      lines_.insert(peer->lines().begin(), peer->lines().end());
    }
    return answers;
  }

  void ExpectNothingLeft() {
    EXPECT_EQ(OpenDescriptors(), descriptors_);
    // Where one lease is granted, none lives.
    EXPECT_TRUE(FreeAgain("cbv calls", 1));
    for (int domain = 0; domain < kDomains; ++domain) {
      EXPECT_TRUE(FreeAgain("cbv calls " + DomainOf(domain), 1)) << domain;
      EXPECT_TRUE(FreeAgain("cbv host calls " + AddressOf(domain), 1)) << domain;
      for (int number = 0; number < kMailboxes; ++number) {
        EXPECT_TRUE(FreeAgain("cbv call " + MailboxOf(domain, number), 1));
      }
    }
  }

  bool FreeAgain(const std::string& key, std::size_t limit) {
    Task<StoreErrorOr<std::optional<Lease>>> task = store_->Acquire(key, limit, 1000ms);
    task.Start();
    loop_.RunUntil([&task] { return task.done(); });
    if (!task.done()) return false;
    const StoreErrorOr<std::optional<Lease>> lease = task.await_resume();
    return lease && lease->has_value();
  }
  std::size_t Remembered(const std::string& prefix) {
    Task<StoreErrorOr<std::vector<StoredFact>>> task = store_->List(prefix);
    task.Start();
    loop_.RunUntil([&task] { return task.done(); });
    const StoreErrorOr<std::vector<StoredFact>> facts = task.await_resume();
    return facts ? facts->size() : 0;
  }

  Loop loop_;
  Config config_;
  std::unique_ptr<Store> store_;
  std::size_t descriptors_ = 0;
  Loop::TimePoint deadline_;
  std::vector<std::size_t> connections_;
  std::set<std::string> lines_;
};

TEST_F(StormTest, NobodyWaitsLongerThanItsDeadline) {
  config_.cbv.concurrent = kDomains * kMailboxes;
  config_.cbv.concurrent_per_domain = kMailboxes;
  Loop::Clock::duration latest{};
  for (const Answer& answer : Storm(2000ms)) {
    ASSERT_TRUE(answer.finding) << DomainOf(answer.domain);
    latest = std::max(latest, answer.at - deadline_);
    const CheckResult& result = answer.finding->result;
    if (Hangs(answer.domain)) {
      EXPECT_EQ(result.result, Result::kTemperror) << Text(*answer.finding);
    } else {
      EXPECT_EQ(Text(*answer.finding), "pass/accepted, called") << DomainOf(answer.domain);
    }
  }
  EXPECT_LT(latest, kLateness);
  EXPECT_EQ(Remembered("cbv address "), std::size_t{kDomains} / 2 * kMailboxes);
  // All that accept take the null sender, and so do the five that fall silent at RCPT; to five no
  // connection was made.
  EXPECT_EQ(Remembered("cbv domain "), std::size_t{kDomains} / 2 + 5 + 5);
  ExpectNothingLeft();
}

TEST_F(StormTest, NoMoreAreCalledThanMayBe) {
  config_.cbv.concurrent = 60;
  config_.cbv.concurrent_per_domain = 2;
  int called = 0;
  int over_budget = 0;
  for (const Answer& answer : Storm(1000ms)) {
    ASSERT_TRUE(answer.finding) << DomainOf(answer.domain);
    if (answer.finding->result.reason == Reason::kOverBudget) {
      ++over_budget;
    } else {
      ++called;
    }
  }
  EXPECT_EQ(called, 60);
  EXPECT_EQ(over_budget, 140);
  EXPECT_LE(*std::max_element(connections_.begin(), connections_.end()), 2U);
  ExpectNothingLeft();
}

// Two hosts that verify each other come to an end: a callback says the null sender, and nobody
// calls back for that (§12.1; recipient_test.cc of the engine has the host's side).
TEST_F(StormTest, ACallbackIsNothingToCallBackFor) {
  Storm(500ms);
  std::set<std::string> senders;
  for (const std::string& line : lines_) {
    if (line.starts_with("MAIL ")) senders.insert(line);
    EXPECT_NE(line, "DATA");
  }
  EXPECT_EQ(senders, std::set<std::string>{"MAIL FROM:<>"});
  EXPECT_EQ(IdentifySender("").kind, SenderIdentity::Kind::kNull);
}

}  // namespace
}  // namespace helovet
