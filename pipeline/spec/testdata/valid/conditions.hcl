sweep "grid" {
  algorithm = ["erm", "jtt"]
  strength  = [0.6, 0.9]
}

stage "method" "runs" {
  for_each = sweep.grid
  method   = each.algorithm
}

# Whether these groups share rows only the data can tell, or they are of two columns, or one has what the other has not.
claim "data_can_tell" {
  says = "x"
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    larger  = { strength = 0.90, note = "a" }
    smaller = { strength = "0.9", note = "!= a" }
  }
}

claim "two_columns" {
  says = "x"
  test "compare" {
    table     = method.runs.summary
    y         = "accuracy"
    y_smaller = "note"
    where     = { algorithm = "jtt", selection = "!= last" }
  }
}

claim "apart" {
  says = "x"
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    larger  = { strength = "> 0.6" }
    smaller = { strength = "<= 0.6", method = "jtt" }
    where   = { strength = "> 0.2 and < 0.95" }
  }
}

claim "where_parts_them" {
  says = "x"
  test "compare" {
    table   = method.runs.summary
    y       = "accuracy"
    larger  = { strength = ">= 0.6" }
    smaller = { algorithm = "erm", strength = "0.6", note = "b" }
  }
}
