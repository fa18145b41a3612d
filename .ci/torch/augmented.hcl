# Trainings whose samples are changed at random, and two whose samples are not, for test_augmented.py, which makes the images.

locals {
  layers = [conv(4, 3, 1, 1), batch_norm(), relu(), max_pool(2), conv(6, 3, 2), relu()]
  plain  = [normalise([0.1, -0.2, 0], [1.5, 1, 0.8]), conv(5, 3), relu(), average_pool(2)]
}

stage "import" "images" {
  files = [external("made/images.npz")]
  inputs { array = "x" }
  label { array = "y" }
  split { fractions = { train = 0.8, validation = 0.2 } }
}

stage "train" "sgd" {
  data  = import.images.dataset
  steps = 40
  batch = 25
  network "cnn" {
    layers = local.layers
    hidden = [8]
  }
  optimizer "sgd" {
    rate     = 0.03
    momentum = 0.9
    nesterov = true
  }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}

stage "train" "sgd_flip_crop" {
  data  = import.images.dataset
  seed  = 5
  steps = 40
  batch = 25
  network "cnn" {
    layers = local.layers
    hidden = [8]
  }
  augment {
    flip = true
    crop = 2
  }
  optimizer "sgd" {
    rate     = 0.05
    momentum = 0.9
  }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}

stage "train" "sgd_all" {
  data  = import.images.dataset
  seed  = -3
  steps = 40
  batch = 25
  network "cnn" {
    layers = local.plain
    hidden = [8]
  }
  augment {
    flip  = true
    crop  = 1
    noise = 0.3
  }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}

stage "train" "adam" {
  data  = import.images.dataset
  steps = 40
  batch = 25
  network "cnn" {
    layers = local.plain
    hidden = [8]
  }
  optimizer "adam" { rate = 0.005 }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}

stage "train" "adam_flip_crop" {
  data  = import.images.dataset
  seed  = 2
  steps = 40
  batch = 25
  network "cnn" {
    layers = local.plain
    hidden = [8]
  }
  augment {
    flip = true
    crop = 3
  }
  optimizer "adam" { rate = 0.005 }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}

stage "train" "adam_noise" {
  data  = import.images.dataset
  seed  = 4
  steps = 40
  batch = 25
  network { hidden = [8] }
  augment { noise = 0.5 }
  optimizer "adam" { rate = 0.005 }
  evaluation { every = 1 }
  checkpoints { at = [0] }
}
