#include "engine/sender_series.h"

#include <chrono>
#include <utility>

#include "checks/dmp.h"
#include "checks/drip.h"
#include "checks/rmx.h"

namespace helovet {
namespace {

SpfContext ContextOf(const Session& session, const Config& config) {
  SpfContext context;
  context.helo = session.helo;
  if (config.our_names && !config.our_names->empty()) context.receiver = config.our_names->front();
  context.now = std::chrono::system_clock::now();
  return context;
}

}  // namespace

bool SenderSeries::Asks(SeriesOf series, const Config& config) {
  return series != SeriesOf::kNullSender && !ChecksOf(series, config).empty();
}

SenderSeries::SenderSeries(Loop& loop, Dns& dns, const Config& config, SeriesOf series,
                           const Session& session, const HeloFinding& helo,
                           Loop::TimePoint deadline, Trail trail)
    : config_(config),
      series_(series),
      session_(session),
      helo_(helo),
      sender_(series == SeriesOf::kName ? SenderIdentity() : IdentifySender(session.mail_from)),
      checks_(ChecksOf(series, config)),
      dns_(loop, dns, deadline, trail) {
  for (const CheckId check : checks_) Prefetch(check);
}

void SenderSeries::Start(absl::AnyInvocable<void()> done) {
  done_ = std::move(done);
  dns_.WhenAnswered([this] {
    running_.emplace(Run());
    running_->Start();
  });
}

void SenderSeries::Prefetch(CheckId check) {
  switch (check) {
    case CheckId::kDmp:
      return PrefetchDmp(helo_, sender_, session_.client, config_.dmp, dns_);
    case CheckId::kDrip:
      return PrefetchDrip(helo_, session_.client, dns_);
    case CheckId::kRmx:
      return PrefetchRmx(sender_, dns_);
    case CheckId::kSpfHelo:
      return PrefetchSpfHelo(helo_, dns_);
    default:
      return PrefetchSpf(sender_, dns_);
  }
}

Task<CheckResult> SenderSeries::Check(CheckId check, const SpfContext& spf_context) {
  switch (check) {
    case CheckId::kDmp:
      return CheckDmp(helo_, sender_, session_.client, config_.dmp, dns_);
    case CheckId::kDrip:
      return CheckDrip(helo_, session_.client, dns_);
    case CheckId::kRmx:
      return CheckRmx(sender_, session_.client, dns_);
    case CheckId::kSpfHelo:
      return CheckSpfHelo(helo_, session_.client, spf_context, config_.spf, dns_);
    default:
      return CheckSpf(helo_, sender_, session_.client, spf_context, config_.spf, dns_);
  }
}

// One after the other: what a later check would ask beyond its first questions may never be needed.
Task<SenderSeries::Ended> SenderSeries::Run() {
  const SpfContext spf_context = ContextOf(session_, config_);
  for (const CheckId check : checks_) {
    CheckResult result = co_await Check(check, spf_context);
    if (check == CheckId::kRmx || check == CheckId::kSpf) result.identity = Identity::kMailFrom;
    finding_.checks.push_back(std::move(result));
    if (EndsSeries(series_, finding_.checks.back())) break;
  }
  finding_.holds_until = dns_.holds_until();
  finding_.exchanges = dns_.TakeExchanges();
  done_();
  co_return Ended();
}

}  // namespace helovet
