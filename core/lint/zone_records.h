// The records of master files with their places, and what of them there is to look at.
#ifndef HELOVET_CORE_LINT_ZONE_RECORDS_H_
#define HELOVET_CORE_LINT_ZONE_RECORDS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/dns.h"
#include "dns/name.h"
#include "dns/zone.h"
#include "dns/zone_tree.h"
#include "helovet/file_error.h"

namespace helovet {

// Of all files together. Ours: the records take some ten times as much memory.
inline constexpr std::size_t kMaxLintedOctets = std::size_t{64} * 1024 * 1024;

struct PlacedRecord {
  DnsRecord record;
  std::size_t file = 0;  // Index into the files.
  int line = 0;
  bool spf_type = false;  // Of type SPF, and shown as TXT.
};

// A name and the kinds of its records that there are to look at.
struct LintSubject {
  bool asked = false;  // By name, so that what it lacks is worth a note.
  bool helo = false;   // CSA or DNA: the name stands in HELO.
  bool dna = false;    // A wildcard with pointers to accreditors: no name of its own.
  bool dmp = false;
  bool drip = false;
  bool spf = false;
  bool rmx = false;
  bool reports = false;  // It has reports of DNA on others.
  // From the files; of a subject that the files do not have, empty.
  std::vector<const PlacedRecord*> dmp_entries = {};   // TXT below _smtp-client.NAME
  std::vector<const PlacedRecord*> drip_entries = {};  // A and AAAA below relays._email_.NAME
  std::vector<const PlacedRecord*> rmx_entries = {};   // TXT below _rmx.NAME
  std::vector<const PlacedRecord*> spf_type = {};      // Type SPF, shown as TXT.
};

using LintSubjects = std::map<DnsName, LintSubject>;

class ZoneRecords {
 public:
  // Errors: a file that cannot be read or is too large, or has a mistake that MasterFile finds.
  [[nodiscard]] static FileErrorOr<ZoneRecords> Read(const std::vector<std::string>& files);
  // The same of texts.
  [[nodiscard]] static FileErrorOr<ZoneRecords> Parse(const std::vector<ZoneDns::Text>& texts);

  [[nodiscard]] const LintSubjects& subjects() const { return subjects_; }

  // Where the data of `record` stand: under its owner or the wildcard that the answer is made of
  // (RFC 4592 §3.3.1). Null: nowhere.
  [[nodiscard]] const PlacedRecord* Find(const DnsRecord& record) const;
  [[nodiscard]] const std::string& FileOf(const PlacedRecord& placed) const {
    return files_[placed.file];
  }

  // The apex of the zone that `name` is in; null: none of them.
  [[nodiscard]] const DnsName* ApexOf(const DnsName& name) const;

 private:
  ZoneRecords() = default;
  FileErrorOr<void> ReadZone(const std::string& file, std::string_view text);
  void Classify(const PlacedRecord& placed);
  void ClassifyText(const PlacedRecord& placed, const std::string& text);
  [[nodiscard]] const PlacedRecord* FindAt(std::string_view owner, const DnsRecord& record) const;

  std::vector<std::string> files_;
  std::vector<DnsName> apexes_;
  std::deque<PlacedRecord> records_;
  WireMap<std::vector<const PlacedRecord*>> by_owner_;
  LintSubjects subjects_;
};

// The labels of `name`, the first first, as octets; valid as long as the name.
[[nodiscard]] std::vector<std::string_view> LabelsOf(const DnsName& name);

// RFC 4592 §2.1.1.
[[nodiscard]] bool IsWildcard(const DnsName& name);

}  // namespace helovet

#endif  // HELOVET_CORE_LINT_ZONE_RECORDS_H_
