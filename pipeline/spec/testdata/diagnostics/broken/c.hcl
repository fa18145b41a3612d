stage "train" "d" {
  data  = generate.b.dataset
  steps = -1
  start = generate.unknown.model
  optimizer "sgd" { rate = var.perhaps + local.perhaps }
  optimizer "sgd" { rate = -1 }
}
