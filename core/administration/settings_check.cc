#include "helovet/settings_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/printable.h"
#include "base/read_file.h"
#include "config/reading.h"
#include "dns/network.h"
#include "helovet/authentication_results.h"
#include "helovet/local_lists.h"
#include "store/redis_password.h"
#include "store/redis_tls.h"
#include "store/store_directory.h"

namespace helovet {
namespace {

// Looks at what the settings name, as hosts do when they start or need it.
class Inspection {
 public:
  Inspection(const ConfigReading& reading, std::string_view server_name, SettingsCheck& check)
      : reading_(reading), config_(WithHostDefaults(reading.config, server_name)), check_(check) {}

  void Inspect() {
    InspectLists();
    InspectStore();
    InspectRedis();
    InspectMetrics();
    InspectDnsServers();
    InspectNames();
  }

 private:
  // About the value of `key`, which the file has.
  void Add(std::string_view key, const std::string& message) {
    const SettingPlace* const place = reading_.Find(key);
    const TextPosition at = place == nullptr ? TextPosition() : place->value;
    check_.mistakes.push_back({check_.file, at.line, at.column, std::string(key) + ": " + message});
  }

  void InspectLists() {
    for (FileError& each : LocalLists(config_.lists.allow, config_.lists.deny).TakeComplaints()) {
      check_.mistakes.push_back(std::move(each));
    }
  }

  void InspectStore() {
    if (config_.store.kind != Config::StoreKind::kLmdb) return;
    const std::string& path = config_.store.directory;
    const StoreErrorOr<StoreDirectory> directory = StoreDirectory::Find(path);
    const bool needed = std::ranges::count(config_.senders.checks, CheckId::kCbv) > 0;
    if (!directory && directory.error().not_set_up && !needed) {
      check_.remarks.push_back("store.directory: " + path +
                               " does not exist, so nothing is kept and nothing is counted");
    } else if (!directory) {
      std::string_view why = directory.error().message;
      why.remove_prefix(why.find(": ") + 2);  // "store: "
      Add("store.directory", std::string(why));
    } else if (access(path.c_str(), W_OK | X_OK) != 0) {
      Add("store.directory", Printable(path) + ": " + std::generic_category().message(errno));
    }
  }

  void InspectRedis() {
    const Config::Redis& redis = config_.redis;
    if (config_.store.kind != Config::StoreKind::kRedis) return;
    if (!redis.password_file.empty()) InspectPassword(redis.password_file);
    if (redis.ca_file.empty()) return;
    // The name is not looked at before there is a connection.
    if (const auto tls = RedisTls::Create("localhost", redis.ca_file); !tls) {
      Add("redis.ca_file", tls.error());
    }
  }
  void InspectPassword(const std::string& path) {
    const auto password = ReadRedisPassword(path);
    if (!password) Add("redis.password_file", Printable(password.error()));
  }

  void InspectMetrics() {
    const std::string& file = config_.metrics.file;
    if (file.empty()) return;
    const std::string directory = file.substr(0, std::max<std::size_t>(file.rfind('/'), 1));
    if (access(directory.c_str(), W_OK | X_OK) != 0) {
      Add("metrics.file", Printable(directory) + ": " + std::generic_category().message(errno));
    }
  }

  void InspectDnsServers() {
    if (!config_.dns.servers.empty()) return;
    const auto text = ReadFile(kResolvConf, kMaxResolvConfOctets);
    std::string remark = std::string("dns.servers: ") + kResolvConf;
    remark += text ? " names" : ' ' + WhyUnreadable(text.error(), kMaxResolvConfOctets) + ", so";
    for (const DnsServer& server : ServersOf(config_)) remark += ' ' + server.ToString();
    check_.remarks.push_back(remark + (text ? "" : " is asked"));
  }

  void InspectNames() {
    if (config_.our_names->empty() && !reading_.config.our_names) {
      check_.remarks.push_back("our_names: this host has no name that a client could forge");
    }
    if (!config_.authserv_id.empty()) return;
    check_.remarks.push_back("authserv_id: results are given as \"" +
                             Printable(AuthservIdOf(config_)) +
                             "\", unless the mail server has a name of its own");
  }

  const ConfigReading& reading_;
  const Config config_;
  SettingsCheck& check_;
};

}  // namespace

SettingsCheck CheckSettings(const std::optional<std::string>& path, std::string_view server_name) {
  const ConfigReading reading = ReadConfigFile(path);
  SettingsCheck check = {.file = path.value_or(std::string(kDefaultConfigPath)),
                         .settings = reading.places.size(),
                         .mistakes = reading.mistakes};
  if (!check.mistakes.empty()) return check;
  if (reading.file.empty()) check.remarks.emplace_back("the file does not exist: defaults hold");
  Inspection(reading, server_name, check).Inspect();
  return check;
}

}  // namespace helovet
