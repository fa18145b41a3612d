# The block resources: its names, values and places.

sweep "grid" {
  seed = [1, 2]
  need = [8, 16]
}

stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  resources {
    cpus   = 0
    memry  = "8GB"
    memory = 8
    time   = "tomorrow"
    gpus   = each.need > 8 ? -1 : 1
    extra {}
  }
  resources { cpus = 2 }
}

stage "generate" "single" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  resources "large" {}
}

stage "generate" "other" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  resources {
    cpus   = each.seed
    memory = "${generate.data.dataset}GB"
  }
}

stage "generate" "equals" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  resources  = { cpus = 2 }
}

stage "generate" "typo" {
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  resource { cpus = 2 }
}
