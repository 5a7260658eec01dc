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

DnsName::DnsName(std::string_view front, std::string_view back) {
  if (front.size() + back.size() > 1) octets_ = SharedOctets(front, back);
}

std::optional<DnsName> DnsName::Parse(std::string_view text) {
  if (text == ".") return DnsName();
  // A label is looked at when it has ended, so that one more has to fit.
  std::array<char, kMaxNameWireOctets + 1 + kMaxLabelOctets + 1> wire;
  std::size_t size = 0;
  while (!text.empty()) {
    const std::size_t length_at = size++;
    while (!text.empty() && text[0] != '.') {
      const std::optional<char> octet = TakeOctet(text);
      if (!octet || size - length_at > kMaxLabelOctets) return std::nullopt;
      wire[size++] = ToAsciiLower(*octet);
    }
    if (!text.empty()) text.remove_prefix(1);  // The dot; nothing after it means a trailing one.
    const std::size_t length = size - length_at - 1;
    // One octet more is needed for the root.
    if (length == 0 || size + 1 > kMaxNameWireOctets) return std::nullopt;
    wire[length_at] = static_cast<char>(length);
  }
  if (size == 0) return std::nullopt;
  wire[size++] = '\0';
  return DnsName(std::string_view(wire.data(), size));
}

std::optional<DnsName> DnsName::FromWire(std::span<const std::uint8_t> wire) {
  if (wire.size() > kMaxNameWireOctets) return std::nullopt;
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != 0) {
    if (wire[at] > kMaxLabelOctets) return std::nullopt;
    at += std::size_t{1} + wire[at];
  }
  if (at + 1 != wire.size()) return std::nullopt;
  std::array<char, kMaxNameWireOctets> folded;
  // Length octets are at most 63, so that none looks like a capital letter ('A' is 65).
  std::transform(wire.begin(), wire.end(), folded.begin(),
                 [](std::uint8_t octet) { return ToAsciiLower(static_cast<char>(octet)); });
  return DnsName(std::string_view(folded.data(), wire.size()));
}

std::optional<DnsName> DnsName::WithPrefix(std::string_view prefix) const {
  const std::optional<DnsName> front = Parse(prefix);
  if (!front) return std::nullopt;
  const std::string_view labels = front->wire().substr(0, front->wire().size() - 1);
  if (labels.size() + wire().size() > kMaxNameWireOctets) return std::nullopt;
  return DnsName(labels, wire());
}

DnsName DnsName::LastLabels(std::size_t labels) const {
  const LabelOffsets all(wire());
  if (labels >= all.count) return *this;
  if (labels == 0) return DnsName();
  return DnsName(wire().substr(all.offsets[all.count - labels]));
}

std::size_t DnsName::label_count() const {
  const std::string_view wire = this->wire();
  std::size_t count = 0;
  for (std::size_t at = 0; LabelLength(wire, at) != 0; at += 1 + LabelLength(wire, at)) ++count;
  return count;
}

bool DnsName::IsWithin(const DnsName& ancestor) const {
  // Only label by label: octets of a label can look like the length octet of another.
  const std::string_view wire = this->wire();
  std::size_t at = 0;
  while (wire.size() - at > ancestor.wire().size()) at += 1 + LabelLength(wire, at);
  return wire.substr(at) == ancestor.wire();
}

std::string DnsName::ToString() const {
  if (is_root()) return ".";
  const std::string_view wire = this->wire();
  std::string text;
  text.reserve(wire.size());
  for (std::size_t at = 0; LabelLength(wire, at) != 0; at += 1 + LabelLength(wire, at)) {
    if (at != 0) text += '.';
    for (char octet : LabelAt(wire, at)) AppendOctet(text, octet);
  }
  return text;
}

std::strong_ordering operator<=>(const DnsName& a, const DnsName& b) {
  if (a.octets_.IsSharedWith(b.octets_)) return std::strong_ordering::equal;
  const std::string_view a_wire = a.wire();
  const std::string_view b_wire = b.wire();
  const LabelOffsets a_labels(a_wire);
  const LabelOffsets b_labels(b_wire);
  const std::size_t shared = std::min(a_labels.count, b_labels.count);
  for (std::size_t i = 1; i <= shared; ++i) {
    const int order = LabelAt(a_wire, a_labels.offsets[a_labels.count - i])
                          .compare(LabelAt(b_wire, b_labels.offsets[b_labels.count - i]));
    if (order != 0) return order <=> 0;
  }
  return a_labels.count <=> b_labels.count;
}

}  // namespace helovet
