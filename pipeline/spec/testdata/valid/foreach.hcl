# Every form of for_each, and what each then holds.
variable "small" { default = true }

sweep "grid" {
  strength = [0.5, 1]
  seed     = range(2)
}

sweep "seeds" { seed = [1, 2, 3] }

sweep "functions" { core = [parity(3), staircase(2, 0.5), staircase(2, 1)] }

stage "generate" "grid" {
  for_each   = sweep.grid
  dimensions = 10 + each.seed
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}

# whole functions as values of an axis, crossed with a sweep
stage "generate" "functions" {
  for_each   = [sweep.functions, sweep.seeds]
  dimensions = 10
  core       = each.core
  spurious   = parity(1)
}

# a chain: the axes are inherited, the data found two levels up
stage "train" "chain" {
  for_each = generate.grid
  data     = each.dataset
  steps    = each.strength * 10
  optimizer "sgd" { rate = 0.1 }
}

stage "retrain" "last" {
  for_each = train.chain
  data     = each.dataset
  model    = each.model
}

# a stage and a sweep that share an axis are joined on it; the inherited axes come first
stage "probe" "joined" {
  for_each = [sweep.seeds, train.chain]
  model    = each.model
}

# two stages that descend from one sweep match up
stage "retrain" "both" {
  for_each = [train.chain, generate.grid]
  data     = each.dataset
  model    = each.model
}

stage "probe" "scalars" {
  for_each = ["a", "b"]
  model    = train.chain[{ strength = 1, seed = 0 }].model
}

stage "generate" "objects" {
  for_each   = [{ size = 5, label = "x" }, { size = 9, label = "y" }]
  dimensions = each.size
  note       = "${each.label}-${each.value.size}"
  core       = parity(1)
  spurious   = parity(1)
}

stage "generate" "map" {
  for_each = {
    short = { dimensions = 5, core = parity(2) }
    long  = { dimensions = 50, core = negate(parity(3)) }
  }
  dimensions = each.value.dimensions
  core       = each.value.core
  spurious   = parity(1)
  note       = each.key
}

# each.value is inherited, and a keyed stage is selected by its key
stage "train" "map" {
  for_each = generate.map
  data     = each.dataset
  steps    = each.value.dimensions
  optimizer "sgd" { rate = 0.1 }
}

stage "probe" "short" {
  model = train.map["short"].model
}

stage "probe" "chosen" {
  for_each = var.small ? sweep.seeds : sweep.grid
  model    = train.map[{ key = "long" }].model
}

stage "probe" "product" {
  for_each = [for p in setproduct([1, 2], ["x"]) : { a = p[0], b = p[1] }]
  model    = train.map["long"].model
}

# a sweep is also a list of objects: keep some of its points
stage "probe" "filtered" {
  for_each = [for p in sweep.grid : p if p.strength > 0.5]
  model    = train.chain.model
}

# some instances of a stage
stage "probe" "some" {
  for_each = train.chain[{ strength = 0.5 }]
  model    = each.model
}

