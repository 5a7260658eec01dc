// What Exim offers to a module, where it is Exim that has loaded it.
#ifndef HELOVET_EXIM_DLFUNC_EXIM_HOST_H_
#define HELOVET_EXIM_DLFUNC_EXIM_HOST_H_

#include <string>
#include <string_view>

namespace helovet {

// Writes one line to Exim's main log; nothing in another host. `line` is printable.
void WriteMainLog(std::string_view line);

// Is Exim printing debugging output (exim -d)?
[[nodiscard]] bool HostIsDebugging();

// Prints `text` line by line to Exim's debugging output.
void PrintDebug(std::string_view text);

// `text` in memory of Exim's that is marked as tainted, so that Exim refuses to use it as a file
// name or a query; Exim frees it with the message. Null where the host cannot do that.
[[nodiscard]] char* CopyTainted(const std::string& text);

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_EXIM_HOST_H_
