#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "helovet/statistics.h"

namespace helovet {
namespace {

constexpr std::size_t kYearDigits = 4;
constexpr std::size_t kMonthOctets = 7;  // "2026-11"

// Digits alone: no sign, no blank.
std::optional<unsigned> ParseDigits(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Month Month::Now() {
  const std::chrono::year_month_day today(
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  return {static_cast<int>(today.year()), static_cast<unsigned>(today.month())};
}

std::optional<Month> Month::Parse(std::string_view text) {
  if (text.size() != kMonthOctets || text[kYearDigits] != '-') return std::nullopt;
  const std::optional<unsigned> year = ParseDigits(text.substr(0, kYearDigits));
  const std::optional<unsigned> month = ParseDigits(text.substr(kYearDigits + 1));
  if (!year || !month || *month < 1 || *month > 12) return std::nullopt;
  return Month{static_cast<int>(*year), *month};
}

std::string Month::ToString() const {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u", year, month);
  return text.data();
}

}  // namespace helovet
