// In a file of its own: only the command asks about registrations.
#include "helovet/registration.h"

#include <optional>
#include <utility>

#include "base/host_name.h"
#include "checks/dsar.h"
#include "dns/session_dns.h"
#include "helovet/engine.h"
#include "loop/task.h"

namespace helovet {
namespace {

struct Ended {};

Task<Ended> Keep(Task<CheckResult> check, CheckResult& kept) {
  kept = co_await check;
  co_return Ended();
}

// `text` as a label to which an underscore comes, or empty.
std::optional<std::string> ServiceLabel(std::string_view text) {
  if (text.starts_with('_')) text.remove_prefix(1);
  if (!IsLdhLabel(text) || text.size() >= kMaxLabelOctets) return std::nullopt;
  return LowerCase(text);
}

std::optional<DnsName> DomainName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (FindBadLabel(text)) return std::nullopt;
  return DnsName::Parse(text);
}

}  // namespace

tl::expected<Registration, RegistrationPart> Engine::AskRegistrationAndWait(
    std::string_view role, std::string_view application, std::string_view name) {
  std::optional<std::string> role_label = ServiceLabel(role);
  if (!role_label) return tl::make_unexpected(RegistrationPart::kRole);
  std::optional<std::string> application_label = ServiceLabel(application);
  if (!application_label) return tl::make_unexpected(RegistrationPart::kApplication);
  const std::optional<DnsName> domain = DomainName(name);
  if (!domain) return tl::make_unexpected(RegistrationPart::kName);

  Registration registration = {.role = *std::move(role_label),
                               .application = *std::move(application_label),
                               .name = domain->ToString()};
  SessionDns dns(loop_, *dns_, loop_.Now() + config_->deadline);
  Task<Ended> root = Keep(CheckDsar(*domain, registration.role, registration.application, dns),
                          registration.check);
  root.Start();
  loop_.RunUntil([&root] { return root.done(); });
  return registration;
}

}  // namespace helovet
