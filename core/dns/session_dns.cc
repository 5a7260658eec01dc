#include "dns/session_dns.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace helovet {

struct SessionDns::Lookup {
  Lookup(const DnsQuestion& asked, Share asked_for)
      : question(asked), name(asked.name), share(asked_for) {}

  // The limits of its share have cut it short.
  [[nodiscard]] bool is_refused() const {
    return answer != nullptr && done &&
           (answer->outcome == DnsOutcome::kQueryLimit || answer->outcome == DnsOutcome::kTooLarge);
  }
  [[nodiscard]] bool is_answer_to(const DnsQuestion& asked, bool first_names_only) const {
    return question.type == asked.type && first_names == first_names_only && question == asked;
  }

  const DnsQuestion question;
  DnsName name;  // What is asked at present: the question's name, or an alias's target.
  Share share;
  bool first_names = false;  // A PTR question of kReverse.
  bool done = false;
  bool replaced =
      false;  // Refused, and asked again for a greater share; checks may hold the answer.
  std::uint32_t sent = 0;  // Index of the present query in sent_.
  std::unique_ptr<Dns::Query> query;
  std::unique_ptr<DnsAnswer> answer;  // Null before the first reply.
  Awaiter* waiters = nullptr;         // The first of those that wait.
};

// A query that has left, to become an Exchange.
struct SessionDns::Sent {
  struct Trace {
    std::string name;
    std::string server = {};
    std::vector<std::string> records = {};
  };

  Loop::TimePoint asked_at;
  std::uint32_t took = 0;  // Microseconds.
  std::uint32_t ttl = 0;
  DnsType type = DnsType::kA;
  DnsOutcome outcome = DnsOutcome::kUnreachable;
  bool answered = false;  // Or ended by the deadline. Otherwise the verdict was there first.
  bool ad = false;
  bool cached = false;
  std::unique_ptr<Trace> trace = nullptr;  // Null with Trail::kOutcomes.
};

namespace {

// Validations of a name have seldom more, and the series of a sender seldom more than one.
constexpr std::size_t kUsualQueries = 8;

template <typename T>
void MakeRoomForNext(std::vector<T>& queries) {
  if (queries.size() <= 1) queries.reserve(queries.empty() ? 1 : kUsualQueries);
}

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

std::uint32_t MicrosecondsSince(Loop::TimePoint start, Loop::TimePoint now) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();  // Over an hour.
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - start).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(took, kMost));
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

void DnsAnswer::AddEvidence(const DnsQuestion& question, std::vector<Evidence>& evidence) const {
  if (trail == Trail::kOutcomes) {
    if (evidence.empty()) evidence.push_back({.ad = true});
    evidence.front().ad = evidence.front().ad && ad;
    return;
  }
  for (const DnsRecord& alias : aliases) evidence.push_back(EvidenceOf(alias, *this));
  const auto first = static_cast<std::ptrdiff_t>(evidence.size());
  for (const DnsRecord& record : records) evidence.push_back(EvidenceOf(record, *this));
  std::sort(std::next(evidence.begin(), first), evidence.end(),
            [](const Evidence& a, const Evidence& b) {
              return std::tie(a.owner, a.type, a.text) < std::tie(b.owner, b.type, b.text);
            });
  if (records.empty()) {
    evidence.push_back({.type = std::string(ToString(question.type)),
                        .outcome = std::string(ToString(outcome)),
                        .ttl = ttl,
                        .ad = ad});
    const DnsName& owner = aliases.empty() ? question.name : std::get<DnsName>(aliases.back().data);
    evidence.back().owner = owner.ToString();
  }
}

SessionDns::SessionDns(Loop& loop, Dns& dns, Loop::TimePoint deadline, Trail trail)
    : loop_(loop),
      dns_(dns),
      trail_(trail),
      deadline_(loop.CallAt(deadline, [this] { OnDeadline(); })) {}

SessionDns::~SessionDns() = default;

void SessionDns::Prefetch(const DnsQuestion& question, Share share) { Start(question, share); }

SessionDns::Awaiter SessionDns::Ask(const DnsQuestion& question, Share share) {
  return Awaiter(Start(question, share));
}

void SessionDns::WhenAnswered(absl::AnyInvocable<void()> begin) {
  const bool under_way = std::ranges::any_of(
      lookups_, [](const std::unique_ptr<Lookup>& lookup) { return !lookup->done; });
  if (under_way) {
    begin_ = std::move(begin);
  } else {
    begin();
  }
}

std::vector<Exchange> SessionDns::TakeExchanges() {
  deadline_.Cancel();
  expired_ = true;
  begin_ = nullptr;
  for (const std::unique_ptr<Lookup>& lookup : lookups_) {
    lookup->query.reset();
    AnswerOf(*lookup);
    lookup->done = true;  // For OnDeadline, in the midst of which the last check may have ended.
  }
  std::vector<Exchange> exchanges;
  exchanges.reserve(sent_.size());
  for (Sent& sent : std::exchange(sent_, {})) {
    exchanges.push_back(
        {.type = std::string(ToString(sent.type)),
         .outcome = std::string(sent.answered ? ToString(sent.outcome) : kUnanswered),
         .ad = sent.ad,
         .cached = sent.cached,
         .ttl = sent.ttl,
         .took = std::chrono::microseconds(sent.took)});
    if (sent.trace == nullptr) continue;
    exchanges.back().name = std::move(sent.trace->name);
    exchanges.back().server = std::move(sent.trace->server);
    exchanges.back().records = std::move(sent.trace->records);
  }
  return exchanges;
}

SessionDns::Lookup& SessionDns::Start(const DnsQuestion& question, Share share) {
  const bool first_names = KeepsFirstNames(question, share);
  for (const std::unique_ptr<Lookup>& lookup : lookups_) {
    if (lookup->replaced || !lookup->is_answer_to(question, first_names)) continue;
    if (lookup->share >= share) return *lookup;
    if (!lookup->is_refused()) {
      lookup->share = share;
      return *lookup;
    }
    lookup->replaced = true;
  }
  MakeRoomForNext(lookups_);
  Lookup& lookup = *lookups_.emplace_back(std::make_unique<Lookup>(question, share));
  lookup.first_names = first_names;
  Send(lookup);
  return lookup;
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

DnsAnswer& SessionDns::AnswerOf(Lookup& lookup) const {
  if (lookup.answer == nullptr) {
    lookup.answer = std::make_unique<DnsAnswer>();
    lookup.answer->trail = trail_;
  }
  return *lookup.answer;
}

void SessionDns::Send(Lookup& lookup) {
  if (expired_ || !CountQuery(lookup.share)) {
    AnswerOf(lookup).outcome = expired_ ? DnsOutcome::kTimeout : DnsOutcome::kQueryLimit;
    holds_until_ = Loop::TimePoint::min();
    Finish(lookup);
    return;
  }
  MakeRoomForNext(sent_);
  lookup.sent = static_cast<std::uint32_t>(sent_.size());
  sent_.push_back({.asked_at = loop_.Now(), .type = lookup.question.type});
  if (trail_ == Trail::kFull) {
    sent_.back().trace = std::make_unique<Sent::Trace>(Sent::Trace{.name = lookup.name.ToString()});
  }
  const DnsQuestion question{lookup.name, lookup.question.type};
  lookup.query =
      dns_.Ask(question, [this, &lookup](DnsReply reply) { OnReply(lookup, std::move(reply)); });
}

void SessionDns::OnReply(Lookup& lookup, DnsReply reply) {
  if (lookup.first_names) KeepFirstNames(lookup.name, reply);
  Admit(reply, lookup.share);
  Note(reply);
  Record(lookup, reply);
  const std::unique_ptr<Dns::Query> answered = std::move(lookup.query);
  if (TakeReply(lookup.question.type, reply, lookup.name, AnswerOf(lookup)) == Step::kAskAlias) {
    Send(lookup);
  } else {
    Finish(lookup);
  }
}

void SessionDns::Note(const DnsReply& reply) {
  const bool found = reply.outcome == DnsOutcome::kOk || reply.outcome == DnsOutcome::kNxDomain;
  std::uint32_t life = found && reply.cached ? reply.kept_for : 0;
  for (const DnsRecord& record : reply.additional) life = std::min(life, record.ttl);
  holds_until_ = life == 0 ? Loop::TimePoint::min()
                           : std::min(holds_until_, loop_.Now() + std::chrono::seconds(life));
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
    const auto kept = static_cast<std::uint32_t>(octets);
    (share == Share::kConfigured ? configured_kept_octets_ : kept_octets_) += kept;
    if (share == Share::kReverse) reverse_kept_octets_ += kept;
    return;
  }
  reply.outcome = DnsOutcome::kTooLarge;
  reply.answers.clear();
  reply.additional.clear();
}

void SessionDns::Record(const Lookup& lookup, const DnsReply& reply) {
  Sent& sent = sent_[lookup.sent];
  const bool empty_answer = reply.outcome == DnsOutcome::kOk && reply.answers.empty();
  sent.outcome = empty_answer ? DnsOutcome::kNoData : reply.outcome;
  sent.answered = true;
  sent.ad = reply.ad;
  sent.cached = reply.cached;
  sent.took = MicrosecondsSince(sent.asked_at, loop_.Now());
  sent.ttl = reply.negative_ttl;
  for (const DnsRecord& record : reply.answers) {
    sent.ttl = &record == &reply.answers.front() ? record.ttl : std::min(sent.ttl, record.ttl);
  }
  if (sent.trace == nullptr) return;
  sent.trace->server = reply.server;
  for (const DnsRecord& record : reply.answers) {
    sent.trace->records.push_back(record.owner.ToString() + " " + std::to_string(record.ttl) + " " +
                                  std::string(ToString(record.type)) + " " + record.DataToString());
  }
}

void SessionDns::Finish(Lookup& lookup) {
  lookup.done = true;
  if (begin_ != nullptr) std::exchange(begin_, nullptr)();
  // One by one: a resumed coroutine may end and take other waiters with it.
  while (lookup.waiters != nullptr) {
    Awaiter* const awaiter = lookup.waiters;
    lookup.waiters = awaiter->next_;
    std::exchange(awaiter->waiter_, nullptr).resume();
  }
}

void SessionDns::OnDeadline() {
  expired_ = true;
  holds_until_ = Loop::TimePoint::min();
  // Resumed coroutines may ask more, at the end of the vector; what they ask is finished at once.
  for (std::size_t i = 0; i < lookups_.size(); ++i) {
    Lookup& lookup = *lookups_[i];
    if (lookup.done) continue;
    lookup.query.reset();
    Sent& sent = sent_[lookup.sent];
    sent.took = MicrosecondsSince(sent.asked_at, loop_.Now());
    sent.outcome = DnsOutcome::kTimeout;
    sent.answered = true;
    AnswerOf(lookup).outcome = DnsOutcome::kTimeout;
    Finish(lookup);
  }
}

SessionDns::Awaiter::~Awaiter() {
  if (!waiter_) return;
  Awaiter** place = &lookup_->waiters;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

bool SessionDns::Awaiter::await_ready() const { return lookup_->done; }

void SessionDns::Awaiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  Awaiter** end = &lookup_->waiters;
  while (*end != nullptr) end = &(*end)->next_;
  *end = this;
}

const DnsAnswer& SessionDns::Awaiter::await_resume() const { return *lookup_->answer; }

}  // namespace helovet
