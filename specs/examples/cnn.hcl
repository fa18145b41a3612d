# A convolutional network beside a fully connected one, on Dominoes of a part of Fashion-MNIST that lies in
# specs/data/fashion-mnist: a dress or a coat above a trouser or a sneaker. Images are mirrored and moved at random in training.
#
#   spurion run specs/examples/cnn.hcl

description = "A CNN and an MLP on Dominoes"

sweep "data" {
  strength = [0.5, 0.95]
  seed     = range(2)
}

stage "import" "garments" {
  files = ["specs/data/fashion-mnist/*.gz"]
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
  files = ["specs/data/fashion-mnist/*.gz"]
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
  for_each            = sweep.data
  core                = import.garments.dataset
  spurious            = import.beneath.dataset
  strength            = each.strength
  validation_strength = 0.5
  samples             = 800
}

# After the two pools an image of 1 x 56 x 28 is 32 channels of 11 x 4.
stage "train" "erm" {
  for_each = [compose.dominoes, {
    mlp = { hidden = [64] }
    cnn = {
      type   = "cnn"
      input  = [1, 56, 28]
      layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
      hidden = [64]
    }
  }]
  data    = each.dataset
  epochs  = 4
  network = each.value
  augment {
    flip = true
    crop = 2
  }
  optimizer "sgd" {
    rate     = 0.01
    momentum = 0.9
  }
  evaluation { every_epochs = 1 }
}

stage "figure" "core" {
  table = train.erm[*].history
  title = "The core correlation of an MLP and of a CNN"
  plot "curves" {
    x       = "epoch"
    y       = ["core_correlation"]
    color   = "key"
    facet   = "strength"
    y_label = "core correlation"
  }
}

# The last layer, trained again on balanced data.
stage "retrain" "llr" {
  for_each = [train.erm, compose.dominoes]
  model    = each.model
  data     = each.dataset
}
