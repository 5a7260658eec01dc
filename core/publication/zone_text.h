// Records as the text of a master file (RFC 1035 §5.1): the one place where it is written.
#ifndef HELOVET_CORE_PUBLICATION_ZONE_TEXT_H_
#define HELOVET_CORE_PUBLICATION_ZONE_TEXT_H_

#include <string>
#include <string_view>

#include "dns/dns.h"
#include "dns/name.h"
#include "helovet/publication.h"

namespace helovet {

// With its final dot, every octet that means something in a master file escaped.
[[nodiscard]] std::string ZoneName(const DnsName& name);

// Any octets as strings in quotes, of 255 octets at most each (RFC 1035 §3.3); one empty string for
// none.
[[nodiscard]] std::string ZoneStrings(std::string_view octets);

// `record` without a note.
[[nodiscard]] ZoneRecord ZoneRecordOf(const DnsRecord& record);

}  // namespace helovet

#endif  // HELOVET_CORE_PUBLICATION_ZONE_TEXT_H_
