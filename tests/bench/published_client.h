// A client that may use its name, and what DNS says of it, without a network.
#ifndef HELOVET_TESTS_BENCH_PUBLISHED_CLIENT_H_
#define HELOVET_TESTS_BENCH_PUBLISHED_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dns/zone.h"
#include "helovet/loop.h"
#include "helovet/session.h"

namespace helovet {

inline Session PublishedSession() {
  return {.client = *IpAddress::Parse("192.0.2.1"), .helo = "mail.example.com"};
}

inline std::unique_ptr<Dns> PublishedAnswers(Loop& loop) {
  constexpr std::string_view kZone = R"($ORIGIN example.com.
$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
@ NS ns.example.com.
ns A 192.0.2.53
mail A 192.0.2.1
_client._smtp.mail SRV 1 2 0 mail.example.com.
)";
  constexpr std::string_view kReverseZone = R"($ORIGIN 2.0.192.in-addr.arpa.
$TTL 3600
@ SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
@ NS ns.example.com.
1 PTR mail.example.com.
)";
  auto zones = ZoneDns::Parse(
      loop,
      {{"example.com", std::string(kZone)}, {"2.0.192.in-addr.arpa", std::string(kReverseZone)}},
      nullptr);
  return *std::move(zones);
}

}  // namespace helovet

#endif  // HELOVET_TESTS_BENCH_PUBLISHED_CLIENT_H_
