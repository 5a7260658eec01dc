#include <array>

#include "config/lists.h"
#include "config/parts_of_settings.h"
#include "config/redis_values.h"
#include "config/to_toml.h"

namespace helovet {
namespace {

ValueErrorOr<Config::StoreKind> ReadStoreKind(const TomlValue& value) {
  return ReadWord(value,
                  {Config::StoreKind::kNone, Config::StoreKind::kLmdb, Config::StoreKind::kRedis});
}

ValueErrorOr<Config::RejectAt> ReadRejectAt(const TomlValue& value) {
  return ReadWord(value, {Config::RejectAt::kMailFrom, Config::RejectAt::kRcptTo});
}

ValueErrorOr<Config::Confinement> ReadConfinement(const TomlValue& value) {
  using enum Config::Confinement;
  return ReadWord(value, {kOff, kOn, kRequired});
}

constexpr Need kNeedsConfinement = {
    "with opensmtpd.confinement = \"off\"", "opensmtpd.confinement = \"on\"",
    [](const Config& config) { return config.opensmtpd.confinement != Config::Confinement::kOff; }};
constexpr Need kNeedsLmdb = {
    "without store.kind = \"lmdb\"", "store.kind = \"lmdb\"",
    [](const Config& config) { return config.store.kind == Config::StoreKind::kLmdb; }};
constexpr Need kNeedsRedis = {
    "without store.kind = \"redis\"", "store.kind = \"redis\"",
    [](const Config& config) { return config.store.kind == Config::StoreKind::kRedis; }};

constexpr std::array kSettings = {
    Setting{"store.kind", "\"none\", \"lmdb\" or \"redis\"", "\"lmdb\"",
            "Where the findings of callbacks and the statistics are kept. "
            "\"lmdb\" keeps them in files of this host. "
            "\"redis\" keeps them in Redis or Valkey, for several hosts together. "
            "\"none\" keeps nothing.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadStoreKind(value), config.store.kind);
            },
            [](const Config& config) { return ToToml(config.store.kind); }},
    Setting{"store.directory", "path", "\"/var/lib/helovet\"",
            "The absolute path of the directory of these files. "
            "It must exist, and be writable for the users that the mail server's processes "
            "run as. "
            "While the one of the default is missing, nothing is kept.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDirectoryPath(value), config.store.directory);
            },
            [](const Config& config) { return ToToml(config.store.directory); }}
        .Needs(kNeedsLmdb),
    Setting{"store.size", "number", "64",
            "What the file of findings may grow to, in MiB, from 1 to 4096.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNumber(value, kStoreSizeBounds), config.store.size);
            },
            [](const Config& config) { return ToToml(config.store.size); }}
        .Needs(kNeedsLmdb),

    Setting{"redis.server", "text", "\"127.0.0.1:6379\"",
            "The server: \"host:port\", \"address:port\", with brackets around an IPv6 "
            "address, or the absolute path of a socket.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadRedisServer(value), config.redis.server);
            },
            [](const Config& config) { return ToToml(config.redis.server); }}
        .Example("\"[2001:db8::7]:6379\"")
        .Needs(kNeedsRedis),
    Setting{"redis.user", "text", "\"\"",
            "The user to log in as. "
            "Empty: the server's default user.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadUser(value), config.redis.user);
            },
            [](const Config& config) { return ToToml(config.redis.user); }}
        .Needs({"without redis.password_file",
                "store.kind = \"redis\"\nredis.password_file = \"/etc/helovet/password\"",
                [](const Config& config) { return !config.redis.password_file.empty(); }}),
    Setting{"redis.password_file", "path", "\"\"",
            "The absolute path of a file whose first line is the password. "
            "Empty: no password.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadRedisPasswordFile(value), config.redis.password_file);
            },
            [](const Config& config) { return ToToml(config.redis.password_file); }}
        .Needs(kNeedsRedis),
    Setting{"redis.tls", "true or false", "false",
            "Talk to the server in TLS, and check its certificate.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.redis.tls);
            },
            [](const Config& config) { return ToToml(config.redis.tls); }}
        .Needs(kNeedsRedis),
    Setting{"redis.ca_file", "path", "\"\"",
            "The absolute path of a file of certificates (PEM) that the server's must be "
            "signed by. "
            "Empty: those of the system.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadFilePath(value), config.redis.ca_file);
            },
            [](const Config& config) { return ToToml(config.redis.ca_file); }}
        .Needs({"without redis.tls", "store.kind = \"redis\"\nredis.tls = true",
                [](const Config& config) { return config.redis.tls; }}),
    Setting{"redis.prefix", "text", "\"helovet\"",
            "What all our keys begin with, before a colon. "
            "Hosts with the same prefix share what they find. "
            "Letters, digits and any of -._:{}, at most 64.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadRedisPrefix(value), config.redis.prefix);
            },
            [](const Config& config) { return ToToml(config.redis.prefix); }}
        .Needs(kNeedsRedis),
    Setting{"redis.timeout", "duration", "\"500ms\"",
            "The longest time for a connection, and for a command, from 50ms to the deadline. "
            "Unless it is set, a shorter deadline shortens it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kStepTimeoutBounds), config.redis.timeout);
            },
            [](const Config& config) { return ToToml(config.redis.timeout); }}
        .Needs(kNeedsRedis),

    Setting{"opensmtpd.reject_at", "\"mail-from\" or \"rcpt-to\"", "\"mail-from\"",
            "When filter-helovet refuses a client: at MAIL FROM or at RCPT TO.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadRejectAt(value), config.opensmtpd.reject_at);
            },
            [](const Config& config) { return ToToml(config.opensmtpd.reject_at); }},
    Setting{"opensmtpd.junk", "true or false", "false",
            "Have smtpd mark as junk (X-Spam) what is tagged. "
            "An error with the profile \"observe\", which tags everything.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadBoolean(value), config.opensmtpd.junk);
            },
            [](const Config& config) { return ToToml(config.opensmtpd.junk); }},
    Setting{"opensmtpd.confinement", "\"off\", \"on\" or \"required\"", "\"on\"",
            "Whether filter-helovet gives up what it does not need after its start: files, "
            "programs, system calls. "
            "\"on\" gives up as much as the system can and says in the log what is left. "
            "\"required\" does not start where anything is left.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadConfinement(value), config.opensmtpd.confinement);
            },
            [](const Config& config) { return ToToml(config.opensmtpd.confinement); }},
    Setting{"opensmtpd.user", "text", "\"opensmtpd\"",
            "The user that filter-helovet becomes where smtpd starts it as root. "
            "Empty: it stays root.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadUser(value), config.opensmtpd.user);
            },
            [](const Config& config) { return ToToml(config.opensmtpd.user); }}
        .Needs(kNeedsConfinement),
    Setting{"opensmtpd.chroot", "path", "\"/var/lib/opensmtpd/empty\"",
            "The absolute path of an empty directory that becomes the root of filter-helovet where "
            "smtpd starts it as root. "
            "Files that the settings name keep their paths. "
            "Empty: the root stays.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadFilePath(value), config.opensmtpd.chroot);
            },
            [](const Config& config) { return ToToml(config.opensmtpd.chroot); }}
        .Needs(kNeedsConfinement),

    Setting{"metrics.file", "path", "\"\"",
            "An absolute path where filter-helovet writes its counters for Prometheus. "
            "Empty: it writes none.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadFilePath(value), config.metrics.file);
            },
            [](const Config& config) { return ToToml(config.metrics.file); }}
        .Example("\"/run/helovet/helovet.prom\""),
    Setting{"metrics.interval", "duration", "\"15s\"",
            "The time between two writes, from 1s to 1h.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kMetricsIntervalBounds), config.metrics.interval);
            },
            [](const Config& config) { return ToToml(config.metrics.interval); }}
        .Needs({"without metrics.file", "metrics.file = \"/run/helovet.prom\"",
                [](const Config& config) { return !config.metrics.file.empty(); }}),

    Setting{"dns.servers", "list of DNS servers", "[]",
            "Resolvers, asked in this order: an address, or an address and a port as in "
            "\"192.0.2.1:5353\" and \"[2001:db8::1]:5353\". "
            "Empty: those of /etc/resolv.conf.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDnsServers(value), config.dns.servers);
            },
            [](const Config& config) { return ToToml(config.dns.servers); }},
    Setting{"dns.trusted", "list of networks", "[\"127.0.0.0/8\", \"::1\"]",
            "Resolvers whose word is taken that an answer is authentic (DNSSEC), and "
            "whose additional data may prove an address. "
            "An empty list trusts none.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadNetworks(value), config.dns.trusted);
            },
            [](const Config& config) { return ToToml(config.dns.trusted); }},
    Setting{"dns.query_timeout", "duration", "\"2s\"",
            "The longest time that one DNS question takes, retries included, from 50ms "
            "to the deadline. "
            "Unless it is set, a shorter deadline shortens it.",
            [](Config& config, const TomlValue& value) {
              return Store(ReadDuration(value, kStepTimeoutBounds), config.dns.query_timeout);
            },
            [](const Config& config) { return ToToml(config.dns.query_timeout); }},
};

}  // namespace

std::span<const Setting> ServiceSettings() { return kSettings; }

}  // namespace helovet
