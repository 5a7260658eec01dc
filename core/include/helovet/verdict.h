// What the checks add up to, and what the administrator's policy makes of it.
#ifndef HELOVET_VERDICT_H_
#define HELOVET_VERDICT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/result.h"
#include "helovet/session.h"

namespace helovet {

// CSV-02 §1: authenticated, authorised and accredited is high; evidence against is low.
enum class Trust : std::uint8_t { kLow, kUnknown, kHigh };
[[nodiscard]] std::string_view ToString(Trust trust);

// From mild to severe.
enum class Action : std::uint8_t { kAccept, kTag, kDefer, kReject };
[[nodiscard]] std::string_view ToString(Action action);

// How trust becomes an action.
enum class Profile : std::uint8_t {
  kObserve,   // tag everything, refuse nothing
  kStandard,  // low: reject; unknown: tag; high: accept
  kStrict,    // only high is accepted
  kCustom,    // as Config::Custom says
};
[[nodiscard]] std::string_view ToString(Profile profile);

// The check whose result settled the trust.
struct Decision {
  CheckId check;
  Reason reason;
  friend bool operator==(const Decision&, const Decision&) = default;
};

// One DNS question of a validation and what came of it, for `helovet explain`. With
// Trail::kOutcomes the name, the server and the records are left out.
struct Exchange {
  std::string name = {};
  std::string type = {};
  std::string outcome = {};  // DnsOutcome's token, or "unanswered": no check waited for it.
  std::string server = {};   // "127.0.0.1:53", or the zone file; empty: none was asked.
  bool ad = false;
  bool cached = false;    // Answered from memory; `server` once gave that answer.
  std::uint32_t ttl = 0;  // Seconds; the least of the records', or the negative TTL.
  std::vector<std::string> records = {};  // Presentation form, with owner, TTL and type.
  std::chrono::microseconds took{0};      // From question to answer.
};

// What other profiles would have made of the same results; equal to the action for exempt sessions.
struct ShadowActions {
  Action standard = Action::kAccept;
  Action strict = Action::kAccept;
};

// Is the client the host it names? kUndetermined: DNS gave no usable answer for now.
enum class NameProof : std::uint8_t { kNotProven, kUndetermined, kProven };

struct Verdict {
  Session session;
  Trust trust = Trust::kUnknown;
  Action action = Action::kAccept;
  // What settled the action: the check behind the trust, or an override that is more severe.
  Decision decided_by = {CheckId::kExempt, Reason::kNetwork};
  // The profile that made the action; of no meaning where no check ran.
  Profile profile = Profile::kObserve;
  bool overridden = false;  // An override has made the action more severe than the profile did.
  // core/policy/policy.cc has the rule; "authenticated" means kProven.
  NameProof name_proof = NameProof::kNotProven;
  // High trust makes further lookups of the client in address blocklists unnecessary (CSV-02 §1;
  // the host may act on it). Never set under the profile observe.
  bool skip_address_blocklists = false;
  ShadowActions shadow = {};
  // In the order of CheckId, each check once; empty for an exempt session.
  std::vector<CheckResult> checks = {};
  // Those of the session's name first, then those of MAIL FROM and of a callback; of each in the
  // order in which the questions were asked.
  std::vector<Exchange> exchanges = {};
  // Of a verdict on a message: that on its session's name alone, from which the next message goes
  // on. Null: this is one itself, or no check of the name has run.
  std::shared_ptr<const Verdict> on_name = nullptr;
  // Of a verdict on a name: which of its engine's findings it is, so that a verdict on a message
  // that was remembered with the same one goes with it. 0: the engine remembers none.
  std::uint64_t name_finding = 0;

  // The result of `check`, or null when it did not run. Valid as long as the verdict is unchanged.
  [[nodiscard]] const CheckResult* Find(CheckId check) const;

  [[nodiscard]] bool authenticated() const { return name_proof == NameProof::kProven; }
};

}  // namespace helovet

#endif  // HELOVET_VERDICT_H_
