#include "smtp/call.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "smtp/connection.h"
#include "smtp/dialogue.h"
#include "smtp/journal.h"
#include "smtp/mailbox.h"
#include "smtp/route.h"

namespace helovet {
namespace {

// Silence of a host counts as "cannot be reached" from here on. Ours: a lost SYN is sent again
// after one second (RFC 6298 §2), and its answer needs a while.
constexpr std::chrono::milliseconds kTellingSilence{1500};

// One call. It lives in the frame of Call().
class Caller {
 public:
  Caller(Loop& loop, SessionDns& dns, CallableMailbox mailbox, const DnsName& domain,
         const CallOptions& options, Loop::TimePoint deadline)
      : loop_(loop),
        options_(options),
        deadline_(deadline),
        mailbox_(std::move(mailbox)),
        journal_(loop),
        route_(dns, domain, options, journal_) {}

  [[nodiscard]] Task<CallOutcome> Run();

 private:
  // True: the outcome is there, whatever other hosts would say.
  [[nodiscard]] Task<bool> CallHost(MailHost host, int hosts_left);
  void OnNobodyCalled();
  [[nodiscard]] Loop::TimePoint ShareOfTime(int hosts_left) const;
  void OnNoConnection(const std::string& host, ConnectFault fault, Loop::Clock::duration waited);
  void TakeEnding(Ending ending);
  [[nodiscard]] CallOutcome Finish();

  Loop& loop_;
  const CallOptions& options_;
  const Loop::TimePoint deadline_;
  const CallableMailbox mailbox_;
  Journal journal_;
  Route route_;
  CallOutcome outcome_;
  std::vector<Evidence> replies_;
  bool passed_over_ = false;     // options_.admit has held back from some host.
  bool all_unreachable_ = true;  // As far as hosts were tried.
};

std::string Path(const std::string& local_part, const std::string& domain) {
  std::string path = "<";
  return path.append(local_part).append("@").append(domain).append(">");
}

Lines LinesFor(const CallableMailbox& mailbox, const CallOptions& options,
               const SmtpConnection& connection) {
  Lines lines;
  lines.noop = options.noop;
  lines.helo = EhloArgument(options.helo_name, connection.LocalAddress());
  lines.recipient = Path(mailbox.local_part, mailbox.domain);
  if (options.catch_all && IsAtoms(options.random_local_part)) {
    lines.random = Path(options.random_local_part, mailbox.domain);
  }
  return lines;
}

void CountRefusal(Reason reason, CallbackTally& tally) {
  if (reason == Reason::kRefusedWelcome) ++tally.refused_welcome;
  if (reason == Reason::kRefusedNoop) ++tally.refused_noop;
  if (reason == Reason::kRefusedHelo) ++tally.refused_helo;
  if (reason == Reason::kRefusedMailFrom) ++tally.refused_mail_from;
  if (reason == Reason::kRefusedRcpt) ++tally.refused_rcpt;
}

Task<CallOutcome> Caller::Run() {
  bool settled = false;
  for (int hosts_left = std::max(options_.hosts, 1); hosts_left > 0 && !settled; --hosts_left) {
    std::optional<MailHost> host = co_await route_.Next();
    if (!host) break;
    if (options_.admit) {
      const bool admitted = co_await options_.admit(host->address);
      if (!admitted) {
        journal_.Note("does not call " + host->address.ToString() + " now: it had enough calls");
        passed_over_ = true;
        continue;
      }
    }
    settled = co_await CallHost(*std::move(host), hosts_left);
  }
  const bool called = outcome_.tally.bad_connects + outcome_.tally.smtp_sessions > 0;
  if (!called) {
    OnNobodyCalled();
  } else if (all_unreachable_ && !passed_over_ && !route_.undetermined()) {
    outcome_.domain.reachable = false;
  }
  co_return Finish();
}

void Caller::OnNobodyCalled() {
  const Route::Failure failure = route_.WhyNone();
  outcome_.result = passed_over_ ? Result::kSkipped : failure.result;
  outcome_.reason = passed_over_ ? Reason::kOverBudget : failure.reason;
  outcome_.tally.bad_domain = outcome_.reason == Reason::kBadDomain ? 1 : 0;
  outcome_.tally.no_mx = outcome_.reason == Reason::kNoMx ? 1 : 0;
}

// A host that does not answer leaves to the others what they need: all have equal shares of the
// time that is left, and the last has all of it.
Loop::TimePoint Caller::ShareOfTime(int hosts_left) const {
  const Loop::TimePoint now = loop_.Now();
  if (now >= deadline_) return deadline_;
  const auto others = std::min(route_.Expected(), static_cast<std::size_t>(hosts_left - 1));
  return now + (deadline_ - now) / static_cast<int>(others + 1);
}

Task<bool> Caller::CallHost(MailHost host, int hosts_left) {
  const DnsServer server{host.address, options_.port};
  const std::string name = host.name.ToString() + " " + server.ToString();
  const Loop::TimePoint begin = loop_.Now();
  journal_.Note("connects to " + name);
  auto opened =
      co_await SmtpConnection::Open(loop_, server, ShareOfTime(hosts_left), deadline_, journal_);
  if (!opened) {
    OnNoConnection(name, opened.error(), loop_.Now() - begin);
    co_return loop_.Now() >= deadline_;
  }
  ++outcome_.tally.smtp_sessions;
  all_unreachable_ = false;
  outcome_.domain.reachable = true;
  const std::unique_ptr<SmtpConnection> connection = *std::move(opened);
  const Lines lines = LinesFor(mailbox_, options_, *connection);
  Ending ending = co_await Converse(*connection, lines, name, journal_);
  journal_.Note("closes the connection");
  const bool settled = !ending.next_host;
  TakeEnding(std::move(ending));
  co_return settled;
}

void Caller::OnNoConnection(const std::string& host, ConnectFault fault,
                            Loop::Clock::duration waited) {
  ++outcome_.tally.bad_connects;
  outcome_.result = Result::kTemperror;
  outcome_.reason = Reason::kConnect;
  std::string_view token = "refused";
  if (fault == ConnectFault::kSilent) {
    token = "timeout";
    if (waited < kTellingSilence) all_unreachable_ = false;
    if (loop_.Now() >= deadline_) outcome_.reason = Reason::kTimeout;
  } else if (fault == ConnectFault::kLocal) {
    // Of our own making: it says nothing of the domain.
    token = "unreachable";
    all_unreachable_ = false;
  }
  journal_.Note("no connection: " + std::string(token));
  replies_.push_back({.owner = host,
                      .type = "SMTP",
                      .outcome = std::string(token),
                      .ttl = 0,
                      .ad = false,
                      .text = "connection"});
}

void Caller::TakeEnding(Ending ending) {
  outcome_.result = ending.result;
  outcome_.reason = ending.reason;
  outcome_.domain.takes_null_sender = ending.domain.takes_null_sender;
  outcome_.domain.catch_all = ending.domain.catch_all;
  CountRefusal(ending.reason, outcome_.tally);
  std::move(ending.evidence.begin(), ending.evidence.end(), std::back_inserter(replies_));
}

CallOutcome Caller::Finish() {
  outcome_.evidence = route_.TakeEvidence();
  std::move(replies_.begin(), replies_.end(), std::back_inserter(outcome_.evidence));
  outcome_.dialogue = journal_.Take();
  return std::move(outcome_);
}

}  // namespace

Task<CallOutcome> Call(Loop& loop, SessionDns& dns, std::string mailbox, DnsName domain,
                       const CallOptions& options, Loop::TimePoint deadline) {
  std::optional<CallableMailbox> callable = ParseCallable(mailbox, domain);
  if (!callable) {
    CallOutcome outcome;
    outcome.result = Result::kNeutral;
    outcome.reason = Reason::kNotCallable;
    co_return outcome;
  }
  Caller caller(loop, dns, *std::move(callable), domain, options, deadline);
  co_return co_await caller.Run();
}

}  // namespace helovet
