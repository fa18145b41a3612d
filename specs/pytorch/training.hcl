# A training in PyTorch, measured like Spurion's own: its checkpoints are probed, they get new last layers, its predictions are scored.
#
#   pip install -r specs/pytorch/requirements.txt
#   spurion run specs/pytorch/training.hcl
#   spurion run --var device=cuda specs/pytorch/training.hcl     on a GPU, or not at all
#
# The data are the Dominoes of specs/images.hcl: a dress or a coat is the label, a trouser or a sneaker below goes with it in a share λ
# of the training images. train.py writes, beside its checkpoints, the activations of the last hidden layer as a data set and the
# last layers as a model on it; docs/pytorch.md says how. Settings are ours.

description = "Dominoes of Fashion-MNIST, trained in PyTorch"

variable "seeds" {
  type        = number
  default     = 2
  description = "How many seeds each setting is repeated with."
}

variable "first_seed" {
  type        = number
  default     = 0
  description = "The first seed."
}

variable "device" {
  type        = string
  default     = "auto"
  description = "Where PyTorch computes: cpu; cuda, which wants a GPU; or auto, a GPU where there is one. CUDA_VISIBLE_DEVICES chooses which."
  validation {
    condition     = contains(["auto", "cpu", "cuda"], var.device)
    error_message = "There is no such device: auto, cpu and cuda are."
  }
}

variable "epochs" {
  type        = number
  default     = 8
  description = "Passes over the 1,600 training images, 25 steps each."
}

locals {
  files  = ["specs/data/fashion-mnist/*.gz"]
  rate   = 0.01
  batch  = 64
  steps  = [for s in [0, 10, 50, 100, 200] : s if s <= 25 * var.epochs]
  lambda = { "0.5" = "λ = .5", "0.95" = "λ = .95" }
}

sweep "grid" {
  strength = [0.5, 0.95]
  seed     = range(var.first_seed, var.first_seed + var.seeds)
}

stage "import" "garments" {
  files = local.files
  label {
    keep  = { 3 = 0, 4 = 1 }
    names = ["dress", "coat"]
  }
  split {
    fractions = { train = 0.8, validation = 0.2 }
    stratify  = "class"
  }
}

stage "import" "beneath" {
  files = local.files
  label {
    keep  = { 1 = 0, 7 = 1 }
    names = ["trouser", "sneaker"]
  }
  split {
    fractions = { train = 0.8, validation = 0.2 }
    stratify  = "class"
  }
}

stage "compose" "dominoes" {
  for_each            = sweep.grid
  core                = import.garments.dataset
  spurious            = import.beneath.dataset
  layout              = "stack"
  strength            = each.strength
  validation_strength = 0.5
  test_strength       = 0.5
}

stage "exec" "training" {
  for_each = compose.dominoes
  command  = concat(["python3", "specs/pytorch/train.py", var.device, var.epochs, local.rate], local.steps)
  files    = ["specs/pytorch/train.py", "specs/pytorch/tables.py", "specs/pytorch/requirements.txt"]
  inputs   = { data = each.dataset }
  seed     = each.seed
  pass     = ["CUDA_VISIBLE_DEVICES"] # which GPU is no part of the result
  # One thread for each instance, of which several run at a time; and what PyTorch's deterministic algorithms need on a GPU.
  environment = {
    OMP_NUM_THREADS         = 1
    CUBLAS_WORKSPACE_CONFIG = ":4096:8"
  }

  output "features" {
    path = "features.parquet"
    type = "dataset"
  }
  output "model" {
    path = "model.parquet"
    type = "model"
  }
  output "predictions" { path = "predictions.parquet" }
  output "base" { path = "base.parquet" }
  output "checkpoints" {
    path   = "checkpoints"
    format = "folder"
  }
  output "backbone" {
    path   = "backbone.pt"
    format = "file"
  }
}

# What a linear classifier reads off each checkpoint, beside the untrained network of step 0. The columns random_... are of random
# mixtures of all checkpoints' features, and say nothing here.
stage "probe" "decoded" {
  for_each = exec.training
  model    = each.model
  data     = each.features
  controls = 1
}

# Each checkpoint as it is, and with its last layer fitted anew on held-out images, equally many of each group.
stage "retrain" "llr" {
  for_each = exec.training
  model    = each.model
  data     = each.features
}

stage "score" "pytorch" {
  for_each     = exec.training
  data         = compose.dominoes[{ strength = each.strength, seed = each.seed }].dataset
  predictions  = each.predictions
  method       = "erm in PyTorch"
  label_access = "group: selection (validation)"
  selection    = ["last", "best_validation_worst_group"]
}

# Deep feature reweighting of the steps that the rules selected.
stage "head" "dfr" {
  for_each = exec.training
  model    = each.model
  base     = each.base
  data     = each.features
  head "dfr" {}
}

# The same network and settings in Spurion, from other initial weights.
stage "debias" "erm" {
  for_each = compose.dominoes
  data     = each.dataset
  method "erm" {}
  epochs = var.epochs
  batch  = local.batch
  network "cnn" {
    layers = [conv(8, 5, 2), relu(), conv(16, 5, 2), relu()]
    hidden = [64]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = 0.9
  }
  evaluation { every = 50 }
}

stage "table" "methods" {
  tables  = [score.pytorch[*].summary, head.dfr[*].summary, debias.erm[*].summary]
  columns = ["strength", "seed", "method", "selection", "accuracy", "worst_group_accuracy", "core_correlation", "spurious_correlation"]
}

stage "figure" "correlations" {
  table   = retrain.llr[*].history
  title   = "A network of PyTorch, by Spurion's measures"
  caption = "600 test images, 150 of each group"
  where   = { step = ">= 10" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation_before", "spurious_correlation_before", "core_correlation_after"]
    facet   = "strength"
    x_scale = "log"
    spread  = "range"
    y_label = "correlation with the network's output"
    names   = merge(local.lambda, { core_correlation_before = "core", spurious_correlation_before = "spurious", core_correlation_after = "core, last layer retrained" })
  }
}
