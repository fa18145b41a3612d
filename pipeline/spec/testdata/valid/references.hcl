# Every form of reference.
variable "use_start" { default = false }

sweep "grid" {
  strength = [0.5, 0.9]
  seed     = [1, 2]
}

stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 10
  core       = parity(4)
  spurious   = parity(2)
}

stage "generate" "clean" {
  for_each   = { for s in [1, 2] : "s${s}" => s }
  seed       = each.value
  dimensions = 10
  core       = parity(4)
  spurious   = parity(2)
  strength   = 0.5
}

stage "generate" "one" {
  dimensions = 10
  core       = parity(4)
  spurious   = parity(2)
}

stage "train" "erm" {
  for_each   = generate.parity
  data       = each.dataset
  start      = var.use_start ? train.first.model : null
  steps      = 10
  depends_on = [generate.one]
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "first" {
  data  = generate.one
  steps = 10
  optimizer "sgd" { rate = 0.1 }
}

# the data of the same seed, but of another strength
stage "retrain" "shifted" {
  for_each = train.erm
  data     = generate.parity[{ strength = 0.5 }].dataset
  model    = each.model
}

stage "retrain" "by_condition" {
  for_each = train.erm
  data     = each.strength > 0.7 ? each.dataset : generate.one.dataset
  model    = each.model
}

stage "retrain" "next_seed" {
  for_each = [for p in sweep.grid : p if p.seed == 1]
  data     = generate.parity[{ seed = each.seed + 1 }].dataset
  model    = train.erm.model
}

stage "table" "all" {
  tables = train.erm.summary
}

stage "table" "per_strength" {
  for_each = [{ strength = 0.5 }, { strength = 0.9 }]
  tables   = [train.erm.summary, retrain.shifted.summary]
}

stage "table" "regardless" {
  for_each = [{ strength = 0.5 }]
  tables   = concat(train.erm[*].summary, [train.first.summary])
}

stage "exec" "script" {
  command = ["sh", "run.sh", 3, 0.5, true]
  inputs = {
    b = train.first.summary
    a = generate.parity[{ strength = 0.9, seed = 2 }].dataset
  }
  files   = ["project/run.sh", "project/../project/data.csv"]
  report  = exec.maker.log
  inherit = ["HOME"]
  output "fit" { path = "fit.parquet" }
}

stage "exec" "maker" {
  command     = ["make", filesha256("project/run.sh")]
  environment = { B = 1, A = "x" }
}

stage "table" "dynamic" {
  tables = [exec.script.fit]
}

claim "one" {
  says   = "All of them, in ${join(" and ", ["one", "two"])}."
  source = "R1"
  setting = "paper"
  test "trend" {
    table     = [train.erm.summary, train.first.summary]
    x         = "strength"
    y         = "y"
    direction = "increasing"
  }
}

claim "two" {
  says = "One."
  test "exists" { table = train.erm[{ seed = 1, strength = 0.9 }].summary }
}

stage "table" "verdicts" {
  tables = [claim.one.verdict, claim.two.verdict]
}
