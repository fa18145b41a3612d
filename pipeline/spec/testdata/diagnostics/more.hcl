description = 3

sweep "grid" {
  strength = [0.5, 0.9]
  seed     = [1, 2]
}

stage "generate" "a" {
  for_each   = sweep.grid
  dimensions = 50
  dimensions = 51
  core       = parity(4)
  spurious   = parity(2)
  version    = 3
}

stage "train" "b" {
  data       = generate.a[{ strength = 0.5, seed = 3 }].dataset
  steps      = 10
  depends_on = [generate.a.dataset, "x", generate.b, generate.a["k"]]
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "c" {
  for_each = [{ strength = 0.7 }]
  data     = generate.a[{ seed = 1 }].dataset
  steps    = 10
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "d" {
  for_each = sweep.grid
  data     = each.strength > 0.7 ? generate.a.dataset : null
  steps    = each.strength > 0.7 ? 10 : "ten"
  batch    = each
  optimizer "sgd" { rate = each.rate }
}

stage "train" "e" {
  for_each = generate.a
  data     = each.dataset.rows
  start    = var.nothing ? each.dataset : null
  steps    = each.value
  optimizer "sgd" { type = "sgd" }
}

stage "table" "f" {
  tables = { a = generate.a.dataset }
}

stage "table" "g" {
  for_each = { x = 1 }
  tables   = [{ a = generate.a.dataset }, each.value, generate.a[{ seed = each.value + 5 }].dataset]
}

stage "table" "h" {
  for_each = generate.a[{ sed = 1 }]
  tables   = generate.a[0].dataset
}

stage "exec" "i" {
  for_each = { x = ["a"], y = [] }
  command  = each.value
  output "only" { path = "${each.key}.parquet" }
  environment = { PATH = null }
}

stage "table" "j" {
  tables = exec.i
}

stage "table" "k" {
  for_each = [1, 2]
  tables   = [train.c.summary, train.c.model[0]]
}

stage "train" "l" {
  for_each = var.x ? sweep.grid : generate.a
  data     = generate.a.dataset
}

claim "m" {
  says = "x"
  test "trend" {
    table      = train.c[*]
    x          = local.y
    y          = <<EOT
      text
    EOT
    direction  = "increasing"
    depends_on = [train.c]
  }
}
