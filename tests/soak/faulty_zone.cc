#include "faulty_zone.h"

#include <array>
#include <charconv>
#include <optional>

namespace helovet {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kZone = "soak.example";
constexpr std::string_view kCsa = "_client._smtp.";
constexpr std::string_view kCalled("\177\0\0\7", 4);  // 127.0.0.7, the server that is called back.
constexpr std::string_view kNobodysHost =
    "h4194303.good.soak.example";  // The last that there can be.
// Longer than any question is waited for.
constexpr milliseconds kTooLate{8000};

std::string Number16(int value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string Encoded(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return out + '\0';
}

// CSA-02 §5: version 1 in the priority, the verdict in the weight.
std::string Srv(int weight, std::string_view target) {
  return Number16(1) + Number16(weight) + Number16(0) + Encoded(target);
}

std::string Text(std::string_view text) {
  return std::string(1, static_cast<char>(text.size())) + std::string(text);
}

FaultyAnswer Records(std::vector<std::string> data) { return {kNoError, std::move(data)}; }

std::optional<unsigned> NumberOf(std::string_view digits) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string AddressOf(unsigned number) {
  return {'\12', static_cast<char>(number >> 16 & 63), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

// The SRV record of a host, of its kind.
FaultyAnswer CsaOf(std::string_view host, std::string_view kind) {
  const FaultyAnswer authorised = Records({Srv(2, host)});
  const FaultyAnswer prohibited = Records({Srv(1, host)});
  const auto with = [](FaultyAnswer answer, Fault fault, milliseconds delay = {}) {
    answer.fault = fault;
    answer.delay = delay;
    return answer;
  };
  if (kind == "good") return authorised;
  if (kind == "bad") return prohibited;
  if (kind == "wrong") return Records({Srv(2, kNobodysHost)});
  if (kind == "servfail") return {kServfail};
  if (kind == "silent") return with(prohibited, Fault::kSilent);
  if (kind == "late") return with(prohibited, Fault::kNone, milliseconds(HashOf(host) % 700));
  if (kind == "toolate") return with(prohibited, Fault::kNone, kTooLate);
  if (kind == "trunc") return with(prohibited, Fault::kTruncated);
  if (kind == "cutoff") return with(prohibited, Fault::kCutOff);
  if (kind == "lie") return with(authorised, Fault::kForged);
  if (kind == "garbage") return with(prohibited, Fault::kGarbage);
  return {};
}

// `labels` stand before ".soak.example".
FaultyAnswer AnswerInZone(std::string_view labels, int type) {
  const bool csa = labels.starts_with(kCsa);
  if (csa) labels.remove_prefix(kCsa.size());
  const std::size_t dot = labels.rfind('.');
  const std::string_view kind = labels.substr(dot + 1);
  const std::string_view first = dot == std::string_view::npos ? "" : labels.substr(0, dot);
  if (type == kTypeTxt && labels == "spffail") return Records({Text("v=spf1 -all")});
  if (type == kTypeTxt && labels == "spfpass") return Records({Text("v=spf1 +all")});
  if (kind == "called") {
    if (type == kTypeMx && first != "mx") {
      return Records({Number16(10) + Encoded("mx.called.soak.example")});
    }
    if (type == kTypeA && first == "mx") return Records({std::string(kCalled)});
    return {kNoError};
  }
  if (!first.starts_with('h')) return {};
  const std::optional<unsigned> number = NumberOf(first.substr(1));
  if (!number) return {};
  if (csa && type == kTypeSrv) {
    return CsaOf(std::string(labels) + '.' + std::string(kZone), kind);
  }
  if (csa) return {};
  return type == kTypeA ? Records({AddressOf(*number)}) : FaultyAnswer{kNoError};
}

// The numbers of "4.3.2.10", the last first.
std::optional<std::array<unsigned, 4>> Octets(std::string_view reversed) {
  std::array<unsigned, 4> octets;
  for (unsigned& octet : octets) {
    const std::size_t dot = reversed.rfind('.');
    const auto number = NumberOf(reversed.substr(dot + 1));
    if (!number || *number > 255) return std::nullopt;
    octet = *number;
    reversed = dot == std::string_view::npos ? "" : reversed.substr(0, dot);
  }
  return octets;
}

FaultyAnswer AnswerOfList(std::string_view reversed, int type) {
  const auto octets = Octets(reversed);
  if (!octets || type != kTypeA) return {};
  if ((*octets)[1] >> 6 == 1) return Records({std::string("\177\0\0\2", 4)});
  if ((*octets)[1] >> 6 == 2) return {kServfail};
  return {};
}

FaultyAnswer AnswerInReverse(std::string_view reversed, int type) {
  const auto octets = Octets(reversed);
  if (!octets || (*octets)[0] != 10 || type != kTypePtr) return {};
  if ((*octets)[1] >> 6 == 3) return {kServfail};
  const unsigned number = ((*octets)[1] & 63) << 16 | (*octets)[2] << 8 | (*octets)[3];
  return Records({Encoded("h" + std::to_string(number) + ".good.soak.example")});
}

// What stands before ".`zone`"; empty: the name is not below it.
std::string_view Below(std::string_view name, std::string_view zone) {
  if (name.size() <= zone.size() + 1 || !name.ends_with(zone)) return {};
  if (name[name.size() - zone.size() - 1] != '.') return {};
  return name.substr(0, name.size() - zone.size() - 1);
}

}  // namespace

FaultyAnswer AnswerOf(std::string_view name, int type) {
  if (const auto address = Below(name, "dnsbl.soak.example"); !address.empty()) {
    return AnswerOfList(address, type);
  }
  if (const auto labels = Below(name, kZone); !labels.empty()) return AnswerInZone(labels, type);
  if (const auto address = Below(name, "in-addr.arpa"); !address.empty()) {
    return AnswerInReverse(address, type);
  }
  return {};
}

std::string ForgedSrv() { return Srv(1, "forged.example"); }

std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char octet : text) {
    hash = (hash ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  }
  return hash ^ hash >> 29;
}

}  // namespace helovet
