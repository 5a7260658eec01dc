// One call to the mail server of a domain, to see whether it would take mail for an address (CBV;
// RFC 5321 §3.6.1, §6.1; docs/rules.md §12.2, §12.3).
#ifndef HELOVET_CORE_SMTP_CALL_H_
#define HELOVET_CORE_SMTP_CALL_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dns/name.h"
#include "dns/session_dns.h"
#include "helovet/callback.h"
#include "helovet/ip_address.h"
#include "helovet/loop.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

struct CallOptions {
  std::string helo_name;
  std::uint16_t port = 25;
  int hosts = 3;  // Addresses that are tried.
  bool noop = false;
  bool catch_all = false;         // Probe for one, after the address is accepted.
  std::string random_local_part;  // What is probed with; unlikely to exist, RFC 5321 atoms.
  std::vector<IpNetwork> allow_networks;
  std::vector<IpAddress> own_addresses;  // Never called unless allow_networks has them.
  // Awaited before each connection; false: this address is not called now, and the next is tried.
  // Where none was called for that: skipped/over-budget. Empty: every address may be called. Must
  // outlive the task of the call.
  std::function<Task<bool>(IpAddress)> admit;
};

// What a call learned of the domain beside the address; empty: it did not come to that.
struct DomainFinding {
  std::optional<bool> takes_null_sender;
  std::optional<bool> catch_all;
  std::optional<bool> reachable;
};

struct CallOutcome {
  Result result = Result::kTemperror;
  Reason reason = Reason::kConnect;
  std::vector<Evidence> evidence = {};  // DNS answers, and the replies that decided.
  DomainFinding domain = {};
  CallbackTally tally = {};
  std::vector<CallbackLine> dialogue = {};
};

// Finds the servers of `domain` (MX by preference, the addresses of one in an order of their own,
// else its A and AAAA; a null MX takes no mail) and calls one after the other until one gives a
// final answer. `mailbox` is the sender's address without brackets, at `domain`. Never sends DATA.
// Ends at `deadline` at the latest, with temperror/timeout. Destroying the task closes what is
// open. The references must outlive the task.
[[nodiscard]] Task<CallOutcome> Call(Loop& loop, SessionDns& dns, std::string mailbox,
                                     DnsName domain, const CallOptions& options,
                                     Loop::TimePoint deadline);

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_CALL_H_
