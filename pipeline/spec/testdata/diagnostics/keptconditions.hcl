sweep "grid" {
  algorithm = ["erm", "jtt", "lff"]
  strength  = [0.6, 0.75, 0.9]
}

stage "method" "runs" {
  for_each = sweep.grid
  method   = each.algorithm
}

# What is taken along keeps its values; what is computed may be anything.
stage "keep" "of_erm" {
  tables   = method.runs[{ algorithm = "erm" }].summary
  columns  = ["method"]
  best     = { accuracy = "highest" }
  result "n" {
    where = { strength = "0.6" }
  }
}

# One method is left by the reference.
claim "chosen" {
  says = "x"
  test "compare" {
    table   = keep.of_erm.table
    y       = "n"
    larger  = { method = "jtt" }
    smaller = { method = "erm", algorithm = "lff" }
  }
}
