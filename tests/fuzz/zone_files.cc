// Master files (RFC 1035 §5), and the answers from them.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/master_file.h"
#include "dns/record_data.h"
#include "dns/zone.h"
#include "fuzz.h"
#include "invented_dns.h"
#include "publication/zone_text.h"

namespace helovet::fuzz {
namespace {

constexpr const char* kFile = "example.zone";
constexpr std::size_t kMostRecords = 64;  // That are looked at closely.
constexpr DnsType kTypes[] = {DnsType::kA,   DnsType::kCname, DnsType::kPtr, DnsType::kMx,
                              DnsType::kTxt, DnsType::kAaaa,  DnsType::kSrv, DnsType::kApl};

void HoldError(const FileError& error, std::string_view input) {
  const std::string text = error.ToString();
  Hold(IsPrintable(text), "a complaint is one printable line");
  Hold(text.starts_with(kFile) && !error.message.empty(), "a complaint says where and what");
  const auto lines = std::ranges::count(input, '\n') + 1;
  Hold(error.line >= 0 && error.line <= lines, "a complaint's line is one of the file");
}

// The record of a type that we know, by its wire form.
std::optional<DnsRecord> RecordOf(const MasterRecord& record) {
  const std::optional<DnsType> type = KnownType(record.type);
  if (!type) return std::nullopt;
  const std::span<const std::uint8_t> rdata(
      reinterpret_cast<const std::uint8_t*>(record.rdata.data()), record.rdata.size());
  std::optional<DnsData> data = ReadData(rdata, 0, rdata.size(), *type);
  if (!data) return std::nullopt;
  return DnsRecord{
      .owner = record.owner, .type = *type, .ttl = record.ttl, .data = *std::move(data)};
}

// What is written of a record reads as that record.
void HoldWritten(const DnsRecord& record) {
  const std::string line = ToString(ZoneRecordOf(record)) + '\n';
  Hold(IsPrintable(std::string_view(line).substr(0, line.size() - 1)), "a record is one line");
  MasterFile file(kFile, line);
  const FileErrorOr<std::optional<MasterRecord>> read = file.Next();
  if (!read) std::fprintf(stderr, "%s%s\n", line.c_str(), read.error().ToString().c_str());
  Hold(read && *read, "what is written of a record can be read");
  const std::optional<DnsRecord> again = RecordOf(**read);
  Hold(again && again->owner == record.owner && again->type == record.type &&
           again->ttl == record.ttl && again->data == record.data,
       "what is written of a record says the same");
}

std::vector<MasterRecord> RecordsOf(std::string_view input) {
  std::vector<MasterRecord> records;
  MasterFile file(kFile, input);
  while (true) {
    FileErrorOr<std::optional<MasterRecord>> next = file.Next();
    if (!next) {
      HoldError(next.error(), input);
      return records;
    }
    if (!*next) return records;
    Hold((*next)->ttl <= kMaxTtl, "a TTL fits RFC 2181 §8");
    Hold((*next)->rdata.size() <= 65535, "RDATA fits RFC 1035 §3.2.1");
    records.push_back(**std::move(next));
    Hold(records.size() <= input.size(), "no more records than a file has room for");
  }
}

void HoldReply(const DnsReply& reply) {
  const bool refused = reply.outcome == DnsOutcome::kRefused;
  Hold(refused || reply.outcome == DnsOutcome::kOk || reply.outcome == DnsOutcome::kNxDomain ||
           reply.outcome == DnsOutcome::kServFail,
       "a zone answers as a name server does");
  for (const DnsRecord& record : reply.answers) {
    Hold(IsPrintable(ToString(ZoneRecordOf(record))), "a record is one printable line");
  }
}

void Ask(Dns& dns, Loop& loop, const DnsName& name) {
  for (const DnsType type : kTypes) {
    int answers = 0;
    const auto query = dns.Ask({name, type}, [&answers](const DnsReply& reply) {
      HoldReply(reply);
      ++answers;
    });
    loop.Turn(loop.Now());
    Hold(answers == 1, "a question has one answer");
  }
}

}  // namespace

void Try(std::string_view input) {
  const std::vector<MasterRecord> records = RecordsOf(input);
  std::size_t looked_at = 0;
  for (const MasterRecord& record : records) {
    if (++looked_at > kMostRecords) break;
    if (const std::optional<DnsRecord> known = RecordOf(record)) HoldWritten(*known);
  }
  StandingClock clock;
  const auto zone =
      ZoneDns::Parse(clock.loop(), {{.file = kFile, .zone = std::string(input)}}, nullptr);
  if (!zone) {
    HoldError(zone.error(), input);
    return;
  }
  Hold(!records.empty(), "a zone has records");
  looked_at = 0;
  for (const MasterRecord& record : records) {
    if (++looked_at > 8) break;
    Ask(**zone, clock.loop(), record.owner);
    if (const auto below = record.owner.WithPrefix("x")) Ask(**zone, clock.loop(), *below);
  }
}

}  // namespace helovet::fuzz
