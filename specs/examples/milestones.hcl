# When is a feature learned? Where no run gets to a correlation of 0.95, as on images, a level can be a share of
# what runs of the same experiment reach without the spurious correlation: their ceiling.
#
#   spurion run specs/examples/milestones.hcl

description = "Learned, as a share of what is reached without the spurious correlation"

sweep "runs" {
  strength = [0.5, 0.65, 0.8]
  seed     = range(8)
}

stage "generate" "small" {
  for_each   = sweep.runs
  dimensions = 12
  core       = parity(3)
  spurious   = parity(1)
  strength   = each.strength
  samples    = 300
}

stage "train" "erm" {
  for_each = generate.small
  data     = each.dataset
  steps    = 3000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.1 }
  learned { core = 0.5 } # core_learned_step and core_phase_width in summary
}

# Levels that are seen afterwards train nothing again.
stage "milestones" "shares" {
  tables    = train.erm[*].history
  reference = train.erm[{ strength = 0.5 }].history
  levels    = [0.7, 0.9]
}

claim "stronger_is_slower" {
  says = "The stronger the spurious correlation, the later the core reaches 0.7 of what it reaches without."
  test "trend" {
    table     = milestones.shares.table
    x         = "strength"
    y         = "reached_step"
    direction = "increasing"
    where     = { level = "0.7" }
    missing   = "above"
  }
}
