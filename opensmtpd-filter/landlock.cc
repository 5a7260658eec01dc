// RestrictFiles on Linux: landlock(7). Whoever has no rights may use it, too.
#include "confinement_calls.h"

#if defined(__linux__) && !defined(HELOVET_PORTABLE)

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace helovet {
namespace {

// The kernel's interface (linux/landlock.h), which older headers have in part. The numbers of the
// calls are those of all architectures but Alpha.
#ifdef SYS_landlock_create_ruleset
constexpr long kCreateRuleset = SYS_landlock_create_ruleset;
constexpr long kAddRule = SYS_landlock_add_rule;
constexpr long kRestrictSelf = SYS_landlock_restrict_self;
#else
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
#endif
constexpr unsigned kAskVersion = 1;
constexpr int kPathBeneath = 1;
constexpr int kNetPort = 2;

enum FileRight : std::uint64_t {
  kExecute = 1U << 0U,
  kWriteFile = 1U << 1U,
  kReadFile = 1U << 2U,
  kReadDirectory = 1U << 3U,
  kRemoveDirectory = 1U << 4U,
  kRemoveFile = 1U << 5U,
  kMakeCharacterDevice = 1U << 6U,
  kMakeDirectory = 1U << 7U,
  kMakeFile = 1U << 8U,
  kMakeSocket = 1U << 9U,
  kMakeFifo = 1U << 10U,
  kMakeBlockDevice = 1U << 11U,
  kMakeLink = 1U << 12U,
  kRefer = 1U << 13U,       // Version 2.
  kTruncate = 1U << 14U,    // Version 3.
  kIoctlDevice = 1U << 15U  // Version 5.
};
constexpr std::uint64_t kRightsOfVersion1 = kRefer - 1;
constexpr std::uint64_t kBindTcp = 1U << 0U;          // Version 4.
constexpr std::uint64_t kConnectTcp = 1U << 1U;       // Version 4.
constexpr std::uint64_t kAbstractSockets = 1U << 0U;  // Version 6.
constexpr std::uint64_t kSignals = 1U << 1U;          // Version 6.

struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};
struct __attribute__((packed)) PathRule {
  std::uint64_t allowed;
  std::int32_t parent;
};
struct PortRule {
  std::uint64_t allowed;
  std::uint64_t port;
};

// What the kernel can refuse. A kernel takes longer attributes than its own where the rest is 0.
RulesetAttributes AttributesOf(long version) {
  RulesetAttributes attributes{.files = kRightsOfVersion1};
  if (version >= 2) attributes.files |= kRefer;
  if (version >= 3) attributes.files |= kTruncate;
  if (version >= 4) attributes.network = kBindTcp | kConnectTcp;
  if (version >= 5) attributes.files |= kIoctlDevice;
  if (version >= 6) attributes.scoped = kAbstractSockets | kSignals;
  return attributes;
}

// A set of rules, empty at first: what it handles and no rule allows is refused.
class Ruleset {
 public:
  explicit Ruleset(const RulesetAttributes& attributes)
      : attributes_(attributes),
        file_(static_cast<int>(syscall(kCreateRuleset, &attributes_, sizeof attributes_, 0U))),
        error_(file_ < 0 ? errno : 0) {}
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  ~Ruleset() {
    if (file_ >= 0) close(file_);
  }

  // What cannot be found now needs no rule, as it cannot be opened either.
  void AllowBelow(const std::string& path, std::uint64_t rights) {
    const int found = open(path.c_str(), O_PATH | O_CLOEXEC);
    if (found < 0) return;
    struct stat status {};
    const bool known = fstat(found, &status) == 0;
    constexpr std::uint64_t kOfFiles = kWriteFile | kReadFile | kTruncate;
    const std::uint64_t possible = known && S_ISDIR(status.st_mode) ? ~std::uint64_t{0} : kOfFiles;
    const PathRule rule{.allowed = rights & possible & attributes_.files, .parent = found};
    Add(kPathBeneath, &rule);
    close(found);
  }
  void AllowConnections(std::uint16_t port) {
    if ((attributes_.network & kConnectTcp) == 0) return;
    const PortRule rule{.allowed = kConnectTcp, .port = port};
    Add(kNetPort, &rule);
  }
  // 0, or why it, or a rule, failed.
  int Enforce() {
    if (error_ == 0 && syscall(kRestrictSelf, file_, 0U) != 0) error_ = errno;
    return error_;
  }

 private:
  void Add(int type, const void* rule) {
    if (error_ == 0 && syscall(kAddRule, file_, type, rule, 0U) != 0) error_ = errno;
  }

  RulesetAttributes attributes_;
  int file_;
  int error_;
};

}  // namespace

int RestrictFiles(const Reach& reach) {
  const long version = syscall(kCreateRuleset, nullptr, std::size_t{0}, kAskVersion);
  if (version < 0) return errno;
  Ruleset rules(AttributesOf(version));
  for (const std::string& path : reach.readable) rules.AllowBelow(path, kReadFile | kReadDirectory);
  constexpr std::uint64_t kWritable =
      kReadFile | kReadDirectory | kWriteFile | kTruncate | kMakeFile | kRemoveFile;
  for (const std::string& path : reach.writable) rules.AllowBelow(path, kWritable);
  for (const std::uint16_t port : reach.tcp_ports) rules.AllowConnections(port);
  return rules.Enforce();
}

}  // namespace helovet

#endif
