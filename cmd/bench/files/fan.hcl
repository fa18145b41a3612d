# One instance, many that read it, and one that reads them all: the shape of Snakefile beside this file.
# The many are trainings of one step with different seeds, about the least that a sweep can compute.

variable "instances" {
  type    = number
  default = 5000
}

sweep "many" { seed = range(var.instances) }

stage "generate" "one" {
  dimensions = 2
  core       = parity(1)
  spurious   = parity(1)
  strength   = 0.9
}

stage "train" "many" {
  for_each = sweep.many
  data     = generate.one.dataset
  steps    = 1
  batch    = 1
  network { hidden = [1] }
  optimizer "sgd" { rate = 0.1 }
}

stage "table" "all" {
  tables = train.many[*].summary
}
