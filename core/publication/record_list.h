// The records of a publication while they are being put together.
#ifndef HELOVET_CORE_PUBLICATION_RECORD_LIST_H_
#define HELOVET_CORE_PUBLICATION_RECORD_LIST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "dns/name.h"
#include "helovet/publication.h"

namespace helovet {

// RFC 1035 §4.2.1: what an answer by UDP has room for without EDNS; CSA-02 §6 wants it to be
// enough.
inline constexpr std::size_t kMaxPlainAnswerOctets = 512;

class RecordList {
 public:
  // `ttl` is that of all records. Records outside `apex`, where there is one, are elsewhere.
  RecordList(std::uint32_t ttl, std::optional<DnsName> apex) : ttl_(ttl), apex_(std::move(apex)) {}

  // The records that follow come of `subject` in `part`, and are good for `note`. `elsewhere`: they
  // belong to a zone that is not ours.
  void Begin(PlanPart part, const DnsName& subject, std::string note, bool elsewhere = false);

  // A record that is there already is not added again. Without an owner, whose name was too long,
  // the plan cannot be published: mistake().
  void Add(const std::optional<DnsName>& owner, DnsType type, DnsData data);
  void AddAddress(const std::optional<DnsName>& owner, const IpAddress& address);

  // The first owner that was too long, or answer that would be where that matters: about hosts and
  // their accreditors. Longer answers about other things are added to `warnings`.
  [[nodiscard]] std::optional<PlanRemark> Mistake(std::vector<PlanRemark>& warnings) const;

  // In the order in which they were added.
  [[nodiscard]] std::vector<ZoneRecord> ToZoneRecords() const;

 private:
  struct Item {
    DnsRecord record;
    PlanPart part;
    DnsName subject;
    std::string note;
    bool elsewhere;
  };

  [[nodiscard]] bool IsFirstOfItsSet(std::size_t at) const;
  // Octets of the answer that holds the set of `first`; for SRV with the addresses of its targets.
  [[nodiscard]] std::size_t AnswerOctets(const DnsRecord& first) const;
  [[nodiscard]] std::size_t AddressOctets(const DnsName& name) const;

  std::uint32_t ttl_;
  std::optional<DnsName> apex_;
  std::vector<Item> items_;
  std::optional<PlanRemark> too_long_;
  PlanPart part_ = PlanPart::kWhole;
  DnsName subject_;
  std::string note_;
  bool elsewhere_ = false;
};

}  // namespace helovet

#endif  // HELOVET_CORE_PUBLICATION_RECORD_LIST_H_
