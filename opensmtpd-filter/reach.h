// What the filter must still reach after its start.
#ifndef HELOVET_OPENSMTPD_FILTER_REACH_H_
#define HELOVET_OPENSMTPD_FILTER_REACH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "helovet/config.h"

namespace helovet {

// Paths are absolute, sorted, none of them twice; what does not exist may be among them.
struct Reach {
  // Files, and directories with all below: opened for reading, also when they were replaced in
  // their directory. A list, a password and certificates stand here as the directory they lie in.
  std::vector<std::string> readable = {};
  // Directories in which files are made, changed, renamed and removed.
  std::vector<std::string> writable = {};
  // The directory of a socket that is connected to. Empty: none is.
  std::string socket_directory = {};
  std::vector<std::uint16_t> tcp_ports = {};  // Connected to.
  friend bool operator==(const Reach&, const Reach&) = default;
};

// Of a filter with these settings, of which dns.servers and our_addresses are set. Looks where
// symbolic links lead at this moment.
[[nodiscard]] Reach ReachOf(const Config& config);

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_REACH_H_
