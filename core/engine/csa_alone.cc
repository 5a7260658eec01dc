// csa and nothing else, for hosts that ask for its result alone.
#include <chrono>
#include <optional>
#include <utility>

#include "checks/csa.h"
#include "checks/dsar.h"
#include "checks/helo.h"
#include "checks/hnaa.h"
#include "dns/session_dns.h"
#include "engine/engine_store.h"
#include "engine/judgement.h"
#include "engine/running_validation.h"
#include "helovet/engine.h"
#include "loop/task.h"

namespace helovet {
namespace {

struct Ended {};

// A resolver close by that has the record has given it by then, and no more need be asked; of any
// other all is asked at once then. Ours: less than a resolver takes to ask somebody else.
constexpr std::chrono::milliseconds kAtHand{1};

// The client's own names are asked for only where they can change the result.
Task<Ended> AskCsa(const HeloFinding& helo, const IpAddress& client, const Config::Csa& settings,
                   SessionDns& dns, CheckResult& result) {
  CsaFinding csa = co_await CheckCsa(helo, client, settings, dns);
  bool confirmed = false;
  if (csa.authorizes_elsewhere) {
    const IprevFinding iprev = co_await CheckIprev(helo, client, dns);
    confirmed = iprev.confirms_helo;
  }
  result = RaiseByIprev(std::move(csa), confirmed);
  co_return Ended();
}

Task<Ended> AskDsar(const DnsName& name, SessionDns& dns, CheckResult& result) {
  result = co_await CheckDsar(name, kDsarMailRole, kDsarMailApplication, dns);
  co_return Ended();
}

}  // namespace

Verdict Engine::ValidateCsaAndWait(Session session) {
  RefreshLists();
  const HeloFinding helo = CheckHelo(session, *config_);
  if (VerdictAtOnce(session, helo, *config_, *lists_)) {
    return ValidateAndWait(std::move(session));
  }
  CheckResult csa = {.check = CheckId::kCsa, .result = Result::kNone, .reason = Reason::kNoName};
  {
    SessionDns dns(loop_, *dns_, loop_.Now() + config_->deadline, trail_);
    std::optional<Task<Ended>> root;
    Loop::Handle not_at_hand;
    if (!FollowsDsar(*config_)) {
      not_at_hand = loop_.CallAt(loop_.Now() + kAtHand,
                                 [&] { PrefetchCsa(helo, session.client, config_->csa, dns); });
      root.emplace(AskCsa(helo, session.client, config_->csa, dns, csa));
    } else if (helo.name) {
      root.emplace(AskDsar(*helo.name, dns, csa));
    }
    if (root) root->Start();
    loop_.RunUntil([&root] { return !root || root->done(); });
  }
  Verdict verdict{.session = std::move(session)};
  verdict.decided_by = {CheckId::kCsa, csa.reason};
  Put(helo.result, verdict.checks);
  Put(std::move(csa), verdict.checks);
  store_->CountSession(verdict);
  return verdict;
}

}  // namespace helovet
