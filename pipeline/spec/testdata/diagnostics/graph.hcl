locals {
  a = local.b + 1
  b = local.c
  c = local.a
  d = local.d
  e = local.a
  f = locl.a
}

stage "train" "x" {
  data  = generate.y.dataset
  start = train.z.model
  steps = 10
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "z" {
  data  = train.x.model
  steps = 10
  start = train.x.model
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "self" {
  data  = generate.y.dataset
  steps = 10
  start = train.self.model
  optimizer "sgd" { rate = 0.1 }
}

stage "probe" "after" {
  model = train.z.model
}

stage "generate" "y" {
  dimensions = local.e
  core       = parity(4)
  spurious   = parity(2)
}

stage "generate" "y" {
  dimensions = 3
}

stage "genrate" "k" {
  whatever = 1
}

stage "probe" "of_unknown" {
  model = genrate.k.model
}

stage "Probe" "Upper-Case" {}

stage "probe" {
}

sweep "s" { a = [1] }
sweep "s" { a = [2] }
variable "v" { default = 1 }
variable "v" { default = 2 }
locals { a = 3 }
claim "c" {
  says = "x"
  test "exists" { table = generate.y.dataset }
}
claim "c" {
  says = "x"
  test "exists" { table = generate.y.dataset }
}
stages "probe" "x" {}
descripton = "x"
