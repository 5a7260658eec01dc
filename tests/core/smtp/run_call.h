// Makes one call, with the DNS and the servers that a test wrote.
#ifndef HELOVET_TESTS_CORE_SMTP_RUN_CALL_H_
#define HELOVET_TESTS_CORE_SMTP_RUN_CALL_H_

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/smtp/scripted_peer.h"
#include "dns/session_dns.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

// Never reached but by those that wait for it.
inline constexpr std::chrono::milliseconds kLongDeadline(5000);
inline constexpr std::chrono::milliseconds kShortDeadline(200);
// How much later than its deadline a call may end.
inline constexpr std::chrono::milliseconds kLateness(50);

inline const std::string kSender = "joe@example.com";

// One MX on loopback.
inline std::vector<ScriptLine> OneHost() {
  return {{"example.com MX", "10 mx.example.com"},
          {"mx.example.com A", "127.0.0.1"},
          {"mx.example.com AAAA", "nodata"}};
}

inline CallOptions OptionsFor(std::uint16_t port) {
  CallOptions options;
  options.helo_name = "caller.example.org";
  options.port = port;
  options.allow_networks = {*IpNetwork::Parse("127.0.0.0/8")};
  return options;
}

struct Ended {};

inline Task<Ended> KeepOutcome(Task<CallOutcome> call, std::optional<CallOutcome>& kept) {
  kept = co_await call;
  co_return Ended();
}

// A call under way; destroying it gives it up.
class RunningCall {
 public:
  RunningCall(Loop& loop, const std::vector<ScriptLine>& script, CallOptions options,
              std::chrono::milliseconds time = kLongDeadline, const std::string& mailbox = kSender)
      : loop_(loop),
        options_(std::move(options)),
        begin_(loop.Now()),
        deadline_(begin_ + time),
        dns_(loop, script),
        session_(loop, dns_, deadline_),
        task_(KeepOutcome(Call(loop, session_, mailbox, Name("example.com"), options_, deadline_),
                          outcome_)) {
    task_.Start();
  }

  // Turns the loop until the call has ended, and holds it to its deadline.
  CallOutcome Wait() {
    loop_.RunUntil([this] { return task_.done(); });
    EXPECT_LE(loop_.Now(), deadline_ + kLateness) << "the call ended too late";
    return *std::move(outcome_);
  }
  [[nodiscard]] bool done() const { return task_.done(); }
  [[nodiscard]] std::chrono::milliseconds took() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop_.Now() - begin_);
  }
  [[nodiscard]] ScriptedDns& dns() { return dns_; }

 private:
  Loop& loop_;
  CallOptions options_;
  Loop::TimePoint begin_;
  Loop::TimePoint deadline_;
  ScriptedDns dns_;
  SessionDns session_;
  std::optional<CallOutcome> outcome_;
  Task<Ended> task_;
};

// Turns the loop until `peer` has read QUIT, for which the call does not wait.
inline void WaitForQuit(Loop& loop, const ScriptedPeer& peer) {
  loop.RunUntil([&peer] { return !peer.lines().empty() && peer.lines().back() == "QUIT"; });
}

// "fail/refused-rcpt".
inline std::string Text(const CallOutcome& outcome) {
  return std::string(ToString(outcome.result)) + "/" + std::string(ToString(outcome.reason));
}

inline std::string Text(const std::optional<bool>& finding) {
  if (!finding) return "?";
  return *finding ? "yes" : "no";
}

// "reachable yes, null sender yes, catch-all ?".
inline std::string Text(const DomainFinding& domain) {
  return "reachable " + Text(domain.reachable) + ", null sender " + Text(domain.takes_null_sender) +
         ", catch-all " + Text(domain.catch_all);
}

// The lines of CBV's statistics that are not 0, such as "smtp sessions 1, refused rcpt 1".
inline std::string Text(const CallbackTally& tally) {
  const std::pair<const char*, std::uint32_t> lines[] = {
      {"bad domain", tally.bad_domain},           {"no mx", tally.no_mx},
      {"bad connects", tally.bad_connects},       {"smtp sessions", tally.smtp_sessions},
      {"refused welcome", tally.refused_welcome}, {"refused noop", tally.refused_noop},
      {"refused helo", tally.refused_helo},       {"refused mail from", tally.refused_mail_from},
      {"refused rcpt", tally.refused_rcpt}};
  std::string text;
  for (const auto& [name, count] : lines) {
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(name) + " " + std::to_string(count);
  }
  return text;
}

// What was said, without times: "-> NOOP", "<- 250 ok", "-- closes the connection".
inline std::vector<std::string> Texts(const std::vector<CallbackLine>& dialogue) {
  std::vector<std::string> texts;
  for (const CallbackLine& line : dialogue) {
    const char* const arrow = line.kind == CallbackLine::Kind::kNote   ? "-- "
                              : line.kind == CallbackLine::Kind::kSent ? "-> "
                                                                       : "<- ";
    texts.push_back(arrow + line.text);
  }
  return texts;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_SMTP_RUN_CALL_H_
