#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/own_host.h"
#include "config/lists.h"
#include "helovet/config.h"

namespace helovet {
namespace {

// What every host may call itself is no name of ours.
bool IsLocalhost(std::string_view name) {
  return name == "localhost" || name == "localhost.localdomain";
}

// Those of `candidates` that are names, each once.
std::vector<std::string> OwnNames(const std::vector<std::string>& candidates) {
  std::vector<std::string> names;
  for (const std::string& candidate : candidates) {
    std::optional<std::string> name = ParseHostName(candidate);
    if (!name || IsLocalhost(*name) || std::ranges::count(names, *name) > 0) continue;
    names.push_back(*std::move(name));
  }
  return names;
}

}  // namespace

Config WithHostDefaults(Config config, std::string_view server_name) {
  if (!config.our_names) config.our_names = OwnNames({OwnHostName(), std::string(server_name)});
  if (!config.our_addresses) config.our_addresses = OwnAddresses();
  if (config.authserv_id.empty()) config.authserv_id = server_name;
  return config;
}

}  // namespace helovet
