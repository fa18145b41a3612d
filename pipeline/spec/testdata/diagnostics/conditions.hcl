sweep "grid" {
  algorithm = ["erm", "jtt", "lff"]
  strength  = [0.6, 0.75, 0.9]
}

stage "method" "runs" {
  for_each = sweep.grid
  method   = each.algorithm
}

# What is taken along keeps its values; what is computed may be anything.
stage "keep" "some" {
  tables  = method.runs[*].summary
  columns = ["selection"]
  result "strengthened" {}
}

stage "keep" "wrong" {
  tables = method.runs[*].summary
  result "n" {
    where = { selection = "bets", note = "anything", method = "!= gdro" }
  }
}

stage "keep" "by_rule" {
  for_each = [{ rule = "best" }, { rule = "worst" }]
  tables   = method.runs.summary
  result "n" {
    where = { selection = each.rule }
  }
}

claim "axes" {
  says = "Values that no instance has, and signs that are no operator."
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    larger  = { strength = 0.95, algorithm = "jt" }
    smaller = { strength = "high", algorithm = "> erm" }
    where   = { strength = "> 0.2 and < 0.6" }
  }
}

claim "operators" {
  says = "x"
  test "compare" {
    table  = method.runs.summary
    y      = "accuracy"
    larger = { strength = "0.9" }
    where  = { selection = "last", accuracy = "=> 0.5" }
  }
}

claim "kept" {
  says = "x"
  test "compare" {
    table   = keep.some.table
    y       = "strengthened"
    larger  = { selection = "lost", strengthened = "anything" }
    smaller = { selection = "last", algorithm = "fll" }
  }
}

claim "overlap" {
  for_each = [{ least = 0.8 }, { least = 0.7 }]
  says     = "x"
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    larger  = { strength = ">= ${each.least}", selection = "last" }
    smaller = { strength = "<= 0.75", selection = "last" }
    where   = { algorithm = "!= erm" }
  }
}

claim "all" {
  says = "x"
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    smaller = { algorithm = "jtt" }
  }
}
