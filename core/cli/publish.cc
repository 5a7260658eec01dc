// helovet publish: the records of a sending domain (BCP, "Managing sending SMTP clients").
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "command.h"
#include "dns_options.h"
#include "helovet/publication.h"
#include "helovet/render.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

constexpr std::string_view kExample =
    "Example:\n"
    "  helovet publish --host mail.example.com=192.0.2.1,2001:db8::1 \\\n"
    "    --no-mail www.example.com --explicit example.com --spf example.com\n"
    "prints lines to put into the zone example.com. With --apex example.com and\n"
    "--ns they are a whole zone, which \"helovet check --zone\" takes.";

struct PublishOptions {
  std::vector<std::string> hosts;
  std::vector<std::string> nameservers;
  std::optional<std::string> apex;
  std::optional<std::string> serial;  // None: of the day.
  std::optional<std::string> ttl;
  PublicationPlan plan;
  bool json = false;

  void AddTo(CLI::App& command);
  void AddZoneTo(CLI::App& command);
};

// One value a time, so that nothing that follows is taken for a second one.
void AddNames(CLI::App& command, const std::string& option, std::vector<std::string>& names,
              const std::string& type, const std::string& what) {
  command.add_option(option, names, what + " (may be repeated)")
      ->type_name(type)
      ->allow_extra_args(false);
}

void PublishOptions::AddTo(CLI::App& command) {
  AddNames(command, "--host", hosts, "NAME=ADDRESS[,ADDRESS...]",
           "A host that sends mail, by the name that it says in HELO, and its addresses");
  AddNames(command, "--no-mail", plan.no_mail, "NAME", "A name that no host says in HELO");
  AddNames(command, "--explicit", plan.explicit_domains, "DOMAIN",
           "Names below this domain send mail only where they have a record");
  AddNames(command, "--accreditor", plan.accreditors, "NAME",
           "Who vouches for the hosts; six of them are asked at most");
  AddNames(command, "--spf", plan.spf, "DOMAIN",
           "Mail from addresses in this domain comes from the hosts alone: SPF");
  AddNames(command, "--dmp", plan.dmp, "DOMAIN", "The same as records of DMP");
  AddNames(command, "--drip", plan.drip, "NAME",
           "At and below this name the hosts alone are relays: DRIP");
  command.add_flag("--reverse", plan.reverse,
                   "The zones of the addresses are ours, too: print PTR records, which are "
                   "comments otherwise");
  command.add_option("--ttl", ttl, "Of every record (default 1h)")->type_name("PERIOD");
  AddZoneTo(command);
  command.add_flag("--json", json, "Write one JSON object");
  command.footer(std::string(kExample));
}

void PublishOptions::AddZoneTo(CLI::App& command) {
  command.add_option("--apex", apex, "Print this whole zone: $ORIGIN, $TTL, SOA, NS")
      ->type_name("ZONE");
  AddNames(command, "--ns", nameservers, "NAME[=ADDRESS,...]",
           "For --apex: a server of the zone; with addresses if it is in the zone");
  command.add_option("--serial", serial, "For --apex: of the SOA record (default YYYYMMDD01)")
      ->type_name("NUMBER");
}

// "YYYYMMDD01", UTC: RFC 1912 §2.2.
std::uint32_t SerialOfToday() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day date(today);
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  return ((year * 100 + static_cast<unsigned>(date.month())) * 100 +
          static_cast<unsigned>(date.day())) *
             100 +
         1;
}

// "NAME=ADDRESS,ADDRESS".
PlannedHost HostOf(std::string_view text) {
  const std::size_t sign = text.find('=');
  PlannedHost host = {.name = std::string(text.substr(0, sign))};
  if (sign == std::string_view::npos) return host;
  std::string_view rest = text.substr(sign + 1);
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    host.addresses.emplace_back(rest.substr(0, comma));
    if (more) rest.remove_prefix(comma + 1);
  }
  return host;
}

// The number in `text`, or `otherwise` where there is no text.
tl::expected<std::uint32_t, std::string> NumberOf(const std::string& option,
                                                  const std::optional<std::string>& text,
                                                  std::uint32_t otherwise) {
  if (!text) return otherwise;
  std::uint32_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc() && rest == end) return number;
  return NotA(option, *text, "a number from 0 to 4294967295");
}

tl::expected<std::optional<PublicationPlan::Zone>, std::string> ZoneOf(
    const PublishOptions& options) {
  if (!options.apex) {
    if (options.nameservers.empty() && !options.serial) return std::nullopt;
    return tl::make_unexpected("--ns and --serial need --apex");
  }
  const auto serial = NumberOf("--serial", options.serial, SerialOfToday());
  if (!serial) return tl::make_unexpected(serial.error());
  PublicationPlan::Zone zone = {.apex = *options.apex, .serial = *serial};
  for (const std::string& text : options.nameservers) zone.nameservers.push_back(HostOf(text));
  return zone;
}

tl::expected<PublicationPlan, std::string> PlanOf(const PublishOptions& options) {
  PublicationPlan plan = options.plan;
  for (const std::string& text : options.hosts) {
    plan.hosts.push_back(HostOf(text));
    if (plan.hosts.back().addresses.empty()) {
      return NotA("--host", text, "NAME=ADDRESS[,ADDRESS...]");
    }
  }
  if (options.ttl) {
    const std::optional<std::uint32_t> ttl = ParseTtl(*options.ttl);
    if (!ttl) return NotA("--ttl", *options.ttl, "a period such as \"3600\" or \"1h\"");
    plan.ttl = *ttl;
  }
  auto zone = ZoneOf(options);
  if (!zone) return tl::make_unexpected(zone.error());
  plan.zone = *std::move(zone);
  return plan;
}

std::string_view OptionOf(PlanPart part) {
  switch (part) {
    case PlanPart::kHosts:
      return "--host";
    case PlanPart::kNoMail:
      return "--no-mail";
    case PlanPart::kExplicit:
      return "--explicit";
    case PlanPart::kAccreditors:
      return "--accreditor";
    case PlanPart::kDmp:
      return "--dmp";
    case PlanPart::kSpf:
      return "--spf";
    case PlanPart::kDrip:
      return "--drip";
    case PlanPart::kTtl:
      return "--ttl";
    case PlanPart::kApex:
      return "--apex";
    case PlanPart::kNameservers:
      return "--ns";
    case PlanPart::kWhole:
      break;
  }
  return "publish";
}

std::string TextOf(const PlanRemark& remark) {
  const std::string text = std::string(OptionOf(remark.part)) + ": ";
  if (remark.part == PlanPart::kWhole) return text + remark.message + "; see --host and --no-mail";
  return text + '"' + EscapeForLog(remark.value) + "\" " + remark.message;
}

// Beside the answer, which is to be used all the same.
void Warn(const PlanRemark& remark) {
  std::fputs(("helovet: warning: " + TextOf(remark) + '\n').c_str(), stderr);
}

int Run(const PublishOptions& options) {
  const tl::expected<PublicationPlan, std::string> plan = PlanOf(options);
  if (!plan) return Refuse(plan.error());
  const tl::expected<Publication, PlanRemark> publication = MakePublication(*plan);
  if (!publication) return Refuse(TextOf(publication.error()));
  if (options.json) return Print(RenderPublicationJson(*publication) + "\n");
  for (const PlanRemark& warning : publication->warnings) Warn(warning);
  return Print(RenderZone(*publication));
}

}  // namespace

Command MakePublishCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("publish", "Print the records that a sending domain publishes");
  const auto options = std::make_shared<PublishOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
