// How one DNS question of a validation, or of a callback, is shown.
#ifndef HELOVET_CORE_RENDER_EXCHANGE_H_
#define HELOVET_CORE_RENDER_EXCHANGE_H_

#include <chrono>
#include <string>

#include "helovet/verdict.h"
#include "nlohmann/json_fwd.hpp"

namespace helovet {

// "0.412 ms"
[[nodiscard]] std::string Milliseconds(std::chrono::microseconds took);

[[nodiscard]] nlohmann::ordered_json ExchangeJson(const Exchange& exchange);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_EXCHANGE_H_
