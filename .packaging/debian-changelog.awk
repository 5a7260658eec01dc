# Debian's form of docs/CHANGELOG.md: "## [VERSION] - YEAR-MONTH-DAY" begins a version, "- " an item,
# which goes on in the lines after it. What has no version, as "Unreleased", is left out. The newest
# version gets the package's revision, older ones had 1. Variables: package, version, revision,
# maintainer.

# Writes the item that has been gathered, in lines of 78 columns at most.
function write_item(    words, count, i, line) {
  if (item == "") return
  count = split(item, words, " ")
  line = "  *"
  for (i = 1; i <= count; ++i) {
    if (length(line) + 1 + length(words[i]) > 78 && line != "  *") {
      print line
      line = "   "
    }
    line = line " " words[i]
  }
  print line
  item = ""
  ++items
}

function finish(    clock, stamp) {
  if (day == "") return
  write_item()
  if (!items) print "  * New version."
  clock = "LC_ALL=C date -uR -d " day
  clock | getline stamp
  close(clock)
  print "\n -- " maintainer "  " stamp "\n"
  day = ""
}

/^## / {
  finish()
  if (!match($0, /[0-9]+\.[0-9]+\.[0-9]+/)) next
  number = substr($0, RSTART, RLENGTH)
  if (++versions == 1 && number != version) exit 1
  if (!match($0, /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/)) exit 1
  day = substr($0, RSTART, RLENGTH)
  print package " (" number "-" (versions == 1 ? revision : 1) ") stable; urgency=medium\n"
  items = 0
  next
}

day == "" { next }
/^- / { write_item(); item = substr($0, 3); next }
/^ +[^ ]/ && item != "" { item = item " " $0; next }
{ write_item() }

END {
  finish()
  if (!versions || number == "") exit 1
}
