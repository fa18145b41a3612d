# Job a of `bench train` as an experiment: the same training with several seeds.

variable "seeds" {
  type    = number
  default = 16
}

variable "steps" {
  type    = number
  default = 20000
}

stage "generate" "parity" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
  strength   = 0.9
}

stage "train" "erm" {
  for_each = [for s in range(var.seeds) : { seed = s }]
  data     = generate.parity.dataset
  steps    = var.steps
  batch    = 64
  network { hidden = [100] }
  optimizer "sgd" { rate = 0.05 }
  evaluation {
    every  = var.steps
    points = 1024
  }
  checkpoints { every = var.steps }
}
