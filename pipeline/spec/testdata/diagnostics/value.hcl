# Two maps, or two lists, have elements of their own.
stage "generate" "g" {
  for_each   = { a = { size = 10 }, b = { size = 20 } }
  dimensions = each.value.size
  core       = parity(4)
  spurious   = parity(2)
}

stage "train" "maps" {
  for_each = [generate.g[{ key = "a" }], [{ steps = 1 }], { a = { rate = 1 } }]
  data     = each.dataset
  steps    = each.value.steps
  optimizer "sdg" { rate = 1 }
}

stage "train" "lists" {
  for_each = [[{ steps = 1 }], [{ size = 1 }]]
  data     = generate.g[{ key = "a" }].dataset
  steps    = each.value.steps
  optimizer "adma" { rate = 1 }
}
