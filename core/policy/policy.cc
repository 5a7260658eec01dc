#include "policy/policy.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace helovet {
namespace {

constexpr std::size_t kCheckCount = static_cast<std::size_t>(CheckId::kConfiguration) + 1;

// Everything that DSAR-00 §4.1 takes away from a session whose name does not hold, dmp and spf only
// where they speak of it.
constexpr auto kChecksOfTheName = std::to_array<CheckId>(
    {CheckId::kHelo, CheckId::kCsa, CheckId::kForward, CheckId::kReverseMatch, CheckId::kWellKnown,
     CheckId::kDna, CheckId::kVbr, CheckId::kNameList, CheckId::kDmp, CheckId::kDrip,
     CheckId::kSpfHelo, CheckId::kSpf});
// In the order in which they are named as what decided.
constexpr auto kChecksThatDeny = std::to_array<CheckId>(
    {CheckId::kHelo, CheckId::kCsa, CheckId::kLocalList, CheckId::kDmp, CheckId::kDrip,
     CheckId::kSpfHelo, CheckId::kSpf, CheckId::kDna, CheckId::kNameList, CheckId::kAddressList});
constexpr auto kChecksThatAccreditNames =
    std::to_array<CheckId>({CheckId::kDna, CheckId::kVbr, CheckId::kLocalList, CheckId::kNameList});

// The results by check; kSkipped for one that did not run.
class Results {
 public:
  explicit Results(std::span<const CheckResult> checks) {
    results_.fill(Result::kSkipped);
    reasons_.fill(Reason::kNoName);
    for (const CheckResult& check : checks) {
      results_[Index(check.check)] = check.result;
      reasons_[Index(check.check)] = check.reason;
      of_sender_[Index(check.check)] = check.identity == Identity::kMailFrom;
    }
  }

  [[nodiscard]] Result Of(CheckId check) const { return results_[Index(check)]; }
  [[nodiscard]] Reason ReasonOf(CheckId check) const { return reasons_[Index(check)]; }
  [[nodiscard]] Decision DecisionOf(CheckId check) const { return {check, ReasonOf(check)}; }
  [[nodiscard]] bool Passes(CheckId check) const { return Of(check) == Result::kPass; }
  [[nodiscard]] bool FailsForNow(CheckId check) const { return Of(check) == Result::kTemperror; }
  [[nodiscard]] bool IsOfSender(CheckId check) const { return of_sender_[Index(check)]; }
  void Forget(CheckId check) { results_[Index(check)] = Result::kSkipped; }
  void Pass(CheckId check) { results_[Index(check)] = Result::kPass; }

 private:
  static std::size_t Index(CheckId check) { return static_cast<std::size_t>(check); }

  std::array<Result, kCheckCount> results_{};
  std::array<Reason, kCheckCount> reasons_{};
  std::array<bool, kCheckCount> of_sender_{};
};

// As they stand in the series, dmp, drip and spf-helo prove the HELO name (docs/rules.md §5).
constexpr auto kChecksThatProve =
    std::to_array<CheckId>({CheckId::kDmp, CheckId::kDrip, CheckId::kSpfHelo});
// What designates hosts for the domain of MAIL FROM.
constexpr auto kChecksOfTheSender =
    std::to_array<CheckId>({CheckId::kDmp, CheckId::kRmx, CheckId::kSpf});

struct Assessment {
  Trust trust;
  Decision decided_by;
  // What lacks for more trust could not be found out for now.
  bool for_now = false;
};

bool SpeaksForItself(const Results& results, NameProof proof) {
  return results.Passes(CheckId::kCsa) && proof == NameProof::kProven;
}

bool AccreditedByName(const Results& results) {
  return std::ranges::any_of(kChecksThatAccreditNames,
                             [&](CheckId check) { return results.Passes(check); });
}

// Where csa hangs on iprev, what failed for now may be one of the HELO name's own addresses, which
// forward asked for too, while iprev has passed by another name.
bool CsaFailsForNow(const Results& results) {
  if (results.FailsForNow(CheckId::kCsa)) return true;
  if (results.Of(CheckId::kCsa) != Result::kNeutral) return false;  // It may be ignored.
  if (results.ReasonOf(CheckId::kCsa) != Reason::kTargetIgnored) return false;
  return results.FailsForNow(CheckId::kIprev) ||
         (results.Passes(CheckId::kIprev) && results.FailsForNow(CheckId::kForward));
}

// Which check would have to find something for the name to be accredited.
CheckId MissingAccreditation(const Results& results) {
  for (const CheckId check : kChecksThatAccreditNames) {
    if (results.FailsForNow(check)) return check;
  }
  if (results.FailsForNow(CheckId::kAddressList)) return CheckId::kAddressList;
  for (const CheckId check : kChecksThatAccreditNames) {
    if (results.Of(check) != Result::kSkipped) return check;
  }
  return CheckId::kLocalList;
}

// What stands between the client and high trust.
Assessment Missing(const Results& results, NameProof proof) {
  if (!results.Passes(CheckId::kHelo) && results.Of(CheckId::kHelo) != Result::kSkipped) {
    return {Trust::kUnknown, results.DecisionOf(CheckId::kHelo)};
  }
  if (!results.Passes(CheckId::kCsa)) {
    return {Trust::kUnknown, results.DecisionOf(CheckId::kCsa), CsaFailsForNow(results)};
  }
  if (proof != NameProof::kProven) {
    return {Trust::kUnknown, results.DecisionOf(CheckId::kForward),
            proof == NameProof::kUndetermined};
  }
  const CheckId check = MissingAccreditation(results);
  return {Trust::kUnknown, results.DecisionOf(check), results.FailsForNow(check)};
}

Assessment AssessAll(const Results& results, NameProof proof) {
  for (const CheckId check : kChecksThatDeny) {
    if (results.Of(check) == Result::kFail) return {Trust::kLow, results.DecisionOf(check)};
  }
  if (SpeaksForItself(results, proof)) {
    for (const CheckId check : kChecksThatAccreditNames) {
      if (results.Passes(check)) return {Trust::kHigh, results.DecisionOf(check)};
    }
    if (results.Passes(CheckId::kAddressList)) {
      return {Trust::kHigh, results.DecisionOf(CheckId::kAddressList)};
    }
  }
  return Missing(results, proof);
}

Assessment Assess(const Results& results, NameProof proof, const Config& config) {
  if (config.csa.dialect != Config::CsaDialect::kDsar00 || SpeaksForItself(results, proof)) {
    return AssessAll(results, proof);
  }
  // DSAR-00 §4.1: as if the client had given no name, which is no offence of its own there.
  Results nameless = results;
  for (const CheckId check : kChecksOfTheName) {
    if (!results.IsOfSender(check)) nameless.Forget(check);
  }
  const Assessment assessment = AssessAll(nameless, NameProof::kNotProven);
  return assessment.trust == Trust::kLow ? assessment : Missing(results, proof);
}

Action CustomAction(const Config::Custom& custom, Trust trust) {
  switch (trust) {
    case Trust::kLow:
      return custom.low;
    case Trust::kUnknown:
      return custom.unknown;
    case Trust::kHigh:
      return custom.high;
  }
  return Action::kTag;
}

Action ProfileAction(const Config& config, Profile profile, Trust trust) {
  switch (profile) {
    case Profile::kObserve:
      return Action::kTag;
    case Profile::kStandard:
      return CustomAction({.low = Action::kReject,
                           .unknown = Action::kTag,
                           .high = Action::kAccept,
                           .skip_address_blocklists = true},
                          trust);
    case Profile::kStrict:
      return trust == Trust::kHigh ? Action::kAccept : Action::kReject;
    case Profile::kCustom:
      return CustomAction(config.custom, trust);
  }
  return Action::kTag;
}

struct Ruling {
  Action action;
  Decision decided_by;
  bool overridden = false;  // An override is more severe than the profile.
};

Action ActionOf(OverrideAction action) {
  switch (action) {
    case OverrideAction::kIgnore:
      return Action::kAccept;
    case OverrideAction::kTag:
      return Action::kTag;
    case OverrideAction::kDefer:
      return Action::kDefer;
    case OverrideAction::kReject:
      return Action::kReject;
  }
  return Action::kAccept;
}

// Without what the overrides ignore.
Results Counted(const Results& results, const Config& config) {
  Results counted = results;
  for (const Override& each : config.overrides) {
    if (each.action == OverrideAction::kIgnore && results.Of(each.check) == each.result) {
      counted.Forget(each.check);
    }
  }
  return counted;
}

bool SpeaksForItselfAndIsAccredited(const Results& results, NameProof proof) {
  return SpeaksForItself(results, proof) && AccreditedByName(results);
}

Ruling RuleByAnswers(const Results& results, NameProof proof, const Config& config,
                     Profile profile) {
  Results counted = Counted(results, config);
  if (SpeaksForItselfAndIsAccredited(counted, proof)) counted.Forget(CheckId::kAddressList);
  const Assessment assessment = Assess(counted, proof, config);
  Ruling ruling = {ProfileAction(config, profile, assessment.trust), assessment.decided_by};
  if (ruling.action == Action::kReject) {
    // What is ignored has failed for now all the same.
    const Assessment whole = Assess(results, proof, config);
    if (assessment.for_now || whole.for_now) {
      ruling = {Action::kDefer, assessment.for_now ? assessment.decided_by : whole.decided_by};
    }
  }
  // Of two that are equally severe, the trust's own reason tells more. What is ignored has no other
  // override.
  for (const Override& each : config.overrides) {
    const Action action = ActionOf(each.action);
    if (counted.Of(each.check) == each.result && action > ruling.action) {
      ruling = {action, counted.DecisionOf(each.check), true};
    }
  }
  return ruling;
}

NameProof AtBest(NameProof proof, const Results& results, const Config& config) {
  const bool csa_proves = config.csa.dialect == Config::CsaDialect::kCsa02;
  const bool open = proof == NameProof::kUndetermined || (csa_proves && CsaFailsForNow(results));
  return open ? NameProof::kProven : proof;
}

// What they could come to if everything that failed for now passed at a later try, with the proof
// that there is then. What a pass would have kept from running is not there.
Results AtBest(const Results& results, CheckSet in_doubt, NameProof best_proof,
               const Config& config) {
  Results best = results;
  if (CsaFailsForNow(results)) best.Pass(CheckId::kCsa);
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    const auto check = static_cast<CheckId>(i);
    if (in_doubt.Has(check)) {
      best.Forget(check);
    } else if (results.FailsForNow(check)) {
      best.Pass(check);
    }
  }
  // A callback is made only where nothing else has decided (docs/rules.md §12.1).
  const bool designated = std::ranges::any_of(kChecksOfTheSender, [&](CheckId check) {
    return results.IsOfSender(check) && results.FailsForNow(check) && best.Passes(check);
  });
  if (designated || Assess(best, best_proof, config).trust != Trust::kUnknown) {
    best.Forget(CheckId::kCbv);
  }
  return best;
}

// docs/rules.md §10: what a later try could let in is not rejected.
Ruling Rule(const Results& results, NameProof proof, const Config& config, Profile profile,
            CheckSet in_doubt) {
  Ruling ruling = RuleByAnswers(results, proof, config, profile);
  if (ruling.action != Action::kReject) return ruling;
  const NameProof best_proof = AtBest(proof, results, config);
  const Ruling best =
      RuleByAnswers(AtBest(results, in_doubt, best_proof, config), best_proof, config, profile);
  if (best.action != Action::kReject) ruling.action = Action::kDefer;
  return ruling;
}

}  // namespace

std::optional<Reason> Exemption(const Session& session, const Config& config) {
  if (session.authenticated) return Reason::kAuthenticatedSession;
  for (const IpNetwork& network : config.exempt.networks) {
    if (network.Contains(session.client)) return Reason::kNetwork;
  }
  return std::nullopt;
}

Profile ProfileFor(const Config& config, std::optional<std::string_view> recipient_domain) {
  if (!recipient_domain) return config.profile;
  const std::string_view domain = *recipient_domain;
  const bool alternate =
      std::ranges::any_of(config.alternate.domains, [domain](const std::string& entry) {
        return entry.starts_with('.') ? domain.ends_with(entry) : domain == entry;
      });
  return alternate ? config.alternate.profile : config.profile;
}

NameProof ProveName(std::span<const CheckResult> checks, bool iprev_confirms_helo,
                    const Config& config) {
  const Results results(checks);
  // A record of DSAR-00 says nothing of the host.
  const bool csa_proves = config.csa.dialect == Config::CsaDialect::kCsa02;
  const bool well_known = results.Passes(CheckId::kWellKnown);
  if ((csa_proves && results.Passes(CheckId::kCsa) &&
       results.ReasonOf(CheckId::kCsa) == Reason::kAuthorized) ||
      results.Passes(CheckId::kForward) || iprev_confirms_helo ||
      (well_known && results.Passes(CheckId::kReverseMatch)) ||
      std::ranges::any_of(kChecksThatProve, [&](CheckId check) {
        return results.Passes(check) && !results.IsOfSender(check);
      })) {
    return NameProof::kProven;
  }
  // Reverse DNS alone proves nothing (CSV-02 B.2), so without a name nothing is left open either.
  if (!results.Passes(CheckId::kHelo)) return NameProof::kNotProven;
  const bool open = (csa_proves && results.FailsForNow(CheckId::kCsa)) ||
                    results.FailsForNow(CheckId::kForward) ||
                    results.FailsForNow(CheckId::kIprev) ||
                    (well_known && results.FailsForNow(CheckId::kReverseMatch)) ||
                    std::ranges::any_of(kChecksThatProve, [&](CheckId check) {
                      return results.FailsForNow(check) && !results.IsOfSender(check);
                    });
  return open ? NameProof::kUndetermined : NameProof::kNotProven;
}

bool SkipsAddressLists(std::span<const CheckResult> checks, NameProof proof, const Config& config) {
  return SpeaksForItselfAndIsAccredited(Counted(Results(checks), config), proof);
}

bool DenialDecides(Action action, const Config& config) {
  return std::ranges::none_of(config.overrides, [action](const Override& each) {
    const bool ignores = each.action == OverrideAction::kIgnore;
    if (each.check == CheckId::kLocalList && each.result == Result::kFail && ignores) return true;
    return !ignores && ActionOf(each.action) > action;
  });
}

Judgement Judge(std::span<const CheckResult> checks, NameProof proof, const Config& config,
                Profile profile, CheckSet in_doubt) {
  const Results results(checks);
  const Assessment assessment = Assess(results, proof, config);
  const Ruling ruling = Rule(results, proof, config, profile, in_doubt);
  const bool turned_away = ruling.action >= Action::kDefer;
  // An ignored result still explains the trust where nobody is turned away.
  const bool ruling_explains = turned_away || ruling.overridden;
  const bool may_skip = profile != Profile::kObserve &&
                        (profile != Profile::kCustom || config.custom.skip_address_blocklists);
  return {.trust = assessment.trust,
          .action = ruling.action,
          .decided_by = ruling_explains ? ruling.decided_by : assessment.decided_by,
          .overridden = ruling.overridden,
          .skip_address_blocklists = assessment.trust == Trust::kHigh && may_skip && !turned_away,
          .shadow = {.standard = Rule(results, proof, config, Profile::kStandard, in_doubt).action,
                     .strict = Rule(results, proof, config, Profile::kStrict, in_doubt).action}};
}

}  // namespace helovet
