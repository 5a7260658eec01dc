#include "helovet/session_log.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "session_log/exim_line.h"
#include "session_log/plain_line.h"
#include "session_log/smtpd_sessions.h"

namespace helovet {
namespace {

constexpr std::array kFormats = {LogFormat::kPlain, LogFormat::kExim, LogFormat::kOpenSmtpd};

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool IsOf(LogFormat format, std::string_view line) {
  switch (format) {
    case LogFormat::kPlain:
      return ReadPlainLine(line).kind == LogLine::Kind::kSession;
    case LogFormat::kExim:
      return EximMessage(line).has_value();
    case LogFormat::kOpenSmtpd:
      break;
  }
  return SmtpdMessage(line).has_value();
}

}  // namespace

std::string_view ToString(LogFormat format) {
  switch (format) {
    case LogFormat::kPlain:
      return "plain";
    case LogFormat::kExim:
      return "exim";
    case LogFormat::kOpenSmtpd:
      break;
  }
  return "opensmtpd";
}

std::optional<LogFormat> ParseLogFormat(std::string_view token) {
  const auto* const found =
      std::ranges::find_if(kFormats, [&](LogFormat format) { return ToString(format) == token; });
  if (found == kFormats.end()) return std::nullopt;
  return *found;
}

std::optional<LogFormat> DetectLogFormat(std::span<const std::string> lines) {
  std::array<std::ptrdiff_t, kFormats.size()> counts{};
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    counts[i] = std::ranges::count_if(lines, [&](const std::string& line) {
      return line.size() <= kMaxSessionLineOctets && IsOf(kFormats[i], WithoutCarriageReturn(line));
    });
  }
  const auto* const most = std::ranges::max_element(counts);
  if (*most == 0) return std::nullopt;
  return kFormats[static_cast<std::size_t>(std::distance(counts.cbegin(), most))];
}

SessionLogReader::SessionLogReader(LogFormat format) : format_(format) {
  if (format_ == LogFormat::kOpenSmtpd) smtpd_ = std::make_unique<SmtpdSessions>();
}

SessionLogReader::~SessionLogReader() = default;

LogLine SessionLogReader::Read(std::string_view line) {
  if (line.size() > kMaxSessionLineOctets) {
    if (format_ != LogFormat::kPlain) return LogLine{};
    return LogLine{.kind = LogLine::Kind::kMalformed,
                   .session = std::nullopt,
                   .problem = "it is longer than 65536 octets"};
  }
  line = WithoutCarriageReturn(line);
  switch (format_) {
    case LogFormat::kPlain:
      return ReadPlainLine(line);
    case LogFormat::kExim:
      return ReadEximLine(line);
    case LogFormat::kOpenSmtpd:
      break;
  }
  const std::optional<std::string_view> message = SmtpdMessage(line);
  return message ? smtpd_->Read(*message) : LogLine{};
}

std::uint64_t SessionLogReader::incomplete() const {
  return smtpd_ == nullptr ? 0 : smtpd_->incomplete();
}

}  // namespace helovet
