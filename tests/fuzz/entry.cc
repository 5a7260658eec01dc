// libFuzzer's way in, the same for all targets.
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  helovet::fuzz::Try({reinterpret_cast<const char*>(octets), size});
  return 0;
}
