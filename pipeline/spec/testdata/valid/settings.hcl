# Every form of a setting; the canonical values are what a key is made of.
variable "core" { default = staircase(3) }

locals {
  rates = logspace(-3, -1, 3)
  later = local.rates[2]
  body  = { hidden = [5], activation = "tanh" }
}

stage "generate" "calls" {
  seed       = 1e3
  dimensions = 100
  core       = any_of([parity(2), negate(table([0, 1])), var.core])
  spurious   = negate(negate(parity(5)))
  note       = 12.50
}

stage "generate" "plain" {
  dimensions = 100
  core       = var.core
  spurious   = staircase(3, 1)
  strength   = 0.1 + 0.2
  note       = null
}

stage "train" "blocks" {
  data     = generate.plain.dataset
  steps    = 9007199254740993
  schedule = concat(local.rates, linspace(0, 1, 3), [1 / 3, 1e21, 5e-324])
  shuffle  = !true
  network {
    activation = "tanh"
    hidden     = [for i in range(3) : pow(2, i)]
  }
  optimizer "adam" {
    rate  = local.later
    decay = -0
  }
  resume {}
}

stage "train" "objects" {
  data      = generate.plain.dataset
  steps     = max(1, 2)
  network   = local.body
  optimizer = { type = "sgd", rate = 1, momentum = 0.9 }
}

stage "train" "varying" {
  for_each = [{ name = "x", size = 1 }, { name = "y", size = 20 }]
  data     = generate.plain.dataset
  steps    = each.size
  batch    = each.size > 10 ? 5 : null
  network { hidden = [each.size] }
  optimizer "adam" {
    rate  = each.size
    decay = each.name == "x" ? null : 0.5
  }
}

stage "exec" "sets" {
  command = []
  output "b" { path = "b" }
  output "a" {
    path   = "a"
    format = "file"
  }
}
