# Debian's form of docs/CHANGELOG.md: "## VERSION ... YEAR-MONTH-DAY" begins a version, "- " or "* " an
# item, which goes on in the lines after it. The newest version gets the package's revision, older
# ones had 1. Variables: package, version, revision, maintainer.
#
# A version without a date, which is one that is not out, has the time of the build.

function finish() {
  if (!open) return
  if (!items) print "  * New version."
  clock = "LC_ALL=C date -uR -d " (day == "" ? "now" : day)
  clock | getline stamp
  close(clock)
  print "\n -- " maintainer "  " stamp "\n"
  open = 0
}

function begin(number, of_revision) {
  print package " (" number "-" of_revision ") stable; urgency=medium\n"
  open = 1
  items = 0
}

/^## / {
  finish()
  number = match($0, /[0-9]+(\.[0-9]+)+/) ? substr($0, RSTART, RLENGTH) : version
  day = match($0, /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/) ? substr($0, RSTART, RLENGTH) : ""
  if (++entries == 1 && number != version) {
    print "debian-changelog.awk: the newest version is " number " and not " version > "/dev/stderr"
    exit 1
  }
  begin(number, entries == 1 ? revision : 1)
  in_item = 0
  next
}

open && /^[-*] / { print "  * " substr($0, 3); ++items; in_item = 1; next }
open && /^ +[^ ]/ && in_item { sub(/^ +/, ""); print "    " $0; next }
/^$/ { in_item = 0 }

END { finish() }
