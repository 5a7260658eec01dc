// helovet dsar: what a domain registers of a name and any service (DSAR-00 §3.2.1).
#include <memory>
#include <string>

#include "command.h"
#include "dns_options.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/registration.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

struct DsarOptions {
  std::string role;
  std::string application;
  std::string name;
  DnsOptions dns;
  bool json = false;

  void AddTo(CLI::App& command) {
    command.add_option("--role", role, "\"client\", \"server\" or what the service defines")
        ->required()
        ->type_name("ROLE");
    command.add_option("--application", application, "The service, such as \"smtp\"")
        ->required()
        ->type_name("APPLICATION");
    command.add_option("name", name, "The domain name")->required()->type_name("NAME");
    dns.AddTo(command);
    command.add_flag("--json", json, "Write one JSON object");
  }
};

tl::unexpected<std::string> WrongPart(const DsarOptions& options, RegistrationPart part) {
  switch (part) {
    case RegistrationPart::kRole:
      return NotA("--role", options.role, "a label");
    case RegistrationPart::kApplication:
      return NotA("--application", options.application, "a label");
    case RegistrationPart::kName:
      break;
  }
  return NotA("NAME", options.name, "a domain name");
}

tl::expected<Registration, std::string> Ask(const DsarOptions& options) {
  const auto config = ConfigOf(options.dns);
  if (!config) return tl::make_unexpected(config.error());
  Loop loop;
  const auto engine = EngineOf(options.dns, loop, *config);
  if (!engine) return tl::make_unexpected(engine.error());
  const auto registration =
      (*engine)->AskRegistrationAndWait(options.role, options.application, options.name);
  if (!registration) return WrongPart(options, registration.error());
  return *registration;
}

int Run(const DsarOptions& options) {
  const tl::expected<Registration, std::string> registration = Ask(options);
  if (!registration) return Refuse(registration.error());
  return Print(options.json ? RenderRegistrationJson(*registration) + "\n"
                            : RenderRegistration(*registration));
}

}  // namespace

Command MakeDsarCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("dsar", "Ask what a domain registers of a name and a service (DSAR)");
  const auto options = std::make_shared<DsarOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
