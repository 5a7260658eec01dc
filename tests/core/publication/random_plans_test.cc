// Whatever is published reads back as the same records.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "dns/master_file.h"
#include "dns/record_data.h"
#include "helovet/publication.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

constexpr int kPlans = 1000;

// "OWNER TTL TYPE DATA" of what a master file holds, in the words of ZoneRecordOf; SOA and NS, of
// which DnsType does not know, without data.
std::string Describe(const MasterRecord& record) {
  const std::vector<std::uint8_t> rdata(record.rdata.begin(), record.rdata.end());
  const auto type = KnownType(record.type);
  if (!type) return ZoneName(record.owner) + ' ' + std::to_string(record.ttl) + " other";
  const auto data = ReadData(rdata, 0, rdata.size(), *type);
  if (!data) return "malformed";
  return ToString(ZoneRecordOf({record.owner, *type, record.ttl, *data}));
}

std::string Describe(const ZoneRecord& record) {
  if (record.type != "SOA" && record.type != "NS") return ToString(record);
  return record.owner + ' ' + std::to_string(record.ttl) + " other";
}

std::vector<std::string> Read(const std::string& text) {
  std::vector<std::string> records;
  MasterFile file("zone", text);
  for (;;) {
    const auto record = file.Next();
    if (!record) return {record.error().ToString(), text};
    if (!*record) return records;
    records.push_back(Describe(**record));
  }
}

class RandomPlan {
 public:
  explicit RandomPlan(unsigned seed) : engine_(seed) {}

  PublicationPlan Make() {
    PublicationPlan plan;
    for (int i = Number(0, 4); i > 0; --i) plan.hosts.push_back({Name("m"), Addresses()});
    // Other first letters, so that no name is both.
    for (int i = Number(0, 3); i > 0; --i) plan.no_mail.push_back(Name("n"));
    for (int i = Number(0, 2); i > 0; --i) plan.explicit_domains.push_back(Name("e"));
    if (plan.no_mail.empty()) plan.no_mail = {"none.example.com"};
    if (!plan.hosts.empty()) {
      for (int i = Number(0, 3); i > 0; --i) plan.accreditors.push_back(Name("_a"));
      plan.drip = {plan.hosts[0].name};
      plan.dmp = {Name("d")};
      plan.spf = {Name("s"), plan.hosts[0].name};
    }
    plan.reverse = Number(0, 1) == 1;
    plan.ttl = static_cast<std::uint32_t>(Number(1, 2147483647));
    if (Number(0, 1) == 1) plan.zone = PublicationPlan::Zone{"example.com", {}, 4294967295};
    return plan;
  }

 private:
  int Number(int least, int most) { return std::uniform_int_distribution(least, most)(engine_); }

  std::string Name(const std::string& begin) {
    constexpr std::string_view kLetters = "abcxyzABZ0189-";
    std::string name = begin;
    for (int labels = Number(1, 4); labels > 0; --labels) {
      for (int i = Number(1, 20); i > 0; --i) {
        name +=
            kLetters[static_cast<std::size_t>(Number(0, static_cast<int>(kLetters.size()) - 1))];
      }
      name += labels > 1 ? "z.a" : "z.";
    }
    return name + "example.com" + (Number(0, 1) == 1 ? "." : "");
  }

  std::vector<std::string> Addresses() {
    std::vector<std::string> addresses;
    for (int i = Number(1, 5); i > 0; --i) {
      IpAddress::V6Bytes bytes{};
      for (std::uint8_t& octet : bytes) octet = static_cast<std::uint8_t>(Number(0, 255));
      bytes[0] = static_cast<std::uint8_t>(Number(1, 223));
      const IpAddress::V4Bytes v4 = {bytes[0], bytes[1], bytes[2], bytes[3]};
      addresses.push_back(
          (Number(0, 1) == 1 ? IpAddress::FromV4(v4) : IpAddress::FromV6(bytes)).ToString());
    }
    return addresses;
  }

  std::mt19937 engine_;
};

TEST(RandomPlansTest, ReadBackAsTheyWere) {  // RFC 1035 §5.1
  for (unsigned seed = 0; seed < kPlans; ++seed) {
    const PublicationPlan plan = RandomPlan(seed).Make();
    const auto publication = MakePublication(plan);
    ASSERT_TRUE(publication) << seed << ": " << publication.error().value << ' '
                             << publication.error().message;
    std::vector<std::string> wanted;
    std::string pasted;
    for (const ZoneRecord& record : publication->records) {
      if (record.elsewhere) continue;
      wanted.push_back(Describe(record));
      pasted += ToString(record) + '\n';
    }
    ASSERT_FALSE(wanted.empty()) << seed;
    ASSERT_EQ(Read(RenderZone(*publication)), wanted) << seed;
    // Line by line they are the same below any origin.
    ASSERT_EQ(Read("$ORIGIN other.example.\n" + pasted), wanted) << seed;
  }
}

}  // namespace
}  // namespace helovet
