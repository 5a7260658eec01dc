// What the CSA records of a name say by themselves (CSA-02 §5).
#ifndef HELOVET_CORE_LINT_CSA_RECORDS_H_
#define HELOVET_CORE_LINT_CSA_RECORDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "dns/dns.h"
#include "dns/name.h"
#include "lint/look.h"

namespace helovet {

inline constexpr std::uint16_t kCsaVersion = 1;       // CSA-02 §5, Priority
inline constexpr std::uint16_t kCsaIgnoreTarget = 1;  // CSA-02 §5, Weight
inline constexpr std::uint16_t kCsaAuthorized = 2;    // CSA-02 §5, Weight
inline constexpr std::uint16_t kCsaWeightBits = kCsaIgnoreTarget | kCsaAuthorized;
inline constexpr std::uint16_t kCsaExplicit = 1;  // CSA-02 §5, Port

// Of CSA-02 §4; empty where the name is too long for it.
[[nodiscard]] std::optional<DnsQuestion> CsaQuestion(const DnsName& name);

// Of `records` those of version 1.
[[nodiscard]] std::vector<DnsRecord> CsaRecordsOf(const std::vector<DnsRecord>& records);

[[nodiscard]] bool SaysExplicit(const std::vector<DnsRecord>& records);
// `records` with Explicit in each.
[[nodiscard]] std::vector<DnsRecord> WithExplicit(std::vector<DnsRecord> records);

// The target counts, and the client must have one of its addresses.
[[nodiscard]] bool NeedsTarget(const DnsRecord& record);
// The record authorizes the name.
[[nodiscard]] bool Authorizes(const DnsRecord& record);

[[nodiscard]] const SrvData& SrvOf(const DnsRecord& record);
[[nodiscard]] DnsRecord CsaRecord(const DnsName& name, const SrvData& data, std::uint32_t ttl);
[[nodiscard]] DnsRecord WithTarget(DnsRecord record, const DnsName& target);

// Tells all that needs no other name.
void JudgeCsaRecords(const std::vector<DnsRecord>& records, Look& look);

}  // namespace helovet

#endif  // HELOVET_CORE_LINT_CSA_RECORDS_H_
