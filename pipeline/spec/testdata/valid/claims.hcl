sweep "grid" {
  task     = ["easy", "hard"]
  strength = [0.5, 0.9]
}

stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(each.task == "easy" ? 2 : 4)
  spurious   = parity(1)
  strength   = each.strength
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

stage "figure" "curves" {
  for_each = ["easy", "hard"]
  tables   = train.erm[{ task = each.key }].summary
}

stage "figure" "by_task" {
  for_each = [{ task = "easy" }, { task = "hard" }]
  tables   = train.erm.summary
}

# A figure of what a claim's test wrote, which the claim shows.
stage "figure" "verdict" {
  tables = [claim.pooled.verdict]
}

# The table is that of all instances, whatever the claim's own axes; brackets choose.
claim "pooled" {
  for_each = [{ task = "easy", word = "simple" }, { task = "hard", word = "difficult" }]
  says     = "Each ${each.word} task."
  source   = "R1"
  setting  = each.task == "easy" ? "paper" : "ours"
  figures  = [figure.by_task, figure.verdict]
  test "trend" {
    table     = train.erm.summary
    x         = each.task
    y         = "y"
    direction = "increasing"
  }
}

claim "chosen" {
  for_each = { easy = "increasing", hard = "decreasing" }
  says     = "As expected."
  figures  = each.key == "easy" ? figure.curves : figure.curves[*]
  test "trend" {
    table     = train.erm[{ task = each.key }].summary
    x         = "x"
    y         = "y"
    direction = each.value
  }
}

# For each instance of a stage, outputs of its own, and of what is further up.
claim "own" {
  for_each = probe.decoded[{ strength = 0.9 }]
  says     = "Of ${each.task} alone."
  figures  = []
  test "trend" {
    table     = [each.summary, each.model]
    x         = "layer"
    y         = "accuracy"
    direction = "increasing"
  }
}

claim "one_artifact" {
  for_each = train.erm
  says     = "It is there."
  test "exists" {
    table = each.summary
  }
}
