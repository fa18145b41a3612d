sweep "grid" { task = ["easy", "hard"] }

stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
}

# A check has the body of a claim, and its mistakes.
check "columns" {
  for_each = [{ check = 1, other = 2 }]
  says     = "x${each.check}"
  test "exists" { table = generate.data[{ task = "easy" }] }
}

check "bare" {
  reason = "x"
  proof "x" {}
}

check "twice" {
  says    = "x"
  setting = "theirs"
  test "exists" { table = generate.data[{ task = "easy" }] }
  test "exists" { table = generate.data[{ task = "hard" }] }
}

check "inside" {
  says = "x"
  test "trend" {
    for_each  = sweep.grid
    table     = check.outside.verdict
    x         = check.inside.verdict
    y         = "y"
    direction = "increasing"
  }
}

check "inside" {
  says = "x"
  test "exists" { table = check.bare.verdict }
}

stage "check" "one" {}

checks "one" {}
