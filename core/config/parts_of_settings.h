// What the table of settings is put together from; see config/settings.h.
#ifndef HELOVET_CORE_CONFIG_PARTS_OF_SETTINGS_H_
#define HELOVET_CORE_CONFIG_PARTS_OF_SETTINGS_H_

#include <span>
#include <utility>

#include "config/settings.h"
#include "config/values.h"

namespace helovet {

// Of the checks of senders: senders, dmp, spf and cbv.
[[nodiscard]] std::span<const Setting> SenderSettings();
// Of what surrounds the checks: store, redis, opensmtpd, metrics and dns.
[[nodiscard]] std::span<const Setting> ServiceSettings();

// Puts a value that was read into its field.
template <typename T, typename Field>
ValueErrorOr<void> Store(ValueErrorOr<T> value, Field& field) {
  if (!value) return tl::make_unexpected(std::move(value.error()));
  field = std::move(*value);
  return {};
}

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_PARTS_OF_SETTINGS_H_
