// Answers from RFC 1035 master files.
#ifndef HELOVET_CORE_DNS_ZONE_H_
#define HELOVET_CORE_DNS_ZONE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/dns.h"
#include "dns/zone_tree.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"

namespace helovet {

// Answers as an authoritative server of several zones would: wildcards (RFC 4592), CNAMEs and
// DNAMEs followed through all of the zones, empty non-terminals, NXDOMAIN against NODATA, negative
// TTLs, addresses of SRV targets and mail exchanges of the same zone in `additional`. The zone of a
// name is the longest that matches. Names in none of the zones, or at or below a delegation, are
// kRefused, or asked of `fallback` where there is one.
class ZoneDns final : public Dns {
 public:
  // Reads master files of one zone each (dns/master_file.h says what they may hold). The origin is
  // taken from $ORIGIN or from the SOA record's owner, which must be there. Without files every
  // name goes to `fallback`. The loop must outlive the result. `fallback` may be null.
  [[nodiscard]] static FileErrorOr<std::unique_ptr<ZoneDns>> Load(
      Loop& loop, const std::vector<std::string>& files, std::unique_ptr<Dns> fallback);
  // The same for texts; `file` names a text in errors and as `server` of its answers.
  struct Text {
    std::string file;
    std::string zone;
  };
  [[nodiscard]] static FileErrorOr<std::unique_ptr<ZoneDns>> Parse(Loop& loop,
                                                                   const std::vector<Text>& texts,
                                                                   std::unique_ptr<Dns> fallback);

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override;

 private:
  using Zones = WireMap<ZoneTree>;  // By apex.

  ZoneDns(Loop& loop, Zones zones, std::unique_ptr<Dns> fallback);

  static FileErrorOr<void> AddZone(Zones& zones, const std::string& file, std::string_view text);
  [[nodiscard]] const ZoneTree* FindZone(const DnsName& name) const;
  [[nodiscard]] DnsReply Answer(const DnsQuestion& question) const;
  void AddTargetAddresses(const ZoneTree& zone, DnsReply& reply) const;

  Loop& loop_;
  Zones zones_;
  std::unique_ptr<Dns> fallback_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_ZONE_H_
