#include "dns_options.h"

#include <utility>

#include "helovet/render.h"

namespace helovet::cli {

void DnsOptions::AddTo(CLI::App& command) {
  config.AddTo(command);
  // One value a time, so that nothing that follows is taken for a second zone.
  command
      .add_option("--zone", zone_files,
                  "Take DNS answers from this master file (may be repeated), and from no server "
                  "unless --dns is given")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--dns", dns, "Ask this DNS server")->type_name("ADDRESS[:PORT]");
}

tl::expected<std::shared_ptr<const Config>, std::string> ConfigOf(const DnsOptions& options,
                                                                  std::string_view server_name) {
  tl::expected<Config, std::string> config = options.config.Load();
  if (!config) return tl::make_unexpected(std::move(config.error()));
  if (options.dns) {
    const std::optional<DnsServer> server = DnsServer::Parse(*options.dns);
    if (!server) {
      return NotA("--dns", *options.dns, "\"ADDRESS\", \"IPV4:PORT\" or \"[IPV6]:PORT\"");
    }
    config->dns.servers = {*server};
  }
  return std::make_shared<const Config>(WithHostDefaults(*std::move(config), server_name));
}

tl::expected<std::unique_ptr<Engine>, std::string> EngineOf(const DnsOptions& options, Loop& loop,
                                                            std::shared_ptr<const Config> config,
                                                            AnswerMemory memory) {
  if (options.zone_files.empty()) {
    return std::make_unique<Engine>(loop, std::move(config), /*lists=*/nullptr, memory);
  }
  FileErrorOr<std::unique_ptr<Engine>> engine =
      Engine::CreateWithZones(loop, std::move(config), options.zone_files,
                              options.dns ? ZoneFallback::kNetwork : ZoneFallback::kRefuse);
  if (!engine) return tl::make_unexpected(engine.error().ToString());
  return *std::move(engine);
}

tl::unexpected<std::string> NotA(const std::string& option, const std::string& value,
                                 const std::string& what) {
  return tl::make_unexpected(option + ": \"" + EscapeForLog(value) + "\" is not " + what);
}

}  // namespace helovet::cli
