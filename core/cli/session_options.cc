#include "session_options.h"

#include <utility>

#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/render.h"
#include "helovet/session.h"
#include "mail_path.h"

namespace helovet::cli {
namespace {

tl::unexpected<std::string> NotA(const std::string& option, const std::string& value,
                                 const std::string& what) {
  return tl::make_unexpected(option + ": \"" + EscapeForLog(value) + "\" is not " + what);
}

tl::expected<Session, std::string> SessionOf(const SessionOptions& options) {
  const std::optional<IpAddress> client = IpAddress::Parse(options.ip);
  if (!client) return NotA("--ip", options.ip, "an IPv4 or IPv6 address");
  Session session{.client = *client, .helo = options.helo};
  if (options.mail_from) {
    session.mail_from = ParsePath(*options.mail_from);
    if (!session.mail_from) return NotA("--mail-from", *options.mail_from, "a mail address");
  }
  if (options.rcpt && !ParseForwardPath(*options.rcpt)) {
    return NotA("--rcpt", *options.rcpt, "a mail address");
  }
  return session;
}

tl::expected<Config, std::string> ConfigOf(const SessionOptions& options) {
  FileErrorOr<Config> config =
      options.config_file ? LoadConfig(*options.config_file) : LoadDefaultConfig();
  if (!config) return tl::make_unexpected(config.error().ToString());
  if (options.dns) {
    const std::optional<DnsServer> server = DnsServer::Parse(*options.dns);
    if (!server) {
      return NotA("--dns", *options.dns, "\"ADDRESS\", \"IPV4:PORT\" or \"[IPV6]:PORT\"");
    }
    config->dns.servers = {*server};
  }
  return *std::move(config);
}

FileErrorOr<std::unique_ptr<Engine>> EngineOf(const SessionOptions& options, Loop& loop,
                                              std::shared_ptr<const Config> config) {
  if (options.zone_files.empty()) return std::make_unique<Engine>(loop, std::move(config));
  return Engine::CreateWithZones(loop, std::move(config), options.zone_files,
                                 options.dns ? ZoneFallback::kNetwork : ZoneFallback::kRefuse);
}

}  // namespace

void SessionOptions::AddTo(CLI::App& command) {
  command.add_option("--ip", ip, "The client's address")->required()->type_name("IP");
  command.add_option("--helo", helo, "What it says in HELO or EHLO; may be empty")
      ->required()
      ->type_name("NAME");
  command.add_option("--mail-from", mail_from, "The sender; <> or empty for the null sender")
      ->type_name("ADDRESS");
  command.add_option("--rcpt", rcpt, "A recipient")->type_name("ADDRESS");
  command
      .add_option("--config", config_file, "Settings instead of " + std::string(kDefaultConfigPath))
      ->type_name("FILE");
  // One value a time, so that nothing that follows is taken for a second zone.
  command
      .add_option("--zone", zone_files,
                  "Take DNS answers from this master file (may be repeated), and from no server "
                  "unless --dns is given")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--dns", dns, "Ask this DNS server")->type_name("ADDRESS[:PORT]");
  command.add_flag("--json", json, "Write one JSON object");
}

tl::expected<Judged, std::string> Judge(const SessionOptions& options) {
  tl::expected<Session, std::string> session = SessionOf(options);
  if (!session) return tl::make_unexpected(std::move(session.error()));
  tl::expected<Config, std::string> config = ConfigOf(options);
  if (!config) return tl::make_unexpected(std::move(config.error()));
  auto shared_config = std::make_shared<const Config>(*std::move(config));

  Loop loop;
  const FileErrorOr<std::unique_ptr<Engine>> engine = EngineOf(options, loop, shared_config);
  if (!engine) return tl::make_unexpected(engine.error().ToString());
  return Judged{shared_config, (*engine)->ValidateAndWait(std::move(*session))};
}

}  // namespace helovet::cli
