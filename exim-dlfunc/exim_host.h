// What Exim offers to a module, where it is Exim that has loaded it.
#ifndef HELOVET_EXIM_DLFUNC_EXIM_HOST_H_
#define HELOVET_EXIM_DLFUNC_EXIM_HOST_H_

#include <cstddef>
#include <functional>
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

// Removes from the message that is being received the header fields of which `unwanted` says so: it
// is given a whole field, with its name and its line ends. Returns how many. Only the ACLs that see
// the message's header have any to remove; they are gone for all that comes after.
std::size_t RemoveHeaderFields(const std::function<bool(std::string_view field)>& unwanted);

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_EXIM_HOST_H_
