sweep "grid" { seed = range(10) }

stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
}

# A kind that needs all that it is given.
stage "train" "erm" {
  for_each     = generate.data
  data         = each.dataset
  steps        = 10
  allow_failed = 1
  optimizer "sgd" { rate = 0.1 }
}

# Neither a number of instances nor a share of them.
stage "table" "negative" {
  tables       = train.erm[*].summary
  allow_failed = -1
}
stage "table" "between" {
  tables       = train.erm[*].summary
  allow_failed = 1.5
}
stage "table" "percent" {
  tables       = train.erm[*].summary
  allow_failed = "10%"
}
stage "figure" "each" {
  for_each     = sweep.grid
  tables       = train.erm[*].summary
  allow_failed = each.seed
}
stage "table" "misspelt" {
  tables        = train.erm[*].summary
  allowed_faild = 1
}

# Of a claim it stands beside the test.
claim "inside" {
  says = "It rises."
  test "trend" {
    table        = train.erm[*].summary
    x            = "seed"
    y            = "seed"
    direction    = "increasing"
    allow_failed = 1
  }
}
claim "single" {
  says         = "It is there."
  allow_failed = 1
  test "exists" { table = train.erm[{ seed = 0 }].summary }
}
