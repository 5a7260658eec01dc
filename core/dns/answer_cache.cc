#include "dns/answer_cache.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dns/posted_answer.h"

namespace helovet {
namespace {

constexpr std::size_t kAllocationOctets = 16;  // What malloc(3) adds: a header, and rounding.
constexpr std::size_t kMapNodeOctets = 4 * sizeof(void*) + kAllocationOctets;
constexpr std::size_t kListNodeOctets = 3 * sizeof(void*) + kAllocationOctets;

// What a string of `length` octets takes beside the object.
std::size_t TextOctets(std::size_t length) {
  return length <= std::string().capacity() ? 0 : length + 1 + kAllocationOctets;
}

// What a name takes beside the object, where nothing shares it.
std::size_t NameOctets(const DnsName& name) {
  return name.is_root() ? 0 : name.shared_octets() + kAllocationOctets;
}

struct DataOctets {
  std::size_t operator()(const IpAddress&) const { return 0; }
  std::size_t operator()(const DnsName& name) const { return NameOctets(name); }
  std::size_t operator()(const SrvData& srv) const { return NameOctets(srv.target); }
  std::size_t operator()(const MxData& mx) const { return NameOctets(mx.exchange); }
  std::size_t operator()(const AplData& apl) const {
    return apl.items.size() * sizeof(AplData::Item) + kAllocationOctets;
  }
  std::size_t operator()(const std::string& text) const { return TextOctets(text.size()); }
};

// Owners that are copies of `asked`, or of the one before, take nothing more.
std::size_t RecordsOctets(const std::vector<DnsRecord>& records, const DnsName& asked) {
  if (records.empty()) return 0;
  std::size_t octets = records.size() * sizeof(DnsRecord) + kAllocationOctets;
  const DnsName* former = &asked;
  for (const DnsRecord& record : records) {
    const bool is_copy =
        record.owner.SharesOctetsWith(asked) || record.owner.SharesOctetsWith(*former);
    octets += (is_copy ? 0 : NameOctets(record.owner)) + std::visit(DataOctets(), record.data);
    former = &record.owner;
  }
  return octets;
}

bool HoldsType(const DnsReply& reply, DnsType type) {
  return std::any_of(reply.answers.begin(), reply.answers.end(),
                     [type](const DnsRecord& record) { return record.type == type; });
}

// What SessionDns calls malformed: data beside NXDOMAIN, or two CNAMEs of one name that differ.
bool Contradicts(const DnsReply& reply, DnsType type) {
  if (reply.outcome == DnsOutcome::kNxDomain && HoldsType(reply, type)) return true;
  std::map<std::string_view, const DnsData*> targets;
  return std::any_of(reply.answers.begin(), reply.answers.end(), [&](const DnsRecord& record) {
    if (record.type != DnsType::kCname) return false;
    const auto [target, is_new] = targets.try_emplace(record.owner.wire(), &record.data);
    return !is_new && *target->second != record.data;
  });
}

// For how long `reply` may be kept; 0: not at all.
std::chrono::seconds LifeOf(const DnsReply& reply, DnsType type) {
  if (reply.outcome != DnsOutcome::kOk && reply.outcome != DnsOutcome::kNxDomain) return {};
  if (Contradicts(reply, type)) return {};
  // An alias that the server has not followed is a fact of its own; with a SOA beside it, the name
  // at its end lacks the type.
  const bool unfollowed = reply.negative_ttl == 0 && HoldsType(reply, DnsType::kCname);
  const bool positive = reply.outcome == DnsOutcome::kOk && (unfollowed || HoldsType(reply, type));
  std::chrono::seconds life =
      positive ? kMaxPositiveLife
               : std::min(kMaxNegativeLife, std::chrono::seconds(reply.negative_ttl));
  for (const DnsRecord& record : reply.answers) {
    life = std::min(life, std::chrono::seconds(record.ttl));
  }
  return life;
}

// `reply` as it is `age` after it came.
DnsReply Aged(DnsReply reply, std::chrono::seconds age) {
  const auto reduce = [age](std::uint32_t& ttl) {
    ttl -= static_cast<std::uint32_t>(std::min(age, std::chrono::seconds(ttl)).count());
  };
  for (DnsRecord& record : reply.answers) reduce(record.ttl);
  for (DnsRecord& record : reply.additional) reduce(record.ttl);
  std::erase_if(reply.additional, [](const DnsRecord& record) { return record.ttl == 0; });
  reduce(reply.negative_ttl);
  reply.cached = true;
  return reply;
}

}  // namespace

// One that waits for a question under way.
class AnswerCache::Asker final : public Dns::Query {
 public:
  Asker(Flight& flight, Done done)
      : flight_(&flight), before_(flight.last), done_(std::move(done)) {
    (before_ == nullptr ? flight.first : before_->after_) = this;
    flight.last = this;
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  ~Asker() override {
    if (flight_ == nullptr) return;
    TakeOut();
    if (flight_->first == nullptr && flight_->cache != nullptr) flight_->cache->Withdraw(*flight_);
  }

  // Waits no more, and may be destroyed from inside of what this returns.
  [[nodiscard]] Done Leave() {
    TakeOut();
    flight_ = nullptr;
    return std::move(done_);
  }

 private:
  void TakeOut() {
    (before_ == nullptr ? flight_->first : before_->after_) = after_;
    (after_ == nullptr ? flight_->last : after_->before_) = before_;
  }

  Flight* flight_;
  Asker* before_;
  Asker* after_ = nullptr;
  Done done_;
};

AnswerCache::AnswerCache(Loop& loop, std::unique_ptr<Dns> source, std::size_t max_octets)
    : loop_(loop), source_(std::move(source)), max_octets_(max_octets) {}

AnswerCache::~AnswerCache() = default;

std::unique_ptr<Dns::Query> AnswerCache::Ask(const DnsQuestion& question, Done done) {
  if (std::optional<DnsReply> kept = Recall(question)) {
    return std::make_unique<PostedAnswer>(loop_, *std::move(kept), std::move(done));
  }
  const auto [place, is_new] = flights_.try_emplace(question);
  Flight& flight = place->second;
  auto asker = std::make_unique<Asker>(flight, std::move(done));
  if (is_new) {
    flight.cache = this;
    flight.question = &place->first;
    flight.query = source_->Ask(
        question, [this, &flight](DnsReply reply) { OnReply(flight, std::move(reply)); });
  }
  return asker;
}

void AnswerCache::Withdraw(const Flight& flight) {
  flights_.erase(flights_.find(*flight.question));
}

void AnswerCache::OnReply(const Flight& landing, DnsReply reply) {
  // From here on an Ask of the same question has the kept reply or a flight of its own.
  auto landed = flights_.extract(flights_.find(*landing.question));
  Flight& flight = landed.mapped();
  flight.cache = nullptr;
  flight.query.reset();
  Keep(landed.key(), reply);
  while (flight.first != nullptr) {
    Done done = flight.first->Leave();
    if (flight.first == nullptr) {
      done(std::move(reply));
      return;
    }
    done(reply);
  }
}

std::optional<DnsReply> AnswerCache::Recall(const DnsQuestion& question) {
  const auto found = entries_.find(question);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  const Loop::TimePoint now = loop_.Now();
  if (now >= entry.ends) {
    Drop(found);
    return std::nullopt;
  }
  uses_.splice(uses_.begin(), uses_, entry.use);
  DnsReply reply = Aged(entry.reply, std::chrono::floor<std::chrono::seconds>(now - entry.kept_at));
  reply.kept_for = static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(entry.ends - now).count());
  return reply;
}

std::size_t AnswerCache::OctetsOf(const DnsQuestion& question, const DnsReply& reply) {
  return kMapNodeOctets + sizeof(Entries::value_type) + kListNodeOctets +
         NameOctets(question.name) + TextOctets(reply.server.size()) +
         RecordsOctets(reply.answers, question.name) +
         RecordsOctets(reply.additional, question.name);
}

void AnswerCache::Keep(const DnsQuestion& question, const DnsReply& reply) {
  const std::size_t octets = OctetsOf(question, reply);
  if (octets > std::min(max_octets_, kMaxCachedAnswerOctets)) return;
  const std::chrono::seconds life = LifeOf(reply, question.type);
  if (life == std::chrono::seconds::zero()) return;
  while (kept_octets_ > max_octets_ - octets) Drop(entries_.find(*uses_.back()));
  const Loop::TimePoint now = loop_.Now();
  // A copy, so that vectors and strings take what they hold and no more.
  const auto [place, is_new] =
      entries_.try_emplace(question, Entry{reply, now, now + life, octets, {}});
  uses_.push_front(&place->first);
  place->second.use = uses_.begin();
  kept_octets_ += octets;
}

void AnswerCache::Drop(Entries::iterator entry) {
  kept_octets_ -= entry->second.octets;
  uses_.erase(entry->second.use);
  entries_.erase(entry);
}

}  // namespace helovet
