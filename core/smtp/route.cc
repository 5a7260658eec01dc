#include "smtp/route.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "smtp/callable.h"

namespace helovet {
namespace {

// Whatever leaves open what the zone holds.
bool IsUnusable(const DnsAnswer& answer) {
  return IsTemporary(answer.outcome) || answer.outcome == DnsOutcome::kAliasChain;
}

bool IsAllowed(const IpAddress& address, const CallOptions& options) {
  return std::ranges::any_of(options.allow_networks, [&address](const IpNetwork& network) {
    return network.Contains(address);
  });
}

}  // namespace

Task<std::optional<MailHost>> Route::Next() {
  if (!std::exchange(started_, true)) co_await FindNames();
  while (hosts_.empty() && !names_.empty()) {
    DnsName name = std::move(names_.front());
    names_.pop_front();
    co_await FindAddresses(std::move(name));
  }
  std::optional<MailHost> next;
  if (!hosts_.empty()) {
    next = std::move(hosts_.front());
    hosts_.pop_front();
  }
  co_return next;
}

std::size_t Route::Expected() const { return hosts_.size() + names_.size(); }

Route::Failure Route::WhyNone() const {
  if (!exists_) return {Result::kFail, Reason::kBadDomain};
  if (undetermined_) return {Result::kTemperror, Reason::kDns};
  if (passed_over_) return {Result::kNeutral, Reason::kNotCallable};
  return {Result::kFail, Reason::kNoMx};
}

Task<Route::Ended> Route::FindNames() {
  const DnsQuestion question{domain_, DnsType::kMx};
  const DnsAnswer& answer = co_await dns_.Ask(question);
  AddEvidence(question, answer);
  if (IsUnusable(answer)) {
    undetermined_ = true;
  } else if (answer.outcome == DnsOutcome::kNxDomain) {
    exists_ = false;
  } else if (answer.records.empty()) {
    names_.push_back(domain_);  // RFC 5321 §5.1: the implicit MX.
  } else {
    SortNames(answer);
  }
  for (const DnsName& name : names_) {
    dns_.Prefetch({name, DnsType::kA});
    dns_.Prefetch({name, DnsType::kAaaa});
  }
  co_return Ended();
}

void Route::SortNames(const DnsAnswer& answer) {
  std::set<std::pair<std::uint16_t, DnsName>> exchanges;
  for (const DnsRecord& record : answer.records) {
    const auto* const mx = std::get_if<MxData>(&record.data);
    // RFC 7505 §3: "." takes no mail. Beside others, where it must not stand, it means nothing.
    if (mx != nullptr && !mx->exchange.is_root()) exchanges.emplace(mx->preference, mx->exchange);
  }
  for (const auto& [preference, exchange] : exchanges) {
    if (std::ranges::find(names_, exchange) != names_.end()) continue;
    if (names_.size() == kMaxExchanges) {
      undetermined_ = true;
      return;
    }
    names_.push_back(exchange);
  }
}

Task<Route::Ended> Route::FindAddresses(DnsName name) {
  const DnsQuestion v4_question{name, DnsType::kA};
  const DnsQuestion v6_question{name, DnsType::kAaaa};
  const DnsAnswer& v4_answer = co_await dns_.Ask(v4_question);
  AddEvidence(v4_question, v4_answer);
  const DnsAnswer& v6_answer = co_await dns_.Ask(v6_question);
  AddEvidence(v6_question, v6_answer);
  std::deque<IpAddress> v4 = CallableIn(v4_answer, name);
  std::deque<IpAddress> v6 = CallableIn(v6_answer, name);
  while (!v4.empty() || !v6.empty()) {
    for (std::deque<IpAddress>* const family : {&v4, &v6}) {
      if (family->empty()) continue;
      hosts_.push_back({.name = name, .address = family->front()});
      family->pop_front();
    }
  }
  co_return Ended();
}

std::deque<IpAddress> Route::CallableIn(const DnsAnswer& answer, const DnsName& name) {
  if (IsUnusable(answer)) undetermined_ = true;
  std::set<IpAddress> addresses;
  for (const DnsRecord& record : answer.records) {
    const auto* const address = std::get_if<IpAddress>(&record.data);
    if (address != nullptr) addresses.insert(*address);
  }
  std::deque<IpAddress> callable;
  for (const IpAddress& address : addresses) {
    const auto why_not = WhyNotCalled(address, options_.own_addresses);
    if (!why_not || IsAllowed(address, options_)) {
      callable.push_back(address);
      continue;
    }
    passed_over_ = true;
    journal_.Note("never calls " + name.ToString() + " [" + address.ToString() +
                  "]: " + std::string(*why_not));
  }
  return callable;
}

void Route::AddEvidence(const DnsQuestion& question, const DnsAnswer& answer) {
  answer.AddEvidence(question, evidence_);
}

}  // namespace helovet
