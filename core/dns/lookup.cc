#include "dns/lookup.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace helovet {

namespace {

template <std::size_t... kInterval>
std::array<DueQueue, kIntervals> MakeIntervals(Loop& loop, std::index_sequence<kInterval...>) {
  constexpr auto kEnd = [](DueQueue::Waiter& waiter) {
    static_cast<Lookup&>(waiter).OnIntervalEnd();
  };
  return {{(static_cast<void>(kInterval), DueQueue(loop, kEnd))...}};
}

}  // namespace

LookupContext::LookupContext(Loop& loop_in, std::chrono::milliseconds query_timeout_in)
    : loop(loop_in),
      query_timeout(query_timeout_in),
      intervals(MakeIntervals(loop_in, std::make_index_sequence<kIntervals>())) {}

void LookupContext::Leave() {
  if (--lookups > 0) return;
  CloseSockets();
  for (DueQueue& interval : intervals) interval.Rest();
}

void LookupContext::CloseSockets() {
  for (Upstream& upstream : upstreams) upstream.udp.Close();
}

Lookup::Lookup(std::shared_ptr<LookupContext> context, const DnsQuestion& question, Dns::Done done)
    : context_(std::move(context)),
      question_(question),
      done_(std::move(done)),
      servers_(context_->upstreams.size()),
      deadline_(servers_.empty() ? Loop::TimePoint::min()
                                 : context_->loop.Now() + context_->query_timeout) {
  ++context_->lookups;
  StartInterval();
  // Nothing has failed yet, so this cannot end the lookup.
  if (!servers_.empty() && !Send(0)) OnUnreachable(0);
}

Lookup::~Lookup() {
  if (finished_) return;
  Withdraw();
  context_->Leave();
}

void Lookup::OnDatagram(const UdpAttempt& attempt, std::uint16_t id,
                        std::span<const std::uint8_t> message) {
  std::optional<WireReply> reply = DecodeReply(message, question_, id);
  if (!reply) return;
  servers_[attempt.server].id = id;
  OnReply(attempt.server, attempt.edns, *std::move(reply));
}

void Lookup::OnRefused(const UdpAttempt& attempt) {
  const ServerState& state = servers_[attempt.server];
  // A connection under way knows better.
  if (state.standing == Standing::kAsked && !state.uses_tcp()) OnUnreachable(attempt.server);
}

void Lookup::OnTcpPlace() {
  const auto waiting = std::find_if(servers_.begin(), servers_.end(),
                                    [](const ServerState& state) { return state.wants_tcp; });
  if (waiting == servers_.end()) return;
  waiting->wants_tcp = false;
  OpenTcp(static_cast<std::size_t>(waiting - servers_.begin()));
}

bool Lookup::Send(std::size_t server) {
  ServerState& state = servers_[server];
  state.standing = Standing::kAsked;
  last_asked_ = static_cast<std::uint32_t>(server);
  std::vector<std::uint8_t> query = EncodeQuery(question_, 0, state.edns);
  const UdpAttempt attempt = {this, static_cast<std::uint32_t>(server), state.edns};
  for (const Attempted& former : attempted_) {
    if (former.server == attempt.server && former.edns == attempt.edns) {
      return former.ticket.Repeat(std::move(query));
    }
  }
  std::optional<UdpTicket> ticket = context_->upstreams[server].udp.Send(std::move(query), attempt);
  if (!ticket) return false;
  attempted_.push_back({attempt.server, attempt.edns, *std::move(ticket)});
  return true;
}

void Lookup::OpenTcp(std::size_t server) {
  ServerState& state = servers_[server];
  if (context_->tcp_connections >= kMaxTcpConnections) {
    state.wants_tcp = true;
    context_->tcp_waiting.push_back(this);
    return;
  }
  ++context_->tcp_connections;
  state.tcp = std::make_unique<TcpExchange>(context_->loop, context_->upstreams[server].server,
                                            question_, state.id, state.edns,
                                            [this, server, edns = state.edns](WireReply reply) {
                                              OnTcpReply(server, edns, std::move(reply));
                                            });
}

void Lookup::CloseTcp(std::size_t server) {
  ServerState& state = servers_[server];
  std::deque<Lookup*>& waiting = context_->tcp_waiting;
  if (state.wants_tcp) {
    state.wants_tcp = false;
    waiting.erase(std::find(waiting.begin(), waiting.end(), this));
  }
  if (!state.tcp) return;
  state.tcp.reset();
  --context_->tcp_connections;
  if (waiting.empty()) return;
  Lookup* const next = waiting.front();
  waiting.pop_front();
  next->OnTcpPlace();
}

void Lookup::StartInterval() {
  const auto first = std::clamp<Loop::Clock::duration>(context_->query_timeout / kFirstRetryShare,
                                                       std::chrono::milliseconds(1), kFirstRetry);
  const Loop::TimePoint retry = context_->loop.Now() + first * (1U << interval_);
  context_->intervals[interval_].Add(*this, std::min(retry, deadline_));
}

void Lookup::Withdraw() {
  DueQueue::Waiter::Leave();
  attempted_.clear();
  for (std::size_t server = 0; server < servers_.size(); ++server) CloseTcp(server);
}

void Lookup::OnIntervalEnd() {
  if (context_->loop.Now() >= deadline_) {
    EndInTime();
    return;
  }
  if (interval_ + 1U < kIntervals) ++interval_;
  StartInterval();
  for (std::size_t step = 1; step <= servers_.size(); ++step) {
    const std::size_t server = (last_asked_ + step) % servers_.size();
    if (servers_[server].standing == Standing::kFailed || servers_[server].uses_tcp()) continue;
    if (!Send(server)) OnUnreachable(server);
    return;
  }
}

void Lookup::OnTcpReply(std::size_t server, bool edns, WireReply reply) {
  CloseTcp(server);
  if (reply.outcome == DnsOutcome::kUnreachable) {
    OnUnreachable(server);
  } else if (reply.truncated && !IsTemporary(reply.outcome)) {
    OnFailure(server, DnsOutcome::kMalformed);  // TCP has room for all there is.
  } else {
    OnReply(server, edns, std::move(reply));
  }
}

void Lookup::OnReply(std::size_t server, bool edns, WireReply reply) {
  switch (reply.outcome) {
    case DnsOutcome::kOk:
    case DnsOutcome::kNxDomain:
      break;
    case DnsOutcome::kFormErr:
    case DnsOutcome::kNotImp:
      OnNotUnderstood(server, edns, reply.outcome);
      return;
    case DnsOutcome::kServFail:
    case DnsOutcome::kRefused:
    case DnsOutcome::kMalformed:
    case DnsOutcome::kNoData:
    case DnsOutcome::kAliasChain:
    case DnsOutcome::kTimeout:
    case DnsOutcome::kUnreachable:
    case DnsOutcome::kQueryLimit:
    case DnsOutcome::kTooLarge:
      OnFailure(server, reply.outcome);
      return;
  }
  ServerState& state = servers_[server];
  if (reply.truncated) {
    if (state.standing == Standing::kFailed || state.uses_tcp()) return;
    state.standing = Standing::kAsked;
    StartInterval();
    OpenTcp(server);
    return;
  }
  const Upstream& upstream = context_->upstreams[server];
  DnsReply result;
  result.outcome = reply.outcome;
  result.answers = std::move(reply.answers);
  result.additional = std::move(reply.additional);
  result.negative_ttl = reply.negative_ttl;
  result.ad = reply.ad && upstream.trusted;
  result.trusted = upstream.trusted;
  result.server = upstream.name;
  Finish(std::move(result));
}

void Lookup::OnNotUnderstood(std::size_t server, bool edns, DnsOutcome failure) {
  ServerState& state = servers_[server];
  if (!edns) {
    OnFailure(server, failure);
    return;
  }
  // A late answer to the attempt with EDNS says nothing of the one without.
  if (!state.edns || state.standing == Standing::kFailed) return;
  state.edns = false;
  CloseTcp(server);
  StartInterval();
  if (!Send(server)) OnUnreachable(server);
}

void Lookup::OnFailure(std::size_t server, DnsOutcome failure) {
  ServerState& state = servers_[server];
  if (state.standing == Standing::kFailed) return;
  state.standing = Standing::kFailed;
  state.failure = failure;
  CloseTcp(server);
  MoveOn(server);
}

void Lookup::OnUnreachable(std::size_t server) {
  servers_[server].standing = Standing::kUnreachable;
  MoveOn(server);
}

void Lookup::MoveOn(std::size_t from) {
  for (std::size_t step = 1; step < servers_.size(); ++step) {
    const std::size_t server = (from + step) % servers_.size();
    if (servers_[server].standing != Standing::kUntried) continue;
    StartInterval();
    if (Send(server)) return;
    servers_[server].standing = Standing::kUnreachable;
  }
  EndIfHopeless();
}

void Lookup::EndIfHopeless() {
  const auto may_answer = [](const ServerState& state) {
    return state.standing == Standing::kUntried || state.standing == Standing::kAsked;
  };
  if (std::any_of(servers_.begin(), servers_.end(), may_answer)) return;
  const auto failed = std::find_if(servers_.begin(), servers_.end(), [](const ServerState& state) {
    return state.standing == Standing::kFailed;
  });
  if (failed == servers_.end()) return;
  const Upstream& upstream =
      context_->upstreams[static_cast<std::size_t>(failed - servers_.begin())];
  DnsReply reply;
  reply.outcome = failed->failure;
  reply.trusted = upstream.trusted;
  reply.server = upstream.name;
  Finish(std::move(reply));
}

void Lookup::EndInTime() {
  const bool heard = std::any_of(servers_.begin(), servers_.end(), [](const ServerState& state) {
    return state.standing == Standing::kAsked;
  });
  DnsReply reply;
  reply.outcome = heard ? DnsOutcome::kTimeout : DnsOutcome::kUnreachable;
  Finish(std::move(reply));
}

void Lookup::Finish(DnsReply reply) {
  finished_ = true;
  Withdraw();
  const std::shared_ptr<LookupContext> context = context_;
  Dns::Done done = std::move(done_);
  done(std::move(reply));  // This may be gone now.
  context->Leave();
}

}  // namespace helovet
