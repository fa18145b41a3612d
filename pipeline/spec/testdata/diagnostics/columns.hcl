sweep "grid" {
  rate = [0.1, 0.2]
  seed = range(2)
}

stage "generate" "g" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
}

stage "train" "t" {
  for_each = sweep.grid
  data     = generate.g.dataset
  steps    = 10
  optimizer "sgd" { rate = each.rate }
}

# The axis rate is inherited, and the table has a column of that name.
stage "probe" "p" {
  for_each = train.t
  model    = each.model
}

# An axis that the setting of its name is taken from is that column.
stage "probe" "layers" {
  for_each = sweep.layers
  model    = train.t[{ rate = 0.1, seed = 0 }].model
  layer    = each.layer
}

stage "probe" "shifted" {
  for_each = sweep.layers
  model    = train.t[{ rate = 0.1, seed = 0 }].model
  layer    = each.layer + 1
}

sweep "layers" { layer = [0, 1] }

# Axes are columns too; "-" stands before a name where rows are sorted.
stage "table" "right" {
  tables  = [probe.p[*].summary, probe.layers[*].summary]
  columns = ["seed", "accuracy", "layer"]
  where   = { seed = 1, layer = ">= 1" }
  sort    = ["-accuracy", "seed"]
  by      = "nowhere" # the default
}

stage "table" "wrong" {
  tables  = probe.p[*].summary
  columns = ["accuracy", "acuracy", "-layer"]
  where   = { sede = 1, layer = 1 }
  sort    = ["-accuracy", "-rat"]
  by      = upper("seed")
  part "line" { value = ["nothing_like_it"] }
}

stage "table" "object" {
  tables = probe.p[*].summary
  part   = { form = "bar", value = ["layer", "lyer"] }
}

# Each instance names its own.
stage "table" "each" {
  for_each = ["accuracy", "acuracy"]
  tables   = probe.p[*].summary
  columns  = [each.key]
}

# What only a run decides may have any column.
stage "table" "unknown" {
  tables  = [probe.p[*].summary, train.t[*].summary]
  columns = ["anything"]
}

claim "wrong" {
  says = "The accuracy falls."
  test "trend" {
    table     = probe.p.summary
    x         = "rates"
    y         = "accuracy"
    direction = "down"
  }
}
