// What the checks' results add up to, and the action a profile makes of it (docs/rules.md §10).
#ifndef HELOVET_CORE_POLICY_POLICY_H_
#define HELOVET_CORE_POLICY_POLICY_H_

#include <optional>
#include <span>
#include <string_view>

#include "helovet/config.h"
#include "helovet/result.h"
#include "helovet/session.h"
#include "helovet/verdict.h"
#include "policy/series.h"

namespace helovet {

// Why `session` is exempt from every check by its own state or the settings (docs/rules.md §1), or
// empty. The local lists can exempt it, too; the engine asks them.
[[nodiscard]] std::optional<Reason> Exemption(const Session& session, const Config& config);

// The profile for mail to an address of `recipient_domain`, in lower case; empty: for no recipient
// in particular.
[[nodiscard]] Profile ProfileFor(const Config& config,
                                 std::optional<std::string_view> recipient_domain);

// Is the client the host it names (docs/rules.md §5)? `iprev_confirms_helo`: a confirmed PTR name
// is the HELO name.
[[nodiscard]] NameProof ProveName(std::span<const CheckResult> checks, bool iprev_confirms_helo,
                                  const Config& config);

// The client has a name that its domain authorises and others accredit, so that lists of addresses
// do not matter (docs/rules.md §10).
[[nodiscard]] bool SkipsAddressLists(std::span<const CheckResult> checks, NameProof proof,
                                     const Config& config);

// A denial of the local lists settles all, so that no other check need run: `action`, which came of
// it, does not change with the results of others. Overrides can ignore it, or be more severe for
// another result.
[[nodiscard]] bool DenialDecides(Action action, const Config& config);

struct Judgement {
  Trust trust = Trust::kUnknown;
  Action action = Action::kAccept;
  Decision decided_by = {CheckId::kExempt, Reason::kNetwork};
  bool overridden = false;
  bool skip_address_blocklists = false;
  ShadowActions shadow = {};
};

// Pure. Temporary failures never give low trust and never reject. `profile` is the one that acts;
// `config` has the overrides, the profile custom and the dialect of csa. `in_doubt`: the
// checks of designated senders that would not have run, had what failed for now passed.
[[nodiscard]] Judgement Judge(std::span<const CheckResult> checks, NameProof proof,
                              const Config& config, Profile profile, CheckSet in_doubt = {});

}  // namespace helovet

#endif  // HELOVET_CORE_POLICY_POLICY_H_
