sweep "grid" {
  strength = [0.6, 0.9]
  seed     = range(3)
}

stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(2)
}

stage "train" "erm" {
  for_each = generate.partiy
  data     = each.dataset
  steps    = each.anything
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "one" {
  for_each = generate.parity
  data     = each.datasett
  steps    = each.key
  batch    = generate.parity.dataset
  optimizer "sgd" { rate = each.dataset }
}

stage "train" "two" {
  data  = generate.parity.dataset
  steps = each.seed
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "three" {
  for_each = ["a", "b"]
  data     = generate.parity[{strenght = 0.6}].dataset
  start    = generate.parity[{strength = 0.7}].dataset
  steps    = each.value
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "four" {
  for_each = generate.parity
  data     = [each.dataset]
  start    = generate.parity[*].dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "five" {
  for_each = generate.parity.dataset
  data     = each.dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}

stage "probe" "p" {
  for_each = generate.parity
  model    = each.dataset
}

stage "probe" "q" {
  model = "a string"
}

stage "probe" "r" {
  model = trian.erm.model
}

stage "probe" "s" {
  model = upper(generate.parity.dataset)
}

stage "probe" "t" {
  for_each = sweep.gird
  model    = generate.parity.dataset.x.y
}

stage "probe" "u" {
  for_each   = grid
  depends_on = [generate.nothing, generate.parity.dataset, "x"]
}

claim "c" {
  says = "It is."
  test "trend" {
    table     = generate.parity.summary
    x         = each.seed
    y         = "y"
    direction = "up"
    for_each  = sweep.grid
  }
}

claim "d" {
  test "trent" {}
}

claim "e" {
  says    = 3
  saids   = ""
  setting = "theirs"
}

claim "f" {
  says = "Two."
  test "exists" { table = generate.parity[{strength = 0.6, seed = 0}].dataset }
  test "exists" {}
}

stage "train" "chosen" {
  for_each = [for p in generate.parity : p if p.strength > 0.6]
  data     = each.dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "compared" {
  for_each = generate.parity[{ strength = "> 0.6" }]
  data     = each.dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}
