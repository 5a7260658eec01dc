// The way to the mail servers of a domain (docs/rules.md §12.2).
#ifndef HELOVET_CORE_SMTP_ROUTE_H_
#define HELOVET_CORE_SMTP_ROUTE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/session_dns.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "smtp/journal.h"

namespace helovet {

// MX names whose addresses are asked. Ours: with their A and AAAA records and the MX question they
// take half of kMaxQueries, which leaves an alias to nearly each.
inline constexpr std::size_t kMaxExchanges = 10;

struct MailHost {
  DnsName name;
  IpAddress address;
};

// Gives one address after the other, as they are to be called. All questions for addresses leave at
// once; the first address is there as soon as its own name is answered. Everything must outlive it.
class Route {
 public:
  Route(SessionDns& dns, const DnsName& domain, const CallOptions& options, Journal& journal)
      : dns_(dns), domain_(domain), options_(options), journal_(journal) {}

  // The next that may be called; empty: there is no other.
  [[nodiscard]] Task<std::optional<MailHost>> Next();
  // How many there are still, as far as that is known: one of each name that is not answered yet.
  [[nodiscard]] std::size_t Expected() const;
  // A question has failed or was not asked: there may be hosts that nobody knows of.
  [[nodiscard]] bool undetermined() const { return undetermined_; }
  // What it means that Next() has given nothing at all.
  struct Failure {
    Result result;
    Reason reason;
  };
  [[nodiscard]] Failure WhyNone() const;

  [[nodiscard]] std::vector<Evidence> TakeEvidence() { return std::move(evidence_); }

 private:
  struct Ended {};

  [[nodiscard]] Task<Ended> FindNames();
  void SortNames(const DnsAnswer& answer);
  [[nodiscard]] Task<Ended> FindAddresses(DnsName name);
  void AddEvidence(const DnsQuestion& question, const DnsAnswer& answer);
  // The addresses in `answer` that may be called, in their order.
  [[nodiscard]] std::deque<IpAddress> CallableIn(const DnsAnswer& answer, const DnsName& name);

  SessionDns& dns_;
  const DnsName& domain_;
  const CallOptions& options_;
  Journal& journal_;
  bool started_ = false;
  std::deque<DnsName> names_;   // Not answered yet.
  std::deque<MailHost> hosts_;  // Not given yet, all of one name.
  bool exists_ = true;          // The domain.
  bool undetermined_ = false;   // A question failed, or was not asked.
  bool passed_over_ = false;    // There were addresses that may not be called.
  std::vector<Evidence> evidence_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_ROUTE_H_
