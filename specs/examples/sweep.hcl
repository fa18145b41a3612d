# A sweep of two axes: how long does a core parity take, depending on how strong the spurious
# correlation is and on how complex the spurious feature is?
#
#   spurion run specs/examples/sweep.hcl

description = "Strength of the correlation against complexity of the spurious feature"

variable "seeds" {
  type        = number
  default     = 2
  description = "How many seeds each setting is repeated with."
}

# Every combination: 3 strengths x 3 functions x 2 seeds. The values of an axis are numbers, text,
# true and false, or functions such as parity(2).
sweep "grid" {
  strength = [0.6, 0.8, 0.9]
  spurious = [parity(1), parity(2), parity(3)]
  seed     = range(var.seeds)
}

stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 14
  core       = parity(3)
  spurious   = each.spurious
  strength   = each.strength # seed is each.seed unless given
}

# One training for each data set. It has the axes of the data set, which are also the first columns
# of all its tables.
stage "train" "erm" {
  for_each = generate.parity
  data     = each.dataset
  steps    = 4000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
  evaluation { every = 50 }
  stop { core_correlation = 0.99 }
}

# The columns that matter, of all 18 trainings, in out/sweep/tables/table.learned.table.parquet.
stage "table" "learned" {
  tables  = train.erm.summary
  columns = ["core_learned_step", "spurious_peak"]
  sort    = ["spurious", "strength"]
}
