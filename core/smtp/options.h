// The settings of callbacks, as one call takes them.
#ifndef HELOVET_CORE_SMTP_OPTIONS_H_
#define HELOVET_CORE_SMTP_OPTIONS_H_

#include "helovet/config.h"
#include "smtp/call.h"

namespace helovet {

// What `config` says about every call: Config::Cbv, with our names and addresses, or the host's
// where they are not set, and a random local part that nobody has. Nobody is asked to admit a call.
[[nodiscard]] CallOptions CallOptionsFrom(const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_OPTIONS_H_
