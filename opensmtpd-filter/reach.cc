#include "reach.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace helovet {
namespace {

// Which boot this is; see core/base/system_calls.h.
constexpr const char* kBootId = "/proc/sys/kernel/random/boot_id";
constexpr const char* kHosts = "/etc/hosts";
// Where OpenSSL looks for its settings and the system's certificates: Debian's, the links' targets,
// Fedora's, OpenBSD's.
constexpr const char* kCertificates[] = {
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf",       "/etc/ssl/cert.pem",
    "/usr/lib/ssl",   "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    "/etc/pki/tls",   "/etc/pki/ca-trust"};

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where `path` leads. Empty: nowhere.
std::string Resolved(const std::string& path) {
  char* const found = realpath(path.c_str(), nullptr);
  if (found == nullptr) return "";
  std::string resolved(found);
  std::free(found);
  return resolved;
}

// A file that may be replaced, by one of the same name where it lies or where its link leads.
void AddFile(const std::string& path, std::vector<std::string>& directories) {
  if (path.empty()) return;
  directories.push_back(DirectoryOf(path));
  if (const std::string target = Resolved(path); !target.empty()) {
    directories.push_back(DirectoryOf(target));
  }
}

void AddRedis(const Config& config, Reach& reach) {
  AddFile(config.redis.password_file, reach.readable);
  if (config.redis.server.starts_with('/')) {
    reach.socket_directory = DirectoryOf(config.redis.server);
  } else {
    reach.readable.emplace_back(kHosts);
    const std::size_t colon = config.redis.server.rfind(':');
    const std::string port = config.redis.server.substr(colon + 1);
    reach.tcp_ports.push_back(static_cast<std::uint16_t>(std::strtoul(port.c_str(), nullptr, 10)));
  }
  if (!config.redis.tls) return;
  AddFile(config.redis.ca_file, reach.readable);
  reach.readable.insert(reach.readable.end(), std::begin(kCertificates), std::end(kCertificates));
}

template <typename T>
void SortOnce(std::vector<T>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

Reach ReachOf(const Config& config) {
  Reach reach;
  for (const auto* const list : {&config.lists.allow, &config.lists.deny}) {
    for (const std::string& entry : *list) {
      if (entry.starts_with('/')) AddFile(entry, reach.readable);
    }
  }
  if (config.store.kind == Config::StoreKind::kLmdb) {
    reach.writable.push_back(config.store.directory);
    reach.readable.emplace_back(kBootId);
  }
  if (config.store.kind == Config::StoreKind::kRedis) AddRedis(config, reach);
  // A new file takes the old one's place, so it is the directory that is written.
  if (!config.metrics.file.empty()) reach.writable.push_back(DirectoryOf(config.metrics.file));
  for (const DnsServer& server : config.dns.servers) reach.tcp_ports.push_back(server.port);
  if (std::ranges::count(config.senders.checks, CheckId::kCbv) > 0) {
    reach.tcp_ports.push_back(config.cbv.port);
  }
  SortOnce(reach.readable);
  SortOnce(reach.writable);
  SortOnce(reach.tcp_ports);
  return reach;
}

}  // namespace helovet
