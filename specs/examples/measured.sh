# Keeps the runs that are asked for: $1 is the least accuracy of a run that counts as finished.
# An empty field is a null: the second run at 0.95 never got there.
awk -F, -v least="$1" '
  NR == 1 { print "strength,run,steps,finished"; next }
  { print $1 "," $2 "," $3 "," ($4 >= least ? "true" : "false") }
' specs/examples/measured.csv > runs.csv
