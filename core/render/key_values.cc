#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"
#include "render/identity.h"
#include "render/pairs.h"
#include "render/source.h"

namespace helovet {
namespace {

// RFC 5321 §4.2.3: what the MTA answers by itself where the verdict has no reply.
constexpr std::string_view kCodeWithoutReply = "250";
constexpr std::size_t kCodeDigits = 3;  // RFC 5321 §4.2
// More than usual, so that the text seldom grows.
constexpr std::size_t kOctetsBesideHeader = 3072;

// In the order of CheckId.
constexpr auto kCheckKeys = std::to_array<CheckKeys>({
    {"helo=", "helo_reason=", "helo"},
    {"csa=", "csa_reason=", "csa"},
    {"forward=", "forward_reason=", "forward"},
    {"iprev=", "iprev_reason=", "iprev"},
    {"reverse_match=", "reverse_match_reason=", "reverse_match"},
    {"well_known=", "well_known_reason=", "well_known"},
    {"dna=", "dna_reason=", "dna"},
    {"vbr=", "vbr_reason=", "vbr"},
    {"local_list=", "local_list_reason=", "local_list"},
    {"address_list=", "address_list_reason=", "address_list"},
    {"name_list=", "name_list_reason=", "name_list"},
    {"dmp=", "dmp_reason=", "dmp"},
    {"drip=", "drip_reason=", "drip"},
    {"rmx=", "rmx_reason=", "rmx"},
    {"spf_helo=", "spf_helo_reason=", "spf_helo"},
    {"spf=", "spf_reason=", "spf"},
    {"cbv=", "cbv_reason=", "cbv"},
    {"exempt=", "exempt_reason=", "exempt"},
    {"configuration=", "configuration_reason=", "configuration"},
});
static_assert(kCheckKeys.size() == static_cast<std::size_t>(CheckId::kConfiguration) + 1);

void AppendCheck(std::string& out, const CheckResult& check) {
  const CheckKeys& keys = KeysOf(check.check);
  const auto about = [&](std::string_view what) -> std::string& {
    return AppendKey(out, keys.name) += what;
  };
  AppendKey(out, keys.result) += ToString(check.result);
  AppendKey(out, keys.reason) += ToString(check.reason);
  if (!check.authority.empty()) AppendExtractText(about("_authority="), check.authority, kNoLimit);
  if (check.rating) about("_rating=") += ToString(*check.rating);
  if (!check.contact.empty()) AppendExtractText(about("_contact="), check.contact, kNoLimit);
  if (HasIdentity(check.check)) about("_identity=") += ToString(check.identity);
  if (!check.explanation.empty()) {
    AppendExtractText(about("_explanation="), check.explanation, kMaxExplanationOctets);
  }
  if (check.check == CheckId::kCbv) about("_remembered=") += YesOrNo(check.remembered);
}

}  // namespace

const CheckKeys& KeysOf(CheckId check) { return kCheckKeys[static_cast<std::size_t>(check)]; }

std::string RenderKeyValues(const Verdict& verdict, const Config& config, std::string_view error) {
  const std::string reply = RenderReply(verdict, config);
  const std::string header = HeaderText(verdict, config);
  std::string out;
  out.reserve(kOctetsBesideHeader + header.size());
  AppendKey(out, "action=") += ToString(verdict.action);
  AppendKey(out, "trust=") += ToString(verdict.trust);
  AppendKey(out, "decided_by=") += ToString(verdict.decided_by.check);
  AppendKey(out, "decided_reason=") += ToString(verdict.decided_by.reason);
  AppendKey(out, "code=") +=
      reply.empty() ? kCodeWithoutReply : std::string_view(reply).substr(0, kCodeDigits);
  AppendExtractValue(AppendKey(out, "reply="), reply);
  AppendExtractValue(AppendKey(out, "header="), header);
  AppendKey(out, "authenticated=") += YesOrNo(verdict.authenticated());
  AppendKey(out, "skip_address_blocklists=") += YesOrNo(verdict.skip_address_blocklists);
  AppendKey(out, "standard=") += ToString(verdict.shadow.standard);
  AppendKey(out, "strict=") += ToString(verdict.shadow.strict);
  AppendExtractValue(AppendKey(out, "ip="), verdict.session.client.ToString());
  AppendExtractText(AppendKey(out, "helo_name="), verdict.session.helo, kNoLimit);
  for (const CheckResult& check : verdict.checks) {
    if (IsTold(check)) AppendCheck(out, check);
  }
  AppendExtractValue(AppendKey(out, "log="), RenderLogLine(verdict));
  if (!error.empty()) AppendExtractValue(AppendKey(out, "error="), error);
  return out;
}

}  // namespace helovet
