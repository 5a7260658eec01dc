#include "lint_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "dns/zone.h"
#include "lint/lint.h"
#include "lint/zone_records.h"

namespace helovet::testing {
namespace {

constexpr std::array<std::string_view, 3> kApexes = {"example.com.", "accredit.example.", "arpa."};

// Index into kApexes.
std::size_t ZoneOf(std::string_view record) {
  const std::string_view owner = record.substr(0, record.find(' '));
  for (std::size_t zone = 0; zone < kApexes.size(); ++zone) {
    if (owner.ends_with(kApexes[zone])) return zone;
  }
  ADD_FAILURE() << "in no zone: " << record;
  return 0;
}

// The place in `records` of line `line` of a zone's file.
std::size_t PlaceOf(const std::vector<std::string>& records, const FaultyRecord& faulty) {
  int line = 1;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (kApexes[ZoneOf(records[i])] == faulty.file && ++line == faulty.line) return i;
  }
  ADD_FAILURE() << "no line " << faulty.line << " in " << faulty.file << ": " << faulty.text;
  return 0;
}

std::vector<ZoneDns::Text> ZonesOf(const std::vector<std::string>& records) {
  std::vector<ZoneDns::Text> zones;
  for (const std::string_view apex : kApexes) {
    zones.push_back({std::string(apex), std::string(apex) + " 3600 IN SOA ns." + std::string(apex) +
                                            " root." + std::string(apex) + " 1 1 1 1 60\n"});
  }
  for (const std::string& record : records) zones[ZoneOf(record)].zone += record + "\n";
  return zones;
}

}  // namespace

LintReport LintRecords(const std::vector<std::string>& records,
                       const std::vector<std::string>& names) {
  const std::vector<ZoneDns::Text> texts = ZonesOf(records);
  Loop loop;
  const auto zones = ZoneRecords::Parse(texts);
  const auto dns = ZoneDns::Parse(loop, texts, nullptr);
  if (!zones || !dns) {
    ADD_FAILURE() << (zones ? dns.error() : zones.error()).ToString();
    return {};
  }
  LintSubjects subjects = zones->subjects();
  if (!names.empty()) {
    subjects.clear();
    for (const std::string& name : names) {
      LintSubject& subject = subjects[*DnsName::Parse(name)];
      const auto known = zones->subjects().find(*DnsName::Parse(name));
      if (known != zones->subjects().end()) subject = known->second;
      subject.asked = subject.helo = subject.dmp = subject.drip = subject.spf = subject.rmx = true;
    }
  }
  const LintSources sources = {
      .loop = loop, .dns = **dns, .zones = &*zones, .refused_is_outside = true};
  return LintSubjectsAndWait(sources, subjects);
}

std::vector<std::string> Corrected(const std::vector<std::string>& records,
                                   const Finding& finding) {
  std::vector<std::string> corrected = records;
  if (finding.remedy != Remedy::kAdd) {
    for (const FaultyRecord& faulty : finding.records) corrected[PlaceOf(records, faulty)].clear();
    std::erase(corrected, "");
  }
  corrected.insert(corrected.end(), finding.corrected.begin(), finding.corrected.end());
  return corrected;
}

std::string Text(const Finding& finding) {
  std::string text = std::string(ToString(finding.id)) + " " + finding.name + ":";
  for (const FaultyRecord& record : finding.records) text += " | " + record.text;
  return text + " (" + finding.detail + ")";
}

std::string Text(const LintReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += "  " + Text(finding) + "\n";
  return text;
}

std::size_t CountOf(FindingId id, const LintReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.findings.begin(), report.findings.end(),
                    [id](const Finding& finding) { return finding.id == id; }));
}

}  // namespace helovet::testing
