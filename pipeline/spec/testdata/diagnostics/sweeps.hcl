sweep "a" {
  one   = 3
  two   = [1, 2, 1]
  three = [1, "x"]
  four  = [[1], [2]]
  value = [1]
  Five  = [1]
  six   = [1, null]
  seven = range(1e9)
  eight = range(0, 10, -1)
  nine  = [1e400]
  ten   = [each.x]
}

sweep "none" {}

sweep "block" {
  x = [1]
  y {}
}

sweep "empty" {
  a = []
}

sweep "huge" {
  a = range(1000)
  b = range(1000)
}

sweep "huger" {
  a = range(100000)
  b = range(100000)
  c = range(100000)
}

sweep "ok" {
  strength = [0.5, 0.7]
  seed     = [1, 2]
}

sweep "other" {
  strength = [0.1]
}

sweep "words" {
  strength = ["low"]
}

stage "probe" "huge" {
  for_each = sweep.huge
  model    = train.m.model
}

stage "probe" "huger" {
  for_each = sweep.huger
  model    = train.m.model
}

stage "probe" "nothing_shared" {
  for_each = [sweep.ok, sweep.other]
  model    = train.m.model
}

stage "probe" "types" {
  for_each = [sweep.ok, sweep.words]
  model    = train.m.model
}

stage "probe" "twice" {
  for_each = [sweep.ok, sweep.ok]
  model    = train.m.model
}

stage "probe" "number" {
  for_each = 3
  model    = train.m.model
}

stage "probe" "mixed" {
  for_each = [{ a = 1 }, { b = 1 }]
  model    = train.m.model
}

stage "probe" "deep" {
  for_each = [{ a = [1] }]
  model    = train.m.model
}

stage "probe" "pairs" {
  for_each = setproduct([1, 2], ["a"])
  model    = train.m.model
}

stage "probe" "same" {
  for_each = [{ a = 1 }, { a = 1 }]
  model    = train.m.model
}

stage "probe" "sub" {
  for_each = sweep.ok.strength
  model    = train.m.model
}

stage "generate" "named" {
  for_each   = [{ dataset = 1 }]
  dimensions = 5
  core       = parity(1)
  spurious   = parity(1)
}

stage "train" "named" {
  for_each = generate.named
  data     = generate.named.dataset
  steps    = 1
  optimizer "sgd" { rate = 1 }
}

stage "train" "m" {
  data  = generate.g.dataset
  steps = 1
  optimizer "sgd" { rate = 1 }
}

stage "generate" "g" {
  dimensions = 5
  core       = parity(1)
  spurious   = parity(1)
}

stage "retrain" "r" {
  for_each = [train.m, train.named]
  data     = each.dataset
  model    = each.model
}
