sweep "grid" { task = ["easy", "hard"] }

stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
}

stage "train" "erm" {
  for_each = generate.data
  data     = each.dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}

# A check and a claim may have one name, and what a check found is an output like another.
check "learned" {
  for_each     = sweep.grid
  says         = "The core feature of the ${each.task} task is learned."
  allow_failed = 1
  test "trend" {
    table     = train.erm[{ task = each.task }].summary
    x         = "x"
    y         = "y"
    direction = "increasing"
  }
}

claim "learned" {
  says = "It has a verdict."
  test "exists" {
    table = check.learned[{ task = "easy" }].verdict
  }
}
