// Gives up, once the filter has started, what it does not need: whoever took it over would have a
// process that answers smtpd, asks the DNS and reads its lists, and nothing else.
#ifndef HELOVET_OPENSMTPD_FILTER_CONFINEMENT_H_
#define HELOVET_OPENSMTPD_FILTER_CONFINEMENT_H_

#include <string>
#include <vector>

#include "helovet/config.h"

namespace helovet {

// Does as `config.opensmtpd` says, for good: becomes its user in its empty root, where root has
// started the process; gives up capabilities, files, programs, and system calls (docs/opensmtpd.md,
// "Confinement"). To be called once, before any input is read and while there is one thread. Files
// that `config` names can be opened later under the same paths; its dns.servers and our_addresses
// have to be set.
//
// Returns what could not be given up, printable, a phrase each. Of one thing that fails the others
// do not depend. In a program with a sanitizer, which needs more than the filter, nothing is done.
[[nodiscard]] std::vector<std::string> Confine(const Config& config);

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_CONFINEMENT_H_
