#include "arguments.h"

#include <utility>

#include "helovet/render.h"

namespace helovet {
namespace {

// Enough to recognise an argument in a message without letting a client fill the log.
constexpr std::size_t kMaxQuotedOctets = 80;

std::string Quoted(std::string_view argument) {
  const bool cut = argument.size() > kMaxQuotedOctets;
  return "'" + EscapeForLog(argument.substr(0, kMaxQuotedOctets)) + (cut ? "...'" : "'");
}

std::optional<Profile> ParseProfile(std::string_view name) {
  for (const Profile profile :
       {Profile::kObserve, Profile::kStandard, Profile::kStrict, Profile::kCustom}) {
    if (ToString(profile) == name) return profile;
  }
  return std::nullopt;
}

constexpr std::string_view kYesOrNo = "must be yes, no or empty";

// The setters say what is wrong, or nothing.
std::string SetConfig(std::string_view value, Request& request) {
  request.options.config = value;
  return {};
}

std::string SetServerName(std::string_view value, Request& request) {
  request.options.server_name = value;
  return {};
}

std::string SetAuthservId(std::string_view value, Request& request) {
  request.options.authserv_id = value;
  return {};
}

std::string SetProfile(std::string_view value, Request& request) {
  request.options.profile = ParseProfile(value);
  return request.options.profile ? "" : "must be observe, standard, strict or custom";
}

std::string SetRecipient(std::string_view value, Request& request) {
  request.session.recipient = value;
  return {};
}

std::string SetSmtputf8(std::string_view value, Request& request) {
  if (value != "yes" && value != "no") return std::string(kYesOrNo);
  request.session.smtputf8 = value == "yes";
  return {};
}

std::string SetAuthenticated(std::string_view value, Request& request) {
  if (value != "yes" && value != "no") return std::string(kYesOrNo);
  if (value == "yes") request.session.authenticated = true;
  return {};
}

struct OptionKey {
  std::string_view key;  // With its '='.
  std::string (*set)(std::string_view value, Request& request);
};

constexpr OptionKey kOptionKeys[] = {
    {"config=", SetConfig},
    {"server_name=", SetServerName},
    {"profile=", SetProfile},
    {"authserv_id=", SetAuthservId},
    {"recipient=", SetRecipient},
    {"smtputf8=", SetSmtputf8},
    {"authenticated=", SetAuthenticated},
};

std::string SetOption(std::string_view argument, Request& request) {
  for (const OptionKey& option : kOptionKeys) {
    if (!argument.starts_with(option.key)) continue;
    const std::string_view value = argument.substr(option.key.size());
    if (value.empty()) return {};
    const std::string mistake = option.set(value, request);
    return mistake.empty() ? "" : "option " + Quoted(argument) + " " + mistake;
  }
  return "unknown option " + Quoted(argument);
}

void SetOptions(Arguments arguments, Request& request) {
  for (const std::string_view argument : arguments) {
    std::string mistake = SetOption(argument, request);
    if (request.options.error.empty()) request.options.error = std::move(mistake);
  }
}

bool IsMailFrom(std::string_view argument) {
  return argument.find('@') != std::string_view::npos ||
         argument.find('=') == std::string_view::npos;
}

IpAddress ThisHost() { return IpAddress::FromV4({127, 0, 0, 1}); }

}  // namespace

tl::expected<Request, std::string> ParseRequest(Arguments arguments, MailFrom mail_from) {
  if (arguments.size() < 2) {
    return tl::unexpected(std::string("needs the client's address and its HELO name"));
  }
  const bool local = arguments[0].empty();
  // A message submitted on this host comes from it.
  const std::optional<IpAddress> client = local ? ThisHost() : IpAddress::Parse(arguments[0]);
  if (!client) return tl::unexpected("not an IP address: " + Quoted(arguments[0]));

  Request request{.session = {.client = *client, .helo = std::string(arguments[1])}, .options = {}};
  request.session.authenticated = local;
  Arguments rest = arguments.subspan(2);
  if (mail_from == MailFrom::kTaken && !rest.empty() && IsMailFrom(rest[0])) {
    request.session.mail_from = std::string(rest[0]);
    rest = rest.subspan(1);
  }
  SetOptions(rest, request);
  return request;
}

Options ParseOptions(Arguments arguments) {
  Request request{.session = {.client = ThisHost(), .helo = {}}, .options = {}};
  SetOptions(arguments, request);
  return std::move(request.options);
}

}  // namespace helovet
