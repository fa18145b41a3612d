variable "rate" {
  default = -1
}

sweep "grid" {
  rate = [0.1, 0, -0.5]
  seed = range(3)
}

stage "generate" "a" {
  dimensions = 50.5
  core       = parity(4)
  spurious   = parity("two")
  strengh    = 0.5
  note       = ["a"]
}

stage "generate" "b" {
  dimensions = 5
  core       = parity(4)
  spurious   = parity(2)
}

stage "generate" "c" {
  dimensions = "50"
  core       = parity
  spurious   = staircas(2)
  strength   = 1 + 0.5
}

stage "generate" "d" {
  dimensions = 50
  core       = parity(1, 2)
  spurious   = staircase()
}

stage "generate" "e" {
  dimensions = 50
  core       = parity(31)
  spurious   = staircase(2, -1)
  core { degree = 3 }
  seed       = 9223372036854775808
}

stage "train" "erm" {
  for_each = sweep.grid
  data     = generate.a.dataset
  steps    = 1e400
  batch    = 0
  shuffle  = "yes"
  network {
    hidden     = [10, 0]
    activation = "rely"
    depth      = 3
  }
  optimizer "sgd" {
    rate  = each.rate
    decay = 0.1
  }
}

stage "train" "other" {
  data  = generate.a.dataset
  steps = null
  network "wide" {}
  optimizer "adamw" { rate = 0.1 }
  resume = 3
  network {}
  network {}
}

stage "train" "third" {
  data  = generate.a.dataset
  steps = 10
  optimizer "sgd" { rate = var.rate }
}

stage "train" "fourth" {
  data = generate.a.dataset
  steps = 1e-400
}

stage "train" "fifth" {
  data      = generate.a.dataset
  steps     = 10
  optimizer = { name = "adamw" }
}

stage "train" "sixth" {
  data      = generate.a.dataset
  steps     = 10
  optimizer = { type = "adamw" }
}
