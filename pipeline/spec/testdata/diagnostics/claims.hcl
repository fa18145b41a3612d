sweep "grid" {
  task = ["easy", "hard"]
  seed = [1, 2]
}

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

stage "probe" "decoded" {
  for_each = train.erm
  model    = each.model
}

stage "figure" "by_seed" {
  for_each = [{ seed = 1 }]
  tables   = train.erm.summary
}

# Axes that are columns of claims.parquet, of its own and of the verdicts.
claim "columns" {
  for_each = [{ says = 1, estimate = 2, p_adjusted = 3, other = 4 }]
  says     = "x"
  test "trend" {
    table     = train.erm.summary
    x         = "x${each.says}${each.estimate}${each.p_adjusted}"
    y         = "y"
    direction = "increasing"
  }
}

claim "texts" {
  for_each = sweep.grid
  says     = each.seed
  source   = "Of ${each.sed}"
  setting  = each.task == "easy" ? "paper" : "theirs"
  figures  = [train.erm, figure.by_seed, figure.by_seed.svg, figure.by_sed, each.task]
  test "trend" {
    table     = train.erm[{ task = each.task, seed = each.seed }].summary
    x         = "x"
    y         = "y"
    direction = each.direction
  }
}

claim "no_axes" {
  says    = "Of ${each.seed}"
  figures = "figure.by_seed"
  test "trend" {
    table     = each.summary
    x         = "x"
    y         = "y"
    direction = "increasing"
  }
}

claim "several" {
  for_each = sweep.grid
  says     = "One of many."
  test "exists" {
    table = train.erm.summary
  }
}

claim "inside" {
  says = "x"
  test "exists" {
    for_each    = sweep.grid
    description = "x"
    table       = train.erm[{ task = "easy", seed = 1 }].summary
  }
}

claim "upstream" {
  for_each = train.erm
  says     = each.summary
  figures  = [each.model]
  test "exists" {
    table = each.nothing
  }
}

claim "untested" {
  for_each = sweep.grid
  says     = "Of ${each.anything} and ${other}"
}

claim "itself" {
  for_each = claim.itself
  says     = "x"
  test "exists" {
    table = each.verdict
  }
}

claim "unknown_column" {
  for_each = [{ layer = "depth" }, { layer = "layer" }]
  says     = "x"
  test "trend" {
    table     = probe.decoded.summary
    x         = each.layer
    y         = "accuracy"
    direction = "increasing"
  }
}
