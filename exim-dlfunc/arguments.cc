#include "arguments.h"

#include <utility>

#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kConfigKey = "config=";

// Enough to recognise an argument in a message without letting a client fill the log.
constexpr std::size_t kMaxQuotedOctets = 80;

std::string Quoted(std::string_view argument) {
  const bool cut = argument.size() > kMaxQuotedOctets;
  return "'" + EscapeForLog(argument.substr(0, kMaxQuotedOctets)) + (cut ? "...'" : "'");
}

std::optional<Profile> ParseProfile(std::string_view name) {
  for (const Profile profile : {Profile::kObserve, Profile::kStandard, Profile::kStrict}) {
    if (ToString(profile) == name) return profile;
  }
  return std::nullopt;
}

// The setters say what is wrong, or nothing.
std::string SetConfig(std::string_view value, Request& request) {
  request.options.config = value;
  return {};
}

std::string SetAuthservId(std::string_view value, Request& request) {
  request.options.authserv_id = value;
  return {};
}

std::string SetProfile(std::string_view value, Request& request) {
  request.options.profile = ParseProfile(value);
  return request.options.profile ? "" : "must be observe, standard or strict";
}

std::string SetAuthenticated(std::string_view value, Request& request) {
  if (value != "yes" && value != "no") return "must be yes, no or empty";
  if (value == "yes") request.session.authenticated = true;
  return {};
}

struct OptionKey {
  std::string_view key;  // With its '='.
  std::string (*set)(std::string_view value, Request& request);
};

constexpr OptionKey kOptionKeys[] = {
    {kConfigKey, SetConfig},
    {"profile=", SetProfile},
    {"authserv_id=", SetAuthservId},
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

bool IsMailFrom(std::string_view argument) {
  return argument.find('@') != std::string_view::npos ||
         argument.find('=') == std::string_view::npos;
}

}  // namespace

tl::expected<Request, std::string> ParseRequest(Arguments arguments, MailFrom mail_from) {
  if (arguments.size() < 2) {
    return tl::unexpected(std::string("needs the client's address and its HELO name"));
  }
  const bool local = arguments[0].empty();
  // A message submitted on this host comes from it.
  const std::optional<IpAddress> client =
      local ? IpAddress::FromV4({127, 0, 0, 1}) : IpAddress::Parse(arguments[0]);
  if (!client) return tl::unexpected("not an IP address: " + Quoted(arguments[0]));

  Request request{.session = {.client = *client, .helo = std::string(arguments[1])}, .options = {}};
  request.session.authenticated = local;
  Arguments rest = arguments.subspan(2);
  if (mail_from == MailFrom::kTaken && !rest.empty() && IsMailFrom(rest[0])) {
    request.session.mail_from = std::string(rest[0]);
    rest = rest.subspan(1);
  }
  for (const std::string_view argument : rest) {
    std::string mistake = SetOption(argument, request);
    if (request.options.error.empty()) request.options.error = std::move(mistake);
  }
  return request;
}

std::string ParsePreloadPath(Arguments arguments) {
  if (arguments.empty()) return {};
  std::string_view path = arguments[0];
  if (path.starts_with(kConfigKey)) path.remove_prefix(kConfigKey.size());
  return std::string(path);
}

}  // namespace helovet
