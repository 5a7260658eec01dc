#include "dns/name.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/host_name.h"
#include "dns/presentation.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxLabels = kMaxNameWireOctets / 2;  // Each takes two octets or more.

constexpr std::size_t LabelLength(std::string_view wire, std::size_t offset) {
  return static_cast<std::uint8_t>(wire[offset]);
}

// Where the labels of a wire form begin.
struct LabelOffsets {
  explicit LabelOffsets(std::string_view wire) {
    for (std::size_t at = 0; LabelLength(wire, at) != 0; at += 1 + LabelLength(wire, at)) {
      offsets[count++] = static_cast<std::uint8_t>(at);
    }
  }
  std::array<std::uint8_t, kMaxLabels> offsets;
  std::size_t count = 0;
};

std::string_view LabelAt(std::string_view wire, std::size_t offset) {
  return wire.substr(offset + 1, LabelLength(wire, offset));
}

void AppendOctet(std::string& text, char octet) {
  if (octet == '.' || octet == '\\') {
    text += {'\\', octet};
  } else if (octet != ' ' && IsAsciiPrintable(octet)) {
    text += octet;
  } else {
    AppendDecimalEscape(text, octet);
  }
}

}  // namespace

std::optional<DnsName> DnsName::Parse(std::string_view text) {
  if (text == ".") return DnsName();
  std::string wire;
  wire.reserve(std::min(text.size(), kMaxNameWireOctets) + 2);
  while (!text.empty()) {
    const std::size_t length_at = wire.size();
    wire += '\0';
    while (!text.empty() && text[0] != '.') {
      const std::optional<char> octet = TakeOctet(text);
      if (!octet) return std::nullopt;
      wire += ToAsciiLower(*octet);
      if (wire.size() - length_at - 1 > kMaxLabelOctets) return std::nullopt;
    }
    if (!text.empty()) text.remove_prefix(1);  // The dot; nothing after it means a trailing one.
    const std::size_t length = wire.size() - length_at - 1;
    // One octet more is needed for the root.
    if (length == 0 || wire.size() + 1 > kMaxNameWireOctets) return std::nullopt;
    wire[length_at] = static_cast<char>(length);
  }
  if (wire.empty()) return std::nullopt;
  wire += '\0';
  return DnsName(std::move(wire));
}

std::optional<DnsName> DnsName::FromWire(std::span<const std::uint8_t> wire) {
  if (wire.size() > kMaxNameWireOctets) return std::nullopt;
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != 0) {
    if (wire[at] > kMaxLabelOctets) return std::nullopt;
    at += std::size_t{1} + wire[at];
  }
  if (at + 1 != wire.size()) return std::nullopt;
  std::string folded(wire.begin(), wire.end());
  // Length octets are at most 63, so that none looks like a capital letter ('A' is 65).
  std::transform(folded.begin(), folded.end(), folded.begin(), ToAsciiLower);
  return DnsName(std::move(folded));
}

std::optional<DnsName> DnsName::WithPrefix(std::string_view prefix) const {
  const std::optional<DnsName> front = Parse(prefix);
  if (!front || front->wire_.size() - 1 + wire_.size() > kMaxNameWireOctets) return std::nullopt;
  return DnsName(front->wire_.substr(0, front->wire_.size() - 1) + wire_);
}

DnsName DnsName::LastLabels(std::size_t labels) const {
  const LabelOffsets all(wire_);
  if (labels >= all.count) return *this;
  if (labels == 0) return DnsName();
  return DnsName(wire_.substr(all.offsets[all.count - labels]));
}

std::size_t DnsName::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; LabelLength(wire_, at) != 0; at += 1 + LabelLength(wire_, at)) ++count;
  return count;
}

bool DnsName::IsWithin(const DnsName& ancestor) const {
  // Only label by label: octets of a label can look like the length octet of another.
  std::size_t at = 0;
  while (wire_.size() - at > ancestor.wire_.size()) at += 1 + LabelLength(wire_, at);
  return std::string_view(wire_).substr(at) == ancestor.wire_;
}

std::string DnsName::ToString() const {
  if (is_root()) return ".";
  std::string text;
  text.reserve(wire_.size());
  for (std::size_t at = 0; LabelLength(wire_, at) != 0; at += 1 + LabelLength(wire_, at)) {
    if (at != 0) text += '.';
    for (char octet : LabelAt(wire_, at)) AppendOctet(text, octet);
  }
  return text;
}

std::strong_ordering operator<=>(const DnsName& a, const DnsName& b) {
  const LabelOffsets a_labels(a.wire_);
  const LabelOffsets b_labels(b.wire_);
  const std::size_t shared = std::min(a_labels.count, b_labels.count);
  for (std::size_t i = 1; i <= shared; ++i) {
    const int order = LabelAt(a.wire_, a_labels.offsets[a_labels.count - i])
                          .compare(LabelAt(b.wire_, b_labels.offsets[b_labels.count - i]));
    if (order != 0) return order <=> 0;
  }
  return a_labels.count <=> b_labels.count;
}

}  // namespace helovet
