// Answers from RFC 1035 master files.
#ifndef HELOVET_CORE_DNS_ZONE_H_
#define HELOVET_CORE_DNS_ZONE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/dns.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"

namespace helovet {

// Answers as an authoritative server of several zones would: wildcards (RFC 4592), CNAMEs, empty
// non-terminals, NXDOMAIN against NODATA, negative TTLs. The zone of a name is the longest that
// matches. Names in none of the zones, or below a delegation, are kRefused, or asked of `fallback`
// where there is one.
class ZoneDns final : public Dns {
 public:
  // Reads master files. The origin is taken from $ORIGIN or from the SOA record's owner, which
  // must be there. The loop and `fallback` (may be null) must outlive the result.
  [[nodiscard]] static FileErrorOr<std::unique_ptr<ZoneDns>> Load(
      Loop& loop, const std::vector<std::string>& files, std::unique_ptr<Dns> fallback);
  // The same for texts; `file` names a text in errors and as `server` of its answers.
  struct Text {
    std::string file;
    std::string zone;
  };
  [[nodiscard]] static FileErrorOr<std::unique_ptr<ZoneDns>> Parse(
      Loop& loop, const std::vector<Text>& texts, std::unique_ptr<Dns> fallback);
  ~ZoneDns() override;

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override;

 private:
  class Zone;
  ZoneDns(Loop& loop, std::vector<std::unique_ptr<Zone>> zones, std::unique_ptr<Dns> fallback);

  Loop& loop_;
  std::vector<std::unique_ptr<Zone>> zones_;
  std::unique_ptr<Dns> fallback_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_ZONE_H_
