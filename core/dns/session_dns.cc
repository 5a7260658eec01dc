#include "dns/session_dns.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <tuple>
#include <utility>

namespace helovet {

struct SessionDns::Lookup {
  Lookup(DnsQuestion asked, Share asked_for)
      : question(std::move(asked)), share(asked_for), name(question.name) {}

  // The limits of its share have cut it short.
  [[nodiscard]] bool is_refused() const {
    return done &&
           (answer.outcome == DnsOutcome::kQueryLimit || answer.outcome == DnsOutcome::kTooLarge);
  }

  const DnsQuestion question;
  Share share;
  DnsName name;  // What is asked at present: the question's name, or an alias's target.
  DnsAnswer answer;
  bool done = false;
  std::unique_ptr<Dns::Query> query;
  std::size_t exchange = 0;  // Index of the present query in exchanges_.
  Loop::TimePoint asked_at{};
  std::vector<Awaiter*> waiters;
};

namespace {

// The outcome of an exchange that nobody waited for: the verdict was there first.
constexpr std::string_view kUnanswered = "unanswered";

Evidence EvidenceOf(const DnsRecord& record, const DnsAnswer& answer) {
  return {.owner = record.owner.ToString(),
          .type = std::string(ToString(record.type)),
          .outcome = std::string(ToString(DnsOutcome::kOk)),
          .ttl = record.ttl,
          .ad = answer.ad,
          .text = record.DataToString()};
}

struct DataOctets {
  std::size_t operator()(const IpAddress&) const { return 0; }  // sizeof has it.
  std::size_t operator()(const DnsName& name) const { return name.wire().size(); }
  std::size_t operator()(const SrvData& srv) const { return srv.target.wire().size(); }
  std::size_t operator()(const MxData& mx) const { return mx.exchange.wire().size(); }
  std::size_t operator()(const AplData& apl) const {
    return apl.items.size() * sizeof(AplData::Item);
  }
  std::size_t operator()(const std::string& text) const { return text.size(); }
};

std::size_t OctetsOf(const std::vector<DnsRecord>& records) {
  std::size_t octets = 0;
  for (const DnsRecord& record : records) {
    octets += sizeof record + record.owner.wire().size() + std::visit(DataOctets(), record.data);
  }
  return octets;
}

bool KeepsFirstNames(const DnsQuestion& question, Share share) {
  return question.type == DnsType::kPtr && share == Share::kReverse;
}

// What one reply adds to the answer for `type`, read from `name` on.
enum class Step : std::uint8_t { kComplete, kAskAlias };

// The CNAME at `name`: null for none. Two that differ are no data anybody can rely on, and taking
// the first would let the order of records decide.
struct AliasAt {
  const DnsRecord* record = nullptr;
  bool contradictory = false;
};

AliasAt FindAlias(const DnsReply& reply, const DnsName& name) {
  AliasAt found;
  for (const DnsRecord& record : reply.answers) {
    if (record.type != DnsType::kCname || record.owner != name) continue;
    if (found.record != nullptr && found.record->data != record.data) found.contradictory = true;
    found.record = &record;
  }
  return found;
}

DnsName EndOfAliases(const DnsReply& reply, DnsName name) {
  for (std::size_t aliases = 0; aliases < kMaxAliases; ++aliases) {
    const AliasAt alias = FindAlias(reply, name);
    if (alias.record == nullptr || alias.contradictory) break;
    name = std::get<DnsName>(alias.record->data);
  }
  return name;
}

// Puts `record` into `names`, which are in order, each once, and kMaxPtrRecords at most.
void InsertName(DnsRecord record, std::vector<DnsRecord>& names) {
  const auto less = [](const DnsRecord& a, const DnsRecord& b) { return a.data < b.data; };
  if (names.size() == kMaxPtrRecords && less(names.back(), record)) return;
  const auto place = std::lower_bound(names.begin(), names.end(), record, less);
  if (place != names.end() && place->data == record.data) {
    place->ttl = std::min(place->ttl, record.ttl);
    return;
  }
  names.insert(place, std::move(record));
  if (names.size() > kMaxPtrRecords) names.pop_back();
}

// Leaves the aliases of `name` and the first of the PTR records at their end. Hosting companies
// have hundreds at one address: that is no reason to call the answer too large.
void KeepFirstNames(const DnsName& name, DnsReply& reply) {
  const DnsName owner = EndOfAliases(reply, name);
  std::vector<DnsRecord> names;
  for (DnsRecord& record : reply.answers) {
    if (record.type != DnsType::kPtr || record.owner != owner) continue;
    InsertName(std::move(record), names);
  }
  std::erase_if(reply.answers,
                [](const DnsRecord& record) { return record.type != DnsType::kCname; });
  std::move(names.begin(), names.end(), std::back_inserter(reply.answers));
  reply.additional.clear();
}

void KeepLeastTtl(DnsAnswer& answer, std::uint32_t ttl, bool first) {
  answer.ttl = first ? ttl : std::min(answer.ttl, ttl);
}

Step TakeReply(DnsType type, DnsReply& reply, DnsName& name, DnsAnswer& answer) {
  const bool first_reply = answer.server.empty() && answer.aliases.empty();
  answer.ad = reply.ad && (first_reply || answer.ad);
  answer.server = reply.server;
  if (reply.outcome != DnsOutcome::kOk && reply.outcome != DnsOutcome::kNxDomain) {
    answer.outcome = reply.outcome;
    return Step::kComplete;
  }
  bool followed = false;
  while (true) {
    const AliasAt alias = FindAlias(reply, name);
    if (alias.contradictory) {
      answer.outcome = DnsOutcome::kMalformed;
      return Step::kComplete;
    }
    if (alias.record == nullptr) break;
    if (answer.aliases.size() == kMaxAliases) {
      answer.outcome = DnsOutcome::kAliasChain;
      return Step::kComplete;
    }
    KeepLeastTtl(answer, alias.record->ttl, answer.aliases.empty());
    answer.aliases.push_back(*alias.record);
    name = std::get<DnsName>(alias.record->data);
    followed = true;
  }
  for (DnsRecord& record : reply.answers) {
    if (record.type != type || record.owner != name) continue;
    KeepLeastTtl(answer, record.ttl, answer.aliases.empty() && answer.records.empty());
    answer.records.push_back(std::move(record));
  }
  if (!answer.records.empty()) {
    // Data beside NXDOMAIN contradicts itself; which half is true cannot be told.
    answer.outcome = reply.outcome == DnsOutcome::kOk ? DnsOutcome::kOk : DnsOutcome::kMalformed;
    if (answer.outcome == DnsOutcome::kMalformed) answer.records.clear();
    if (reply.trusted) answer.additional = std::move(reply.additional);
    return Step::kComplete;
  }
  // RFC 6604 §3: NXDOMAIN speaks of the last name of the chain.
  if (reply.outcome == DnsOutcome::kOk && followed) return Step::kAskAlias;
  KeepLeastTtl(answer, reply.negative_ttl, answer.aliases.empty());
  answer.outcome = reply.outcome == DnsOutcome::kOk ? DnsOutcome::kNoData : DnsOutcome::kNxDomain;
  return Step::kComplete;
}

}  // namespace

std::vector<Evidence> DnsAnswer::ToEvidence(const DnsQuestion& question) const {
  std::vector<Evidence> evidence;
  for (const DnsRecord& alias : aliases) evidence.push_back(EvidenceOf(alias, *this));
  for (const DnsRecord& record : records) evidence.push_back(EvidenceOf(record, *this));
  std::sort(std::next(evidence.begin(), static_cast<std::ptrdiff_t>(aliases.size())),
            evidence.end(), [](const Evidence& a, const Evidence& b) {
              return std::tie(a.owner, a.type, a.text) < std::tie(b.owner, b.type, b.text);
            });
  if (records.empty()) {
    const DnsName& owner = aliases.empty() ? question.name : std::get<DnsName>(aliases.back().data);
    evidence.push_back({.owner = owner.ToString(),
                        .type = std::string(ToString(question.type)),
                        .outcome = std::string(ToString(outcome)),
                        .ttl = ttl,
                        .ad = ad,
                        .text = ""});
  }
  return evidence;
}

SessionDns::SessionDns(Loop& loop, Dns& dns, Loop::TimePoint deadline)
    : loop_(loop), dns_(dns), deadline_(loop.CallAt(deadline, [this] { OnDeadline(); })) {}

SessionDns::~SessionDns() = default;

void SessionDns::Prefetch(const DnsQuestion& question, Share share) { Start(question, share); }

SessionDns::Awaiter SessionDns::Ask(const DnsQuestion& question, Share share) {
  return Awaiter(Start(question, share));
}

std::vector<Exchange> SessionDns::TakeExchanges() {
  deadline_.Cancel();
  expired_ = true;
  for (auto& [key, lookup] : lookups_) {
    lookup->query.reset();
    lookup->done = true;  // For OnDeadline, in the midst of which the last check may have ended.
  }
  return std::move(exchanges_);
}

SessionDns::Lookup& SessionDns::Start(const DnsQuestion& question, Share share) {
  std::unique_ptr<Lookup>& slot = lookups_[{question, KeepsFirstNames(question, share)}];
  if (slot != nullptr && slot->share < share) {
    if (slot->is_refused()) {
      refused_.push_back(std::exchange(slot, nullptr));
    } else {
      slot->share = share;
    }
  }
  if (slot == nullptr) {
    slot = std::make_unique<Lookup>(question, share);
    Send(*slot);
  }
  return *slot;
}

bool SessionDns::CountQuery(Share share) {
  if (queries_ == kMaxQueries) return false;
  if (share == Share::kReverse) {
    if (reverse_queries_ == kMaxReverseQueries) return false;
    ++reverse_queries_;
  }
  ++queries_;
  return true;
}

void SessionDns::Send(Lookup& lookup) {
  if (expired_ || !CountQuery(lookup.share)) {
    lookup.answer.outcome = expired_ ? DnsOutcome::kTimeout : DnsOutcome::kQueryLimit;
    Finish(lookup);
    return;
  }
  lookup.exchange = exchanges_.size();
  lookup.asked_at = loop_.Now();
  exchanges_.push_back({.name = lookup.name.ToString(),
                        .type = std::string(ToString(lookup.question.type)),
                        .outcome = std::string(kUnanswered)});
  const DnsQuestion question{lookup.name, lookup.question.type};
  lookup.query =
      dns_.Ask(question, [this, &lookup](DnsReply reply) { OnReply(lookup, std::move(reply)); });
}

void SessionDns::OnReply(Lookup& lookup, DnsReply reply) {
  if (KeepsFirstNames(lookup.question, lookup.share)) KeepFirstNames(lookup.name, reply);
  Admit(reply, lookup.share);
  Record(lookup, reply);
  const std::unique_ptr<Dns::Query> answered = std::move(lookup.query);
  if (TakeReply(lookup.question.type, reply, lookup.name, lookup.answer) == Step::kAskAlias) {
    Send(lookup);
  } else {
    Finish(lookup);
  }
}

std::size_t SessionDns::Room(Share share) const {
  if (share == Share::kConfigured) return kMaxConfiguredKeptOctets - configured_kept_octets_;
  const std::size_t room = kMaxKeptOctets - kept_octets_;
  if (share == Share::kName) return room;
  return std::min(room, kMaxReverseKeptOctets - reverse_kept_octets_);
}

void SessionDns::Admit(DnsReply& reply, Share share) {
  const std::size_t octets = OctetsOf(reply.answers) + OctetsOf(reply.additional);
  if (octets <= Room(share)) {
    (share == Share::kConfigured ? configured_kept_octets_ : kept_octets_) += octets;
    if (share == Share::kReverse) reverse_kept_octets_ += octets;
    return;
  }
  reply.outcome = DnsOutcome::kTooLarge;
  reply.answers.clear();
  reply.additional.clear();
}

void SessionDns::Record(const Lookup& lookup, const DnsReply& reply) {
  Exchange& exchange = exchanges_[lookup.exchange];
  exchange.server = reply.server;
  exchange.ad = reply.ad;
  exchange.cached = reply.cached;
  exchange.ttl = reply.negative_ttl;
  exchange.took =
      std::chrono::duration_cast<std::chrono::microseconds>(loop_.Now() - lookup.asked_at);
  for (const DnsRecord& record : reply.answers) {
    exchange.ttl = exchange.records.empty() ? record.ttl : std::min(exchange.ttl, record.ttl);
    exchange.records.push_back(record.owner.ToString() + " " + std::to_string(record.ttl) + " " +
                               std::string(ToString(record.type)) + " " + record.DataToString());
  }
  const bool empty_answer = reply.outcome == DnsOutcome::kOk && reply.answers.empty();
  exchange.outcome = std::string(ToString(empty_answer ? DnsOutcome::kNoData : reply.outcome));
}

void SessionDns::Finish(Lookup& lookup) {
  lookup.done = true;
  // One by one: a resumed coroutine may end and take other waiters with it.
  while (!lookup.waiters.empty()) {
    Awaiter* const awaiter = lookup.waiters.front();
    lookup.waiters.erase(lookup.waiters.begin());
    std::exchange(awaiter->waiter_, nullptr).resume();
  }
}

void SessionDns::OnDeadline() {
  expired_ = true;
  // Resumed coroutines may ask more; a map's iterators stand that, and what they ask is finished
  // at once.
  for (auto& [key, lookup] : lookups_) {
    if (lookup->done) continue;
    lookup->query.reset();
    exchanges_[lookup->exchange].took =
        std::chrono::duration_cast<std::chrono::microseconds>(loop_.Now() - lookup->asked_at);
    lookup->answer.outcome = DnsOutcome::kTimeout;
    exchanges_[lookup->exchange].outcome = std::string(ToString(DnsOutcome::kTimeout));
    Finish(*lookup);
  }
}

SessionDns::Awaiter::~Awaiter() {
  if (waiter_) std::erase(lookup_->waiters, this);
}

bool SessionDns::Awaiter::await_ready() const { return lookup_->done; }

void SessionDns::Awaiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  lookup_->waiters.push_back(this);
}

const DnsAnswer& SessionDns::Awaiter::await_resume() const { return lookup_->answer; }

}  // namespace helovet
