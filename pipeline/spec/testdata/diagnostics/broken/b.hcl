stage "train" "c" {
  data  = generate.a.dataset
  start = generate.unknown.model
  steps = -1
  optimizer "sgd" { rate = var.perhaps }
}
x = 1 +
